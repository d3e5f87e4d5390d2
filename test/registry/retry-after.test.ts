import { describe, expect, test } from "vitest";
import { parseHttpDate, retryAfterMs } from "../../src/registry/retry-after.ts";

const nowMs = Date.UTC(2026, 10, 21, 11, 0, 0);

describe("how long a host wants to be left alone", () => {
  test.each([
    ["7", 7_000],
    ["0", 0],
    ["1.5", 1_500],
    [" 3 ", 3_000],
    ["Sat, 21 Nov 2026 11:00:30 GMT", 30_000],
    ["Saturday, 21-Nov-26 11:00:30 GMT", 30_000],
    ["Sat Nov 21 11:00:30 2026", 30_000],
    ["Sat, 21 Nov 2026 10:00:00 GMT", 0],
    ["999999", 3_600_000],
    ["Sat, 21 Nov 2099 11:00:30 GMT", 3_600_000],
  ])("is read from %j", (text, expectedMs) => {
    expect(retryAfterMs(text, undefined, nowMs)).toBe(expectedMs);
  });

  test.each([
    "",
    "-1",
    "soon",
    "1e3",
    "0x10",
    "Infinity",
    "NaN",
    "7 seconds",
    "2026-11-21T11:00:30Z",
    "Sat, 21 Xyz 2026 11:00:30 GMT",
    "Sat, 21 Nov 2026 11:00:30 +0100",
  ])("is not guessed from %j", (text) => {
    expect(retryAfterMs(text, undefined, nowMs)).toBeUndefined();
  });

  test("is unknown when it is not said", () => {
    expect(retryAfterMs(undefined, "Sat, 21 Nov 2026 11:00:00 GMT", nowMs)).toBeUndefined();
  });

  test("goes by the host's own clock when the answer tells it", () => {
    const theirs = "Sat, 21 Nov 2026 09:00:00 GMT";

    expect(retryAfterMs("Sat, 21 Nov 2026 09:00:05 GMT", theirs, nowMs)).toBe(5_000);
  });
});

test("reads a day before the tenth in the oldest form", () => {
  expect(parseHttpDate("Sun Nov  6 08:49:37 1994")).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
});
