import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, parseVersion, type Version } from "../../src/dialect/version.ts";
import { parseVersionRange, VersionRangeInvalid } from "../../src/dialect/version-range.ts";
import { readVectors } from "../support/vectors.ts";

interface CheckVector {
  readonly op: "check";
  readonly constraint: string;
  readonly version: string;
  readonly result?: boolean;
  readonly error?: "constraint" | "version";
}

function check(constraint: string, text: string): Pick<CheckVector, "result" | "error"> {
  try {
    const range = parseVersionRange(constraint);
    const version = parseVersion(text);
    return version === undefined ? { error: "version" } : { result: range.includes(version) };
  } catch (thrown) {
    if (thrown instanceof VersionRangeInvalid) return { error: "constraint" };
    throw thrown;
  }
}

function version(text: string): Version {
  return parseVersion(text) ?? expect.unreachable(`${JSON.stringify(text)} is no version`);
}

test("includes the versions that regsync includes", () => {
  const cases = readVectors<CheckVector>("semver.jsonl").filter((vector) => vector.op === "check");

  const answers = cases.map((vector) => ({
    op: vector.op,
    constraint: vector.constraint,
    version: vector.version,
    ...check(vector.constraint, vector.version),
  }));

  expect(cases.length).toBeGreaterThan(5_000);
  expect(answers).toEqual(cases);
});

describe("refuses what is no range and says what to write", () => {
  test.each([
    ["", "it is blank; write a range such as >=1.2 <2"],
    [" \t", "it is blank"],
    [">= 1.0", 'write the version directly behind ">=", without a space'],
    [">=1 || <3", "|| is not known; write one item of semverRange for each alternative"],
    [">=1,<3", "separate the terms by spaces, not by commas"],
    ["1.2.x", "wildcards are not known; write >=1.2 <1.3 instead of 1.2.x"],
    ["*", "wildcards are not known"],
    ["!=1.0", '"!=" is none of = > >= < <= ~ ^'],
    ["=>1.0", '"=>" is none of'],
    ["~>1.2", '"~>" is none of'],
    ["1.2 - 1.4", '"-" is no version, such as 1.2.3 or v1.2'],
    ["latest", '"latest" is no version'],
    [">=9223372036854775808", '"9223372036854775808" is no version'],
    ["\ufeff>=1", '"\\u{feff}>=1" is no version range'],
  ])("%j", (text, sentence) => {
    expect(() => parseVersionRange(text)).toThrow(sentence);
  });

  test("without repeating the whole of a long text", () => {
    expect(() => parseVersionRange(`>=${"1.".repeat(100_000)}`)).toThrow(/^.{1,1000}$/);
  });
});

describe("laws of ranges", () => {
  const number = fc.constantFrom("0", "1", "2", "3", "10");
  const text = fc
    .tuple(fc.array(number, { minLength: 1, maxLength: 4 }), fc.constantFrom("", "-rc1", "-alpine3.9", "+build"))
    .map(([numbers, suffix]) => numbers.join(".") + suffix);

  test("every version is below, above or at another one", () => {
    fc.assert(
      fc.property(text, text, (bound, candidate) => {
        const holds = ["<", "=", ">"].map((operator) => check(operator + bound, candidate).result);

        expect(holds.filter((each) => each === true)).toHaveLength(1);
        expect(check(`<=${bound}`, candidate).result).toBe(holds[0] === true || holds[1] === true);
        expect(check(`>=${bound}`, candidate).result).toBe(holds[2] === true || holds[1] === true);
        expect(check(bound, candidate).result).toBe(holds[1]);
      }),
    );
  });

  test("terms are joined by and, in whichever order", () => {
    const term = fc
      .tuple(fc.constantFrom("", "=", "<", "<=", ">", ">=", "~", "^"), text)
      .map((parts) => parts.join(""));
    fc.assert(
      fc.property(term, term, text, (one, other, candidate) => {
        const both = check(one, candidate).result === true && check(other, candidate).result === true;

        expect(check(`${one} ${other}`, candidate).result).toBe(both);
        expect(check(`${other}\u00a0${one}`, candidate).result).toBe(both);
      }),
    );
  });

  test("what ~ and ^ include is not below their version, and is an interval", () => {
    fc.assert(
      fc.property(fc.constantFrom("~", "^"), text, text, text, (operator, bound, one, other) => {
        const included = [one, other].map(version).filter((each) => parseVersionRange(operator + bound).includes(each));
        for (const each of included) expect(compareVersions(each, version(bound))).toBeGreaterThanOrEqual(0);

        const [low, high] = [one, other]
          .map((each) => each.replace(/[-+].*/, ""))
          .sort((a, b) => compareVersions(version(a), version(b)));
        if (check(operator + bound, high ?? "").result === true && check(`>=${bound}`, low ?? "").result === true) {
          expect(check(operator + bound, low ?? "").result).toBe(true);
        }
      }),
    );
  });

  test("any text is a range or refused", () => {
    const piece = fc.constantFrom(">", "<", "=", "~", "^", "1", ".", "-", "+", "v", " ", "|", ",", "x", "\u0085", "é");
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece).map((pieces) => pieces.join("")),
    );
    fc.assert(
      fc.property(texts, text, (constraint, candidate) => {
        const { result, error } = check(constraint, candidate);

        expect(error === "constraint" || typeof result === "boolean").toBe(true);
      }),
    );
  });
});
