import { DurationInvalid, parseDuration } from "../base/duration.ts";
import { quoted } from "../base/quoted.ts";
import { type CronFields, parseCronFields } from "./cron-fields.ts";
import { CronInvalid } from "./cron-invalid.ts";
import { nextChangeMs, type TimeZone, TimeZones, utc } from "./time-zone.ts";
import { trimSpace } from "./white-space.ts";

/** When something runs again and again. Made by `parseCron`. */
export interface CronSchedule {
  /** As it stands in the file. */
  readonly text: string;
  /**
   * The first time after an instant, both in epoch milliseconds; `undefined` when there is none up to the end of
   * the fifth year from then. Wall-clock times that are left out when clocks go forward do not count, and those that
   * come twice when clocks go back count twice.
   */
  next(fromMs: number): number | undefined;
  /** Milliseconds from one time of `@every` to the next; `undefined` of a schedule by the calendar. */
  readonly everyMs: number | undefined;
}

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
/** How many calendar years a schedule is searched for its next time, after the one it starts in. */
const yearsAhead = 5;

const descriptors: ReadonlyMap<string, string> = new Map([
  ["@yearly", "0 0 1 1 *"],
  ["@annually", "0 0 1 1 *"],
  ["@monthly", "0 0 1 * *"],
  ["@weekly", "0 0 * * 0"],
  ["@daily", "0 0 * * *"],
  ["@midnight", "0 0 * * *"],
  ["@hourly", "0 * * * *"],
]);

/**
 * Reads a schedule: five fields, a descriptor such as `@daily`, or `@every` with a duration, each after an optional
 * `TZ=Zone ` or `CRON_TZ=Zone `. Without that, and with `TZ=Local`, the zone is `localZone`.
 *
 * Many schedules that are handed the same `zones` share what is heavy. Throws `CRON_INVALID`.
 * Spec: regsync.md §1.5 and Corrections; robfig/cron v3, standard parser.
 */
export function parseCron(text: string, localZone: string, zones: TimeZones = new TimeZones()): CronSchedule {
  const { zoneName, schedule } = splitZone(text);
  if (zoneName !== undefined && zones.find(zoneName) === undefined) {
    throw new CronInvalid(text, `${quoted(zoneName)} is no time zone`, "write one like Europe/Berlin");
  }
  if (schedule.startsWith("@every ")) return every(text, schedule.slice("@every ".length));
  const fields = parseCronFields(expandDescriptor(schedule));
  const next = (fromMs: number): number | undefined =>
    nextTime(fields, zones.find(zoneName ?? localZone) ?? utc, fromMs);
  return { text, next, everyMs: undefined };
}

function splitZone(text: string): { readonly zoneName: string | undefined; readonly schedule: string } {
  const parts = /^(?:CRON_)?TZ=([^ ]*)([^]*)$/.exec(text);
  if (parts === null) return { zoneName: undefined, schedule: text };
  const [, name = "", rest = ""] = parts;
  if (rest === "") throw new CronInvalid(text, "nothing follows the time zone", "write a blank and then the schedule");
  return { zoneName: name === "Local" ? undefined : name || utc.name, schedule: trimSpace(rest) };
}

function expandDescriptor(schedule: string): string {
  if (!schedule.startsWith("@")) return schedule;
  const fields = descriptors.get(schedule);
  if (fields !== undefined) return fields;
  throw new CronInvalid(schedule, "its name is not known", `write one of ${[...descriptors.keys()].join(" ")} @every`);
}

/** Whole seconds from the start, at least one, to whole seconds of the clock. */
function every(text: string, duration: string): CronSchedule {
  const seconds = Math.max(1, Number(readDuration(text, duration) / 1_000_000_000n));
  return { text, next: (fromMs) => (Math.floor(fromMs / 1_000) + seconds) * 1_000, everyMs: seconds * 1_000 };
}

function readDuration(text: string, duration: string): bigint {
  try {
    return parseDuration(duration);
  } catch (thrown) {
    if (!(thrown instanceof DurationInvalid)) throw thrown;
    throw new CronInvalid(text, `${quoted(duration)} is no duration`, 'write it like "@every 1h30m"');
  }
}

/** Goes from one change of the clocks to the next: in between, the wall clock is UTC plus a constant. */
function nextTime(fields: CronFields, zone: TimeZone, fromMs: number): number | undefined {
  let startMs = Math.floor(fromMs) + 1;
  const lastYear = new Date(startMs + zone.offsetAtMs(startMs)).getUTCFullYear() + yearsAhead;
  for (;;) {
    const offsetMs = zone.offsetAtMs(startMs);
    const wallMs = nextWallMs(fields, startMs + offsetMs, lastYear);
    const foundMs = wallMs === undefined ? undefined : wallMs - offsetMs;
    const changeMs = nextChangeMs(zone, startMs, foundMs ?? startMs + dayMs);
    if (changeMs === undefined) return foundMs;
    startMs = changeMs;
  }
}

/** The first minute named by the fields, not before `wallMs`, in a calendar that knows no changes of clocks. */
function nextWallMs(fields: CronFields, wallMs: number, lastYear: number): number | undefined {
  let todayMs = Math.floor(wallMs / dayMs) * dayMs;
  let earliest = Math.ceil((wallMs - todayMs) / minuteMs);
  for (;;) {
    const today = new Date(todayMs);
    if (!(today.getUTCFullYear() <= lastYear)) return undefined;
    const minuteOfDay = isDayNamed(fields, today) ? nextMinuteOfDay(fields, earliest) : undefined;
    if (minuteOfDay !== undefined) return todayMs + minuteOfDay * minuteMs;
    todayMs += dayMs;
    earliest = 0;
  }
}

function isDayNamed(fields: CronFields, day: Date): boolean {
  if (!fields.months.has(day.getUTCMonth() + 1)) return false;
  const ofMonth = fields.daysOfMonth.has(day.getUTCDate());
  const ofWeek = fields.daysOfWeek.has(day.getUTCDay());
  return fields.eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
}

function nextMinuteOfDay(fields: CronFields, earliest: number): number | undefined {
  for (const hour of fields.hours) {
    const minute = fields.minutes.find((candidate) => hour * 60 + candidate >= earliest);
    if (minute !== undefined) return hour * 60 + minute;
  }
  return undefined;
}
