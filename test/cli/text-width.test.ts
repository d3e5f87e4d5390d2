import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keepEnd, keepStart, textWidth } from "../../src/cli/text-width.ts";

test.each([
  ["alpine:3.19", 11],
  ["", 0],
  ["日本", 4],
  ["é", 1],
  ["e\u0301", 1],
  ["\u0301", 0],
  ["ｆｕｌｌ", 8],
  ["한글", 4],
  ["😀", 2],
  ["👨‍👩‍👧", 2],
  ["❤\ufe0f", 2],
  ["한", 2],
])("counts the cells of %j", (text, cells) => {
  expect(textWidth(text)).toBe(cells);
});

test.each([
  ["docker.io/library/alpine:3.19", 29, "docker.io/library/alpine:3.19"],
  ["docker.io/library/alpine:3.19", 14, "...alpine:3.19"],
  ["日本日本", 7, "...日本"],
  ["日本日本", 6, "...本"],
  ["alpine", 3, "..."],
  ["alpine", 2, ".."],
  ["alpine", 0, ""],
  ["alpine", -5, ""],
])("keeps the end of %j in %i cells", (text, cells, kept) => {
  expect(keepEnd(text, cells)).toBe(kept);
});

test("keeps whole letters only", () => {
  expect(keepStart("日本", 3)).toBe("日");
  expect(keepStart("a👨‍👩‍👧", 2)).toBe("a");
  expect(keepStart("e\u0301e", 1)).toBe("e\u0301");
  expect(keepStart("abc", -1)).toBe("");
});

test("never takes more cells than there are", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 20 }), (text, cells) => {
      expect(textWidth(keepStart(text, cells))).toBeLessThanOrEqual(cells);
      expect(textWidth(keepEnd(text, cells))).toBeLessThanOrEqual(cells);
    }),
  );
});
