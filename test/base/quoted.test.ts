import * as fc from "fast-check";
import { expect, test } from "vitest";
import { quoted } from "../../src/base/quoted.ts";

test("shows a text as it is written, backslashes included", () => {
  expect(quoted("v\\d+ é 日本")).toBe('"v\\d+ é 日本"');
});

test.each([
  ["a line break", "a\nb", '"a\\u{a}b"'],
  ["a terminal's escape", "\u001b[31m", '"\\u{1b}[31m"'],
  ["a byte order mark", "\ufeffalpine", '"\\u{feff}alpine"'],
  ["a blank that is none", "a\u00a0b", '"a\\u{a0}b"'],
  ["half a character", "a\ud800", '"a\\u{d800}"'],
])("spells out %s", (_, text, shown) => {
  expect(quoted(text)).toBe(shown);
});

test("cuts what is long", () => {
  expect(quoted("a".repeat(1_000_000))).toHaveLength(203);
});

test("holds nothing that does not show, whatever the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      expect(quoted(text)).not.toMatch(/(?! )[\p{C}\p{Z}]/u);
    }),
  );
});
