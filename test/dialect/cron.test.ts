import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CronSchedule, parseCron } from "../../src/dialect/cron.ts";
import { type CronFields, parseCronFields } from "../../src/dialect/cron-fields.ts";
import { CronInvalid } from "../../src/dialect/cron-invalid.ts";
import { type TimeZone, TimeZones } from "../../src/dialect/time-zone.ts";
import { splitWords } from "../../src/dialect/white-space.ts";
import { readVectors } from "../support/vectors.ts";
import { type CronException, cronExceptions } from "./cron-exceptions.ts";

interface CronRun {
  readonly zone: string;
  readonly from: string;
  readonly next: readonly string[];
}

interface CronVector {
  readonly spec: string;
  readonly error?: true;
  readonly runs?: readonly CronRun[];
}

const vectors = readVectors<CronVector>("cron.jsonl");
const zones = new TimeZones();
const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

function schedule(text: string, zone = "UTC"): CronSchedule {
  return parseCron(text, zone, zones);
}

function zoneOf(name: string): TimeZone {
  return zones.find(name) ?? expect.unreachable(`${name} is not known`);
}

/** The instants at which a schedule fires from a moment on, as ISO 8601 in UTC. */
function times(text: string, zone: string, from: string, count: number): readonly string[] {
  const found: string[] = [];
  let at: number | undefined = Date.parse(from);
  while (found.length < count) {
    at = schedule(text, zone).next(at);
    if (at === undefined) break;
    found.push(new Date(at).toISOString().slice(0, 16));
  }
  return found;
}

/** Whether the fields name a wall-clock time, given as if it were UTC. */
function isNamed(fields: CronFields, wallMs: number): boolean {
  const wall = new Date(wallMs);
  const ofMonth = fields.daysOfMonth.has(wall.getUTCDate());
  const ofWeek = fields.daysOfWeek.has(wall.getUTCDay());
  return (
    wall.getUTCSeconds() === 0 &&
    fields.minutes.includes(wall.getUTCMinutes()) &&
    fields.hours.includes(wall.getUTCHours()) &&
    fields.months.has(wall.getUTCMonth() + 1) &&
    (fields.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek)
  );
}

/** The rule itself, looked up by looking at the clock every half minute (there were offsets with 30 seconds). */
function firstNamed(fields: CronFields, zone: TimeZone, fromMs: number, endMs: number): number | undefined {
  const step = minuteMs / 2;
  for (let at = (Math.floor(fromMs / step) + 1) * step; at <= endMs; at += step) {
    if (isNamed(fields, at + zone.offsetAtMs(at))) return at;
  }
  return undefined;
}

describe("as regsync", () => {
  const keyOf = ({ zone, spec, from }: Pick<CronException, "zone" | "spec" | "from">): string =>
    JSON.stringify([zone, splitWords(spec).join(" "), from]);
  const exceptions = new Map(cronExceptions.map((exception) => [keyOf(exception), exception]));

  /** Every single step that is recorded: asked at `from`, answered with `next`. */
  const steps = vectors.flatMap(({ spec, runs = [] }) =>
    runs.flatMap((run) => {
      const starts = [run.from, ...run.next].slice(0, 6);
      return starts.map((from, position) => ({ zone: run.zone, spec, from, next: run.next[position] }));
    }),
  );

  test("finds the next time, but for the steps listed as exceptions", () => {
    const answers = steps.map(({ zone, spec, from }) => {
      const next = schedule(spec, zone).next(Date.parse(from));
      return { zone, spec, from, next };
    });

    const wanted = steps.map((step) => {
      const next = exceptions.get(keyOf(step))?.ours ?? step.next;
      return { ...step, next: next === undefined ? undefined : Date.parse(next) };
    });
    expect(steps.length).toBeGreaterThan(5_000);
    expect(answers).toEqual(wanted);
  });

  test("each exception is a recorded step, with another answer", () => {
    const used = new Map(steps.map((step) => [keyOf(step), step.next]));

    expect([...exceptions.keys()].map((key) => used.get(key))).toEqual(cronExceptions.map((each) => each.recorded));
    expect(cronExceptions.filter((each) => each.ours === each.recorded)).toEqual([]);
  });

  test("each exception is decided by the wall clock of its zone", () => {
    const decided = cronExceptions.map(({ zone, spec, from, ours }) =>
      firstNamed(parseCronFields(spec), zoneOf(zone), Date.parse(from), Date.parse(ours)),
    );

    expect(decided).toEqual(cronExceptions.map((each) => Date.parse(each.ours)));
  });

  test("refuses what is no schedule", () => {
    const refused = vectors.filter((vector) => vector.error === true).map((vector) => vector.spec);

    const accepted = refused.filter((spec) => {
      try {
        schedule(spec);
        return true;
      } catch (thrown) {
        if (thrown instanceof CronInvalid) return false;
        throw thrown;
      }
    });

    expect(refused.length).toBeGreaterThan(100);
    expect(accepted).toEqual([]);
  });
});

describe("refuses, and says what is wrong and what to write", () => {
  test.each([
    ["", "there are five fields, and here 0; write minute hour day month weekday"],
    ["0 0 * *", "there are five fields, and here 4"],
    ["0 0 3 * * *", "there are five fields, none of them for seconds, and here 6"],
    ["60 * * * *", '"60" is no minute from 0 to 59'],
    ["0 24 * * *", '"24" is no hour from 0 to 23'],
    ["0 0 0 * *", '"0" is no day of the month from 1 to 31'],
    ["0 0 * 13 *", '"13" is no month from 1 to 12 or jan to dec'],
    ["0 0 * * 7", '"7" is no weekday from 0 (Sunday) to 6 or sun to sat'],
    ["0 0 * * monday", '"monday" is no weekday'],
    ["0 0 L * *", '"L" is no day of the month'],
    ["1-2-3 * * * *", '"1-2-3" is no minute'],
    ["30-10 * * * *", '"30-10" ends before it begins'],
    ["*/0 * * * *", 'the step of "*/0" is no number above 0'],
    ["*/9223372036854775808 * * * *", "is no number above 0"],
    ["*/2/2 * * * *", 'the step of "*/2/2" is no number above 0'],
    ["@Daily", "its name is not known; write one of @yearly"],
    ["@reboot", "its name is not known"],
    ["@every 1d", '"1d" is no duration; write it like "@every 1h30m"'],
    ["@every", "its name is not known"],
    ["TZ=UTC", "nothing follows the time zone; write a blank and then the schedule"],
    ["CRON_TZ=Europe/Berlin", "nothing follows the time zone"],
    ["TZ=BST 0 0 * * *", '"BST" is no time zone; write one like Europe/Berlin'],
    ["TZ=Mars/Olympus @every 1h", '"Mars/Olympus" is no time zone'],
  ])("%j", (text, sentence) => {
    expect(() => schedule(text)).toThrow(sentence);
  });

  test.each([
    ["fields", "* ".repeat(100_000)],
    ["items", `${"1,".repeat(100_000)}x * * * *`],
    ["digits", `${"0".repeat(100_000)}x * * * *`],
    ["hyphens", `1${"-".repeat(100_000)} * * * *`],
    ["blanks", `TZ=UTC ${" ".repeat(100_000)}x`],
    ["a zone", `TZ=${"Europe/".repeat(50_000)} * * * * *`],
    ["a duration", `@every ${"1h".repeat(50_000)}x`],
  ])("a hundred thousand characters of %s, without repeating them", (_, text) => {
    expect(() => schedule(text)).toThrow(/^.{1,1000}$/);
  });
});

describe("when clocks go forward", () => {
  test("a time that is left out does not count", () => {
    expect(times("30 2 * * *", "Europe/Berlin", "2026-03-28T00:00:00Z", 3)).toEqual([
      "2026-03-28T01:30",
      "2026-03-30T00:30",
      "2026-03-31T00:30",
    ]);
  });

  test("a day that is left out does not count", () => {
    expect(times("0 12 * * *", "Pacific/Apia", "2011-12-29T20:00:00Z", 2)).toEqual([
      "2011-12-29T22:00",
      "2011-12-30T22:00",
    ]);
    expect(times("0 12 30 12 *", "Pacific/Apia", "2011-12-01T00:00:00Z", 1)).toEqual(["2012-12-29T22:00"]);
  });
});

describe("when clocks go back", () => {
  test("a time that comes twice counts twice", () => {
    expect(times("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z", 3)).toEqual([
      "2026-10-25T00:30",
      "2026-10-25T01:30",
      "2026-10-26T01:30",
    ]);
  });

  test("a day that begins twice counts twice", () => {
    expect(times("0 0 * * *", "America/St_Johns", "2010-11-06T12:00:00Z", 3)).toEqual([
      "2010-11-07T02:30",
      "2010-11-07T03:30",
      "2010-11-08T03:30",
    ]);
  });

  test("half an hour that comes twice counts twice", () => {
    expect(times("45 1 * * *", "Australia/Lord_Howe", "2026-04-04T12:00:00Z", 3)).toEqual([
      "2026-04-04T14:45",
      "2026-04-04T15:15",
      "2026-04-05T15:15",
    ]);
  });
});

describe("a schedule", () => {
  test("fires after the moment it is asked about, never at it", () => {
    const at = Date.parse("2026-01-01T03:00:00Z");

    expect(schedule("0 3 * * *").next(at)).toBe(at + dayMs);
    expect(schedule("0 3 * * *").next(at - 1)).toBe(at);
  });

  test("that names no day at all never fires", () => {
    expect(schedule("0 0 30 2 *").next(0)).toBeUndefined();
    expect(schedule(", * * * *").next(0)).toBeUndefined();
  });

  test("fires up to the end of the fifth year from now, and not later", () => {
    expect(times("0 0 29 2 *", "UTC", "2096-03-01T00:00:00Z", 1)).toEqual([]);
    expect(times("0 0 29 2 *", "UTC", "2099-01-01T00:00:00Z", 1)).toEqual(["2104-02-29T00:00"]);
  });

  test("without a zone of its own is in the one it is given, and UTC when that is not known", () => {
    expect(times("0 3 * * *", "America/New_York", "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-01T08:00"]);
    expect(times("TZ=Local 0 3 * * *", "America/New_York", "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-01T08:00"]);
    expect(times("TZ= 0 3 * * *", "America/New_York", "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-01T03:00"]);
    expect(times("0 3 * * *", "Etc/Unknown", "2026-01-01T00:00:00Z", 1)).toEqual(["2026-01-01T03:00"]);
  });

  test("with @every counts whole seconds, at least one", () => {
    expect(schedule("@every 90m").next(1_999)).toBe(5_401_000);
    expect(schedule("@every 1ms").next(1_999)).toBe(2_000);
    expect(schedule("@every -5h").next(1_999)).toBe(2_000);
  });
});

describe("whatever the schedule, the zone and the moment", () => {
  /** Shortly before clocks were or will be changed, and one ordinary day. */
  const moments = [
    ["Europe/Berlin", "2026-03-28T12:00:00Z"],
    ["Europe/Berlin", "2026-10-24T12:00:00Z"],
    ["America/New_York", "2026-10-31T18:00:00Z"],
    ["Australia/Lord_Howe", "2026-04-04T06:00:00Z"],
    ["Australia/Lord_Howe", "2026-10-03T06:00:00Z"],
    ["America/St_Johns", "2010-11-06T18:00:00Z"],
    ["America/St_Johns", "2010-03-13T18:00:00Z"],
    ["America/Sao_Paulo", "2018-11-03T18:00:00Z"],
    ["Pacific/Apia", "2011-12-29T18:00:00Z"],
    ["Africa/Casablanca", "2026-02-14T18:00:00Z"],
    ["Africa/Monrovia", "1972-01-06T18:00:00Z"],
    ["Asia/Kathmandu", "1985-12-31T06:00:00Z"],
    ["UTC", "2026-12-31T12:00:00Z"],
  ] as const;

  const field = (lowest: number, highest: number): fc.Arbitrary<string> => {
    const value = fc.integer({ min: lowest, max: highest });
    const range = fc.tuple(value, value).map(([one, other]) => `${Math.min(one, other)}-${Math.max(one, other)}`);
    const base = fc.oneof({ weight: 2, arbitrary: fc.constant("*") }, value.map(String), range);
    const step = fc.constantFrom("", "", "/2", "/7");
    return fc
      .array(
        fc.tuple(base, step).map((parts) => parts.join("")),
        { minLength: 1, maxLength: 3 },
      )
      .map((items) => items.join(","));
  };
  const day = (lowest: number, highest: number): fc.Arbitrary<string> =>
    fc.oneof({ weight: 3, arbitrary: fc.constant("*") }, field(lowest, highest));
  const spec = fc
    .tuple(field(0, 59), field(0, 23), day(1, 31), day(1, 12), day(0, 6))
    .map((fields) => fields.join(" "));

  test("the next time is the first at which the clocks show what the fields name", () => {
    fc.assert(
      fc.property(
        spec,
        fc.constantFrom(...moments),
        fc.integer({ min: 0, max: dayMs }),
        (text, [name, start], later) => {
          const fromMs = Date.parse(start) + later;
          const endMs = fromMs + dayMs;

          const next = schedule(text, name).next(fromMs);

          const within = next !== undefined && next <= endMs ? next : undefined;
          expect(within).toBe(firstNamed(parseCronFields(text), zoneOf(name), fromMs, endMs));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("any text is a schedule or refused, and a schedule answers", () => {
    const piece = fc.constantFrom(
      ..."* ? 0 5 31 jan SUN , - / + @every @daily TZ= CRON_TZ= UTC Europe/Berlin 1h30m".split(" "),
      " ",
      "\u0085",
    );
    const texts = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join("")),
      fc.array(piece, { minLength: 5, maxLength: 6 }).map((pieces) => pieces.join(" ")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        try {
          const next = schedule(text).next(1_700_000_000_000);

          expect(next === undefined || next > 1_700_000_000_000).toBe(true);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(CronInvalid);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});
