import { expect, test } from "vitest";
import { splitWords, trimSpace } from "../../src/dialect/white-space.ts";

test.each(["\t", "\n", "\v", "\f", "\r", " ", "\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000"])(
  "%j separates words and is trimmed",
  (space) => {
    expect(splitWords(`${space}a${space}${space}b${space}`)).toEqual(["a", "b"]);
    expect(trimSpace(`${space}a${space}b${space}`)).toBe(`a${space}b`);
  },
);

test.each(["\ufeff", "\u200b", "\u180e", "\u001f"])("%j belongs to the word it stands in", (character) => {
  expect(splitWords(`a${character}b`)).toEqual([`a${character}b`]);
  expect(trimSpace(`${character}a`)).toBe(`${character}a`);
});

test("a blank text has no words", () => {
  expect([splitWords(""), splitWords(" \n"), trimSpace(" \n")]).toEqual([[], [], ""]);
});
