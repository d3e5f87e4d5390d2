import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromBytes, runeAt, runeCount, runesOf, runeToBytes, toBytes } from "../../src/template/bytes.ts";

test("any text comes back from its bytes as it was", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(fromBytes(toBytes(text))).toBe(text);
      expect(toBytes(text)).toHaveLength(Buffer.byteLength(text));
    }),
  );
});

test("the characters of bytes are those of the text", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      const codes = Array.from(text, (character) => character.codePointAt(0));

      expect(Array.from(runesOf(toBytes(text)), ({ code }) => code)).toEqual(codes);
      expect(runeCount(toBytes(text))).toBe(codes.length);
    }),
  );
});

test("all bytes belong to a character, whether they are UTF-8 or not", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (array) => {
      const bytes = Buffer.from(array).toString("latin1");

      const sizes = Array.from(runesOf(bytes), ({ size }) => size);

      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(bytes.length);
    }),
  );
});

test.each([
  ["a byte that starts nothing", "\x80"],
  ["a byte that UTF-8 never uses", "\xff"],
  ["a character that is cut off", "\xe2\x9c"],
  ["a character written too long", "\xc0\xaf"],
  ["half of a surrogate pair", "\xed\xa0\x80"],
  ["a number above all characters", "\xf4\x90\x80\x80"],
])("%s counts as one replacement character of one byte", (_name, bytes) => {
  expect(runeAt(bytes, 0)).toEqual({ code: 0xfffd, size: 1 });
});

test("a number that is no character is written as the replacement character", () => {
  expect([0xd800, 0x110000, -1].map(runeToBytes)).toEqual(Array(3).fill("\xef\xbf\xbd"));
});
