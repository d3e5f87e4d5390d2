import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { topLevelAlternatives } from "../../src/dialect/pattern-alternatives.ts";
import { compilePattern } from "../../src/dialect/pattern.ts";
import { patternTokens } from "../../src/dialect/pattern-tokens.ts";

describe("warns of an alternative outside a group, and says what it matches and what to write", () => {
  test.each([
    ["a1|3", 'begins with "a1" or ends with "3"; write "(a1|3)" to match whole names only'],
    ["a|b|c", 'begins with "a" or contains "b" or ends with "c"; write "(a|b|c)"'],
    ["a|", 'begins with "a" or ends with ""; write "(a|)"'],
    ["(?i)rc|beta", 'begins with "(?i)rc" or ends with "beta"; write "((?i)rc|beta)"'],
    ["v\\d+$|latest", 'is "v\\d+$" or ends with "latest"'],
    [".*-rc|.*-beta", 'begins with ".*-rc" or is ".*-beta"'],
    ["price\\$|b", 'begins with "price\\$" or ends with "b"'],
    ["a|b|c|d|e|f|g", 'begins with "a" or contains "b" or contains "c" or contains "d" or contains "e" or …'],
  ])("%s", (text, sentence) => {
    expect(topLevelAlternatives(text)).toContain(sentence);
  });
});

test.each([
  ["has none", "v1.*"],
  ["is empty", ""],
  ["has it in a group", "(a|b)"],
  ["has it in a nested group", "x(?:(a|b)|c)y"],
  ["has it in a named group", "(?P<n>a|b)"],
  ["has it in a class", "[a|b]"],
  ["has it in a class that begins with a bracket", "[]|]"],
  ["has it in a class with a named class", "[[:alpha:]|]"],
  ["has it in a negated class", "[^]|]"],
  ["escapes it", "a\\|b"],
  ["quotes it", "\\Qa|b\\E"],
  ["quotes it up to the end", "\\Qa|b"],
  ["binds every alternative itself", "^a$|^b$"],
  ["binds an alternative behind a backslash that is escaped", "a\\\\$|^b"],
  ["lets every inner end be anything", "v1.*|.*-rc"],
])("says nothing of a pattern that %s", (_, text) => {
  expect(topLevelAlternatives(text)).toBeUndefined();
});

test("a pattern without a warning means the same with a group around it", () => {
  const piece = fc.constantFrom("a", "b", "|", "(a|b)", "[|]", "\\|", ".*", "^", "$", "^a$", "(?:b)");
  const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  const name = fc.string({ unit: fc.constantFrom("a", "b", "|"), maxLength: 6 });
  fc.assert(
    fc.property(pattern, name, (text, tag) => {
      fc.pre(topLevelAlternatives(text) === undefined);

      expect(compilePattern(text).matches(tag)).toBe(compilePattern(`(${text})`).matches(tag));
    }),
  );
});

describe("tokens", () => {
  test("joined are the pattern they were cut from", () => {
    const piece = fc.constantFrom(
      "\\",
      "[",
      "]",
      "(",
      ")",
      "|",
      "\\Q",
      "\\E",
      "\\p{",
      "}",
      "(?P<",
      ">",
      "[:",
      "a",
      "\n",
      "😀",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(patternTokens(text).join("")).toBe(text);
      }),
    );
  });

  test.each(["\\p{", "[", "(?P<", "\\Q", "\\", "[[:a", "(", "[^]", "[:a:]"])(
    "a hundred thousand of %s never look back",
    (piece) => {
      expect(patternTokens(piece.repeat(100_000)).join("")).toHaveLength(piece.length * 100_000);
    },
  );
});
