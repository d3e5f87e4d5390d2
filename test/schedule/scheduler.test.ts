import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { TimeZones } from "../../src/dialect/time-zone.ts";
import { longestLookMs, Scheduler } from "../../src/schedule/scheduler.ts";
import { cronTiming, intervalTiming, type Timing } from "../../src/schedule/timing.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/silent-log.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = Date.UTC(2026, 0, 1);
const zones = new TimeZones();

function cron(text: string): Timing {
  return cronTiming(text, "UTC", zones);
}

/** A scheduler at midnight of New Year's Day, and what became due, as minutes since then. */
function makeScheduler() {
  const clock = new FakeClock(start);
  const log = new RecordingLog();
  const scheduler = new Scheduler(clock, log);
  const fired: [name: string, atMinute: number][] = [];
  const add = (name: string, timing: Timing): void =>
    scheduler.add(name, timing, (dueMs) => fired.push([name, (dueMs - start) / minute]));
  return { clock, log, scheduler, fired, add };
}

test("calls each at its times, in the order of the times", () => {
  const { clock, fired, add } = makeScheduler();
  add("hourly", cron("@hourly"));
  add("half", cron("30 * * * *"));

  clock.advance(2 * hour);

  expect(fired).toEqual([
    ["half", 30],
    ["hourly", 60],
    ["half", 90],
    ["hourly", 120],
  ]);
});

test("has one timer for all, however many there are", () => {
  const { clock, add } = makeScheduler();

  for (let index = 0; index < 500; index += 1) add(`entry${index}`, intervalTiming(1_000, `entry${index}`, 1_000));

  expect(clock.alarms).toBe(1);
});

test("waits longer than timers can count without being called early", () => {
  const { clock, fired, add } = makeScheduler();
  add("yearly", cron("@yearly"));

  clock.advance(30 * 24 * hour);

  expect(fired).toEqual([]);
});

test("looks at what is due every few seconds, even when nothing is", () => {
  const { clock, scheduler } = makeScheduler();

  clock.advance(longestLookMs * 3);

  expect(clock.monotonic() - scheduler.tickMs).toBeLessThanOrEqual(longestLookMs);
});

test("calls nobody who was removed, also by one that is called at the same time", () => {
  const { clock, scheduler, fired, add } = makeScheduler();
  scheduler.add("first", cron("@hourly"), () => scheduler.remove("second"));
  add("second", cron("@hourly"));

  clock.advance(3 * hour);

  expect(fired).toEqual([]);
  expect(scheduler.nextMs("second")).toBeUndefined();
});

test("keeps nothing of thousands that came and went", () => {
  const { clock, scheduler, fired, add } = makeScheduler();
  for (let index = 0; index < 5_000; index += 1) {
    add(`entry${index}`, cron("@yearly"));
    if (index >= 10) scheduler.remove(`entry${index - 10}`);
  }
  add("hourly", cron("@hourly"));

  clock.advance(hour);

  expect(scheduler.size).toBe(11);
  expect(fired).toEqual([["hourly", 60]]);
});

test("has no time for what never comes", () => {
  const { clock, scheduler, fired, add } = makeScheduler();
  add("never", cron("0 0 30 2 *"));

  clock.advance(hour);

  expect(scheduler.nextMs("never")).toBeUndefined();
  expect(fired).toEqual([]);
});

test("calls nobody after its end", () => {
  const { clock, scheduler, fired, add } = makeScheduler();
  add("hourly", cron("@hourly"));

  scheduler[Symbol.dispose]();
  clock.advance(2 * hour);

  expect(fired).toEqual([]);
  expect(clock.alarms).toBe(0);
});

describe("when the machine slept, or its clock was set forward,", () => {
  test.each([
    ["a time of the calendar", cron("@hourly")],
    ["an interval", intervalTiming(hour, "x", 0)],
  ])("%s that passed runs once, and the next as if nothing had been", (_, timing) => {
    const { clock, fired, add } = makeScheduler();
    add("x", timing);

    clock.set(9 * hour + 30 * minute);
    clock.advance(minute);
    const caughtUp = fired.length;
    clock.advance(hour);

    expect(caughtUp).toBe(1);
    expect(fired.map(([, at]) => at)).toEqual([60, 600]);
  });

  test("it is said", () => {
    const { clock, log } = makeScheduler();

    clock.set(hour);
    clock.advance(minute);

    expect(log.lines).toEqual([{ level: "warn", message: "Clock jumped", fields: { jumpMs: hour } }]);
  });
});

describe("when the clock is set back", () => {
  test("a time of the calendar that comes again does not count", () => {
    const { clock, fired, add } = makeScheduler();
    add("hourly", cron("@hourly"));
    clock.advance(hour + minute);

    clock.set(-30 * minute);
    clock.advance(hour);

    expect(fired).toEqual([["hourly", 60]]);
    clock.advance(30 * minute);
    expect(fired).toEqual([
      ["hourly", 60],
      ["hourly", 120],
    ]);
  });

  test("by hours, it was wrong before, and nothing waits until it is there again", () => {
    const { clock, fired, add } = makeScheduler();
    add("hourly", cron("@hourly"));
    clock.advance(hour + minute);

    clock.set(-24 * hour);
    clock.advance(hour);

    expect(fired.map(([, at]) => at)).toEqual([60, 120 - 24 * 60]);
  });

  test("an interval goes on as time does", () => {
    const { clock, fired, add } = makeScheduler();
    add("x", intervalTiming(hour, "x", 0));
    clock.advance(10 * minute);

    clock.set(-20 * hour);
    clock.advance(50 * minute);

    expect(fired).toHaveLength(1);
  });

  test("what is added right after that keeps its time", () => {
    const { clock, fired, add } = makeScheduler();

    clock.set(-2 * hour);
    add("x", intervalTiming(hour, "x", 0));
    clock.advance(59 * minute);
    expect(fired).toEqual([]);
    clock.advance(minute);

    expect(fired).toHaveLength(1);
  });
});

test("whatever is added and removed, everybody is called at all of their times and at no others", () => {
  const intervals = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(intervals, fc.array(fc.nat({ max: 11 }), { maxLength: 6 }), (minutes, removed) => {
      const { clock, scheduler, fired, add } = makeScheduler();
      for (const [index, every] of minutes.entries()) add(String(index), intervalTiming(every * minute, "x", 0));
      for (const index of removed) scheduler.remove(String(index));

      clock.advance(5 * hour);

      const wanted = minutes.flatMap((every, index) =>
        removed.includes(index)
          ? []
          : Array.from({ length: Math.floor(300 / every) }, (_, n) => `${index} ${(n + 1) * every}`),
      );
      expect(fired.map((each) => each.join(" ")).toSorted()).toEqual(wanted.toSorted());
      expect(fired.map(([, at]) => at)).toEqual(fired.map(([, at]) => at).toSorted((a, b) => a - b));
    }),
  );
});
