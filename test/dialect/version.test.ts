import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareVersions, parseVersion, type Version } from "../../src/dialect/version.ts";
import { readVectors } from "../support/vectors.ts";

interface CompareVector {
  readonly op: "compare";
  readonly a: string;
  readonly b: string;
  readonly result?: number;
  readonly error?: "a" | "b";
}

function version(text: string): Version {
  return parseVersion(text) ?? expect.unreachable(`${JSON.stringify(text)} is no version`);
}

function compare(one: string, other: string): Pick<CompareVector, "result" | "error"> {
  const left = parseVersion(one);
  const right = parseVersion(other);
  if (left === undefined) return { error: "a" };
  return right === undefined ? { error: "b" } : { result: compareVersions(left, right) };
}

test("orders versions as regsync does", () => {
  const cases = readVectors<CompareVector>("semver.jsonl").filter((vector) => vector.op === "compare");

  const answers = cases.map(({ op, a, b }) => ({ op, a, b, ...compare(a, b) }));

  expect(cases.length).toBeGreaterThan(1_000);
  expect(answers).toEqual(cases);
});

describe("no version is", () => {
  test.each([
    "",
    "v",
    "V1",
    "vv1",
    "latest",
    "1.",
    ".1",
    "1..2",
    "1_0",
    "1.x",
    "-1",
    "+1",
    " 1",
    "1 ",
    "1\n",
    "٣",
    "9223372036854775808",
    "1.99999999999999999999",
    "0x1",
  ])("%j", (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe("a version", () => {
  test.each([
    ["1.2", "1.2.0.0"],
    ["v1.2", "1.2"],
    ["1.0.0-", "1.0.0"],
    ["1.0.0+a", "1.0.0+b"],
    ["1+a-b", "1"],
    ["007", "7"],
    ["000000000000000000000000000001", "1"],
    ["1.0.0-alpha", "1.0.0-alpha.1"],
    ["1.0.0-beta.2", "1.0.0-beta.11"],
  ])("%s is no other than %s", (one, other) => {
    expect(compareVersions(version(one), version(other))).toBe(0);
  });

  test.each([
    ["9007199254740992", "9007199254740993"],
    ["1.0.0-rc.1", "1.0.0"],
    ["1-rc2", "1-rc10"],
    ["1-alpine3.9", "1-alpine3.10"],
    ["1-9007199254740992", "1-9007199254740993"],
    ["1-rc", "1-rc1"],
    ["1-99999999999999999999", "1-1"],
    ["1-alpha", "1-beta"],
    ["1-\uffff", "1-😀"],
    ["2024-01-01", "2024"],
    ["1-1", "1-1.0"],
  ])("%s comes before %s", (lower, higher) => {
    expect(compareVersions(version(lower), version(higher))).toBe(-1);
    expect(compareVersions(version(higher), version(lower))).toBe(1);
  });
});

describe("laws", () => {
  const part = fc.constantFrom("0", "1", "2", "10", "9007199254740993", "9223372036854775807");
  const identifier = fc.constantFrom("rc", "rc1", "rc10", "1", "a1b2", "", "alpha", "99999999999999999999", "é");
  const text = fc
    .tuple(fc.array(part, { minLength: 1, maxLength: 4 }), fc.array(identifier, { maxLength: 3 }))
    .map(([numbers, identifiers]) => numbers.join(".") + (identifiers.length > 0 ? `-${identifiers.join(".")}` : ""));

  test("a version is itself, and two versions are told apart the same way from either side", () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(compareVersions(version(one), version(one))).toBe(0);
        expect(compareVersions(version(one), version(other)) + compareVersions(version(other), version(one))).toBe(0);
      }),
    );
  });

  test("among releases the order is a total one", () => {
    const release = fc.array(part, { minLength: 1, maxLength: 4 }).map((numbers) => numbers.join("."));
    fc.assert(
      fc.property(release, release, release, (one, other, third) => {
        const [low, middle, high] = [one, other, third].map(version).sort(compareVersions);

        expect([low, middle, high]).not.toContain(undefined);
        if (low && middle && high) expect(compareVersions(low, high)).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("any text is a version or none", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const read = parseVersion(text);

        if (read !== undefined) expect(compareVersions(read, read)).toBe(0);
      }),
    );
  });

  test.each([
    ["digits", "1".repeat(1_000_000)],
    ["leading zeros", `${"0".repeat(1_000_000)}x`],
    ["parts", "1.".repeat(500_000)],
    ["identifiers", `1-${"a1.".repeat(300_000)}`],
    ["heads", `1-${"a1".repeat(500_000)}`],
  ])("a million characters of %s are read once", (_, long) => {
    const read = parseVersion(long);

    expect(read === undefined ? 0 : compareVersions(read, read)).toBe(0);
  });
});
