import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DurationInvalid, durationMs, formatDuration, parseDuration } from "../../src/base/duration.ts";
import { readVectors } from "../support/vectors.ts";

type DurationVector =
  | { readonly op: "parse"; readonly in: string; readonly ns: string; readonly string: string; readonly error?: never }
  | { readonly op: "parse"; readonly in: string; readonly error: true }
  | { readonly op: "format"; readonly ns: string; readonly string: string };

const vectors = readVectors<DurationVector>("durations.jsonl");
const longest = (1n << 63n) - 1n;

test("reads and writes durations as Go does, and refuses what Go refuses", () => {
  const wrong = vectors.filter((vector) => {
    if (vector.op === "format") return formatDuration(BigInt(vector.ns)) !== vector.string;
    if (vector.error) return !isRefused(vector.in);
    const ns = parseDuration(vector.in);
    return ns !== BigInt(vector.ns) || formatDuration(ns) !== vector.string;
  });

  expect(wrong).toEqual([]);
});

describe("refuses, and says why", () => {
  test.each([
    ["", "it has no number"],
    ["-", "it has no number"],
    ["60", "a unit is missing"],
    ["1.5", "a unit is missing"],
    ["1h30", "a unit is missing"],
    ["h", "a number is missing"],
    [".s", "a number is missing"],
    [" 1s", "a number is missing"],
    ["1h -5m", '"h -" is not a unit'],
    ["1d", '"d" is not a unit'],
    ["2 weeks", '" weeks" is not a unit'],
    ["1H", '"H" is not a unit'],
    ["1_000s", '"_" is not a unit'],
    ["1e3s", '"e" is not a unit'],
    ["9223372036854775808ns", "it is too long"],
    ["-9223372036854775809ns", "it is too long"],
    ["2562048h", "it is too long"],
    ["99999999999999999999h", "it is too long"],
  ])("%j", (text, reason) => {
    const refusal = failureOf(text);

    expect(refusal).toMatchObject({ code: "DURATION_INVALID", text });
    expect(refusal?.message).toContain(reason);
  });
});

test("shows how to write a duration when it refuses one", () => {
  expect(failureOf("5 minutes")?.message).toBe(
    '"5 minutes" is not a duration: " minutes" is not a unit; write it like "1h30m" or "15s"',
  );
});

test("keeps every nanosecond of 64 bits", () => {
  expect(parseDuration("2562047h47m16.854775807s")).toBe(longest);
  expect(parseDuration("-9223372036854775808ns")).toBe(-longest - 1n);
  expect(formatDuration(-longest - 1n)).toBe("-2562047h47m16.854775808s");
});

test("gives milliseconds with their fraction, so that a short interval does not become none", () => {
  expect(durationMs(parseDuration("15m0.5s"))).toBe(900_500);
  expect(durationMs(1n)).toBe(0.000_001);
});

test("reads back what it writes", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -longest - 1n, max: longest }), (ns) => {
      expect(parseDuration(formatDuration(ns))).toBe(ns);
    }),
  );
});

test("answers any text with a duration of 64 bits or a refusal", () => {
  const pieces = fc.constantFrom("1", "0", ".", "9".repeat(30), "h", "m", "s", "ms", "µs", "-", "+", " ");
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((parts) => parts.join("")),
      ),
      (text) => {
        if (isRefused(text)) return;
        expect(BigInt.asIntN(64, parseDuration(text))).toBe(parseDuration(text));
      },
    ),
  );
});

function isRefused(text: string): boolean {
  return failureOf(text) !== undefined;
}

function failureOf(text: string): DurationInvalid | undefined {
  try {
    parseDuration(text);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof DurationInvalid) return thrown;
    throw thrown;
  }
}
