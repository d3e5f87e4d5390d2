import * as fc from "fast-check";
import { RE2JS } from "re2js";
import { describe, expect, test } from "vitest";
import { compilePattern, PatternInvalid } from "../../src/dialect/pattern.ts";

function matches(text: string, name: string): boolean {
  return compilePattern(text).matches(name);
}

describe("a pattern", () => {
  test.each([
    ["latest", "latest"],
    ["1.2", "1x2"],
    ["v.", "v😀"],
    ["", ""],
    ["v1.*", "v1.2.3"],
    ["a1|3", "a1-and-more"],
    ["a1|3", "ends-in-3"],
    ["^v1$", "v1"],
    ["(?i)RC", "rc"],
    ["\\Qa.b\\E", "a.b"],
    ["(?P<n>a)(?P<n>b)", "ab"],
    ["\\p{latin}", "é"],
    ["\\p{Letter}+", "Ωé"],
    ["[\\p{decimal number}-]+", "1-٣"],
    ["\\P{ascii}", "é"],
    ["[[:alpha:]\\p{ASCII}]", "1"],
    ["*-alpine", "3-alpine"],
    ["\\", "$ and more"],
  ])("%s matches %j", (text, name) => {
    expect(matches(text, name)).toBe(true);
  });

  test.each([
    ["latest", "latest-2"],
    ["latest", "Latest"],
    ["1.2", "1\n2"],
    ["1.2", "10.2"],
    ["..", "😀"],
    ["", "a"],
    ["v1.*", "xv1.2"],
    [".*", "a\nb"],
    ["v1", "v1\n"],
    ["\\Qa.b\\E", "axb"],
    ["\\p{ASCII}", "é"],
  ])("%s does not match %j", (text, name) => {
    expect(matches(text, name)).toBe(false);
  });

  test("keeps the text it was made of", () => {
    expect(compilePattern("v1.*").text).toBe("v1.*");
  });
});

describe("is refused in Go's words", () => {
  test.each([
    ["(a", "missing closing ): `^(a$`"],
    ["a)", "unexpected ): `^a)$`"],
    ["[a", "missing closing ]: `[a$`"],
    ["a**", "invalid nested repetition operator: `**`"],
    ["a{1001}", "invalid repeat count: `{1001}`"],
    ["(?!a)", "invalid or unsupported Perl syntax: `(?!`"],
    ["(?<=a)b", "invalid named capture: `(?<=a)b$`"],
    ["(a)\\1", "invalid escape sequence: `\\1`"],
    ["\\p{latin", "invalid character class range: `\\p{latin$`"],
    ["\\p{Script=Greek}", "invalid character class range: `\\p{Script=Greek}`"],
    ["[z-a]", "invalid character class range: `z-a`"],
    ["[\\", "missing closing ]: `[\\$`"],
  ])("%s", (text, complaint) => {
    const compile = (): unknown => compilePattern(text);

    expect(compile).toThrow(PatternInvalid);
    expect(compile).toThrow(`error parsing regexp: ${complaint}`);
  });

  test("with what the dialect leaves out, and without the whole of a long text", () => {
    expect(() => compilePattern(`(${"a".repeat(100_000)}`)).toThrow(
      /^.{1,500}; patterns are Go's \(RE2\), without look-around and back-references$/,
    );
  });
});

describe("short cuts give the answer of the engine", () => {
  const name = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "B", "1", ".", "-", "_", "\n", "😀", "\ud800", "é") }),
    fc.string({ unit: "binary" }),
  );

  test("for plain texts", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "B", "1", ".", "-", "_"), maxLength: 5 });
    fc.assert(
      fc.property(text, name, (pattern, tag) => {
        expect(matches(pattern, tag)).toBe(RE2JS.compile(`^${pattern}$`).matcher(tag).find());
      }),
    );
  });

  test("for what is compiled late", () => {
    const atom = fc.constantFrom("a", "1", ".", "\\.", "\\d", "\\W", "[0-9]", "[1-9a-z.]", "-", "[abc]");
    const item = fc.tuple(atom, fc.constantFrom("", "*", "+", "?")).map((parts) => parts.join(""));
    const pattern = fc
      .tuple(fc.constantFrom("", "^"), fc.array(item, { maxLength: 6 }), fc.constantFrom("", "$"))
      .map(([start, items, end]) => start + items.join("") + end);
    fc.assert(
      fc.property(pattern, name, (text, tag) => {
        expect(matches(text, tag)).toBe(RE2JS.compile(`^${text}$`).matcher(tag).find());
      }),
    );
  });
});

describe("whatever the text", () => {
  const piece = fc.constantFrom(
    ..."a . \\ | ( ) [ ] { } ? * + ^ $ - , : < > P i Q E p d 0 1 \\Q \\E (?P< (?i) [: :] \\p{ [^ {2} 😀".split(" "),
  );
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.array(piece).map((parts) => parts.join("")),
  );

  test("it is a pattern or refused, and a pattern answers for any name", () => {
    fc.assert(
      fc.property(texts, texts, (text, name) => {
        try {
          expect(typeof matches(text, name)).toBe("boolean");
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(PatternInvalid);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("whether it is refused does not wait for a name", () => {
    fc.assert(
      fc.property(texts, (text) => {
        let pattern: ReturnType<typeof compilePattern> | undefined;
        try {
          pattern = compilePattern(text);
        } catch {
          return;
        }
        expect(() => pattern.matches("any")).not.toThrow();
      }),
      { numRuns: 1_000 },
    );
  });

  // A matcher that backtracks needs longer than the universe is old for the first of these.
  test.each([
    ["(a+)+b", "a"],
    ["(a|a)*b", "a"],
    ["(.*)*x", "a"],
    ["a*a*a*a*a*b", "a"],
  ])("%s looks at each character of a long name a bounded number of times", (text, character) => {
    expect(matches(text, character.repeat(20_000))).toBe(false);
  });
});
