import { describe, expect, test } from "vitest";
import { TimeZones } from "../../src/dialect/time-zone.ts";
import { CronInvalid } from "../../src/dialect/cron-invalid.ts";
import { cronTiming, intervalTiming } from "../../src/schedule/timing.ts";
import { Timings } from "../../src/schedule/timings.ts";

const zones = new TimeZones();

/** The first times after a moment, as ISO 8601 in UTC to the minute. */
function times(text: string, from: string, count: number): string[] {
  const timing = cronTiming(text, "UTC", zones);
  const found: string[] = [];
  let at = timing.first(Date.parse(from));
  for (; at !== undefined && found.length < count; at = timing.following(at, at)) {
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

describe("the next times", () => {
  test.each([
    // The ends of months.
    ["0 0 31 * *", "2026-01-31T00:00Z", ["2026-03-31T00:00", "2026-05-31T00:00", "2026-07-31T00:00"]],
    ["0 12 30 * *", "2026-01-30T12:00Z", ["2026-03-30T12:00", "2026-04-30T12:00"]],
    ["59 23 28-31 2 *", "2026-02-27T00:00Z", ["2026-02-28T23:59", "2027-02-28T23:59", "2028-02-28T23:59"]],
    ["0 0 1 * *", "2026-12-31T23:59Z", ["2027-01-01T00:00", "2027-02-01T00:00"]],
    // Leap days.
    ["0 0 29 2 *", "2026-01-01T00:00Z", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["0 0 29 * *", "2027-01-30T00:00Z", ["2027-03-29T00:00"]],
    ["0 0 29 * *", "2028-01-30T00:00Z", ["2028-02-29T00:00"]],
    // Either day, when neither is a star.
    ["0 0 13 * fri", "2026-02-01T00:00Z", ["2026-02-06T00:00", "2026-02-13T00:00", "2026-02-20T00:00"]],
    ["0 0 ? * fri", "2026-02-01T00:00Z", ["2026-02-06T00:00", "2026-02-13T00:00"]],
    // Every descriptor.
    ["@yearly", "2026-06-01T00:00Z", ["2027-01-01T00:00", "2028-01-01T00:00"]],
    ["@annually", "2026-06-01T00:00Z", ["2027-01-01T00:00", "2028-01-01T00:00"]],
    ["@monthly", "2026-11-15T00:00Z", ["2026-12-01T00:00", "2027-01-01T00:00"]],
    ["@weekly", "2026-02-25T00:00Z", ["2026-03-01T00:00", "2026-03-08T00:00"]],
    ["@daily", "2026-02-28T12:00Z", ["2026-03-01T00:00", "2026-03-02T00:00"]],
    ["@midnight", "2026-02-28T12:00Z", ["2026-03-01T00:00", "2026-03-02T00:00"]],
    ["@hourly", "2026-12-31T22:30Z", ["2026-12-31T23:00", "2027-01-01T00:00"]],
    ["@every 1h30m", "2026-12-31T22:30Z", ["2027-01-01T00:00", "2027-01-01T01:30"]],
    // Clocks that go forward: what is left out does not count.
    ["TZ=Europe/Berlin 30 2 * * *", "2026-03-28T00:00Z", ["2026-03-28T01:30", "2026-03-30T00:30"]],
    ["TZ=America/New_York 30 2 * * *", "2026-03-07T00:00Z", ["2026-03-07T07:30", "2026-03-09T06:30"]],
    ["CRON_TZ=Australia/Sydney 30 2 * * *", "2026-10-02T00:00Z", ["2026-10-02T16:30", "2026-10-04T15:30"]],
    ["TZ=America/Santiago 30 0 * * *", "2026-09-05T00:00Z", ["2026-09-05T04:30", "2026-09-07T03:30"]],
    // Clocks that go back: what comes twice counts twice.
    ["TZ=Europe/Berlin 30 2 * * *", "2026-10-24T12:00Z", ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-26T01:30"]],
    [
      "TZ=America/New_York 30 1 * * *",
      "2026-10-31T12:00Z",
      ["2026-11-01T05:30", "2026-11-01T06:30", "2026-11-02T06:30"],
    ],
    [
      "CRON_TZ=Australia/Sydney 30 2 * * *",
      "2026-04-03T20:00Z",
      ["2026-04-04T15:30", "2026-04-04T16:30", "2026-04-05T16:30"],
    ],
    // Other times of such days come once.
    ["TZ=Europe/Berlin 0 4 * * *", "2026-03-28T12:00Z", ["2026-03-29T02:00", "2026-03-30T02:00"]],
    ["TZ=Europe/Berlin 0 4 * * *", "2026-10-24T12:00Z", ["2026-10-25T03:00", "2026-10-26T03:00"]],
  ])("of %s after %s are %j", (text, from, wanted) => {
    expect(times(text, from, wanted.length)).toEqual(wanted);
  });

  test.each(["0 0 * * 7", "@reboot", "* * * * * *", "TZ=Nowhere 0 0 * * *", "@every soon"])("%s has none", (text) => {
    expect(() => cronTiming(text, "UTC", zones)).toThrow(CronInvalid);
  });
});

describe("an interval", () => {
  const now = Date.UTC(2026, 0, 1);

  test.each([
    [3_600_000, 3_600_000, "@every 1h0m0s"],
    [1_999, 1_000, "@every 1s"],
    [1, 1_000, "@every 1s"],
    [-5_000, 1_000, "@every 1s"],
  ])("of %d ms is %d ms long", (intervalMs, everyMs, text) => {
    const timing = intervalTiming(intervalMs, "x", 0);

    expect(timing.text).toBe(text);
    expect(timing.first(now)).toBe(now + everyMs);
    expect(timing.following(now, now)).toBe(now + everyMs);
  });

  test("begins late by a part of the jitter that its name decides, and keeps that distance", () => {
    const first = (name: string): number => (intervalTiming(60_000, name, 30_000).first(now) ?? 0) - now - 60_000;

    const offsets = Array.from({ length: 200 }, (_, index) => first(`entry${index}`));

    expect(first("entry7")).toBe(offsets[7]);
    expect(Math.min(...offsets)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...offsets)).toBeLessThan(30_000);
    for (const third of [0, 1, 2]) {
      expect(offsets.filter((each) => Math.floor(each / 10_000) === third).length).toBeGreaterThan(40);
    }
  });

  test.each([
    ["a tenth of the interval without a jitter", 60_000, undefined, 6_000],
    ["five minutes without one", 24 * 3_600_000, undefined, 300_000],
    ["the interval with a longer one", 10_000, 3_600_000, 10_000],
    ["nothing with none", 3_600_000, 0, 1],
  ])("is moved by less than %s", (_, intervalMs, jitterMs, boundMs) => {
    for (let index = 0; index < 50; index += 1) {
      const offset = (intervalTiming(intervalMs, `e${index}`, jitterMs).first(now) ?? 0) - now - intervalMs;
      expect(offset).toBeLessThan(boundMs);
    }
  });

  test("leaves out times that have passed, and keeps to its step", () => {
    const timing = intervalTiming(60_000, "x", 0);

    expect(timing.following(now, now + 150_000)).toBe(now + 180_000);
    expect(timing.following(now, now + 180_000)).toBe(now + 240_000);
  });
});

test("a cron text goes before an interval, is not moved, and without both there is no time", () => {
  const timings = new Timings("Europe/Berlin");
  const now = Date.UTC(2026, 0, 1);

  expect(timings.timingOf({ name: "x", schedule: "0 3 * * *", intervalMs: 1_000 }, 60_000)?.first(now)).toBe(
    now + 2 * 3_600_000,
  );
  expect(timings.timingOf({ name: "x", schedule: "@every 1m", intervalMs: 0 }, 60_000)?.first(now)).toBe(now + 60_000);
  expect(timings.timingOf({ name: "x", schedule: "", intervalMs: 0 }, undefined)).toBeUndefined();
});
