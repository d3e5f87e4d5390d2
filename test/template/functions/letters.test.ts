import { describe, expect, test } from "vitest";
import { fromBytes, toBytes } from "../../../src/template/bytes.ts";
import { toLower, toUpper } from "../../../src/template/functions/letters.ts";

describe("a letter becomes one letter, where JavaScript would make none or several", () => {
  test.each([
    ["ß", "ß"],
    ["ﬁ", "ﬁ"],
    ["ŉ", "ŉ"],
    ["ᾳ", "ᾼ"],
    ["ᾀ", "ᾈ"],
    ["ǆ", "Ǆ"],
    ["é", "É"],
    ["ı", "I"],
  ])("%s in capitals is %s", (small, capital) => {
    expect(fromBytes(toUpper(toBytes(small)))).toBe(capital);
  });

  test("a dotted capital I becomes an i, and a final sigma is no other sigma", () => {
    expect(fromBytes(toLower(toBytes("İΑΣ")))).toBe("iασ");
  });
});

test("bytes that are no character become the replacement character", () => {
  expect(toUpper("a\xff")).toBe("A\xef\xbf\xbd");
});

test("texts of ASCII stay of ASCII", () => {
  expect([toUpper("abc-Xyz_1"), toLower("ABC-Xyz_1")]).toEqual(["ABC-XYZ_1", "abc-xyz_1"]);
});
