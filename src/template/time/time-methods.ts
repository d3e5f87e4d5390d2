import type { Bytes } from "../bytes.ts";
import { zeroTimeSeconds } from "../convert.ts";
import { clamp } from "../duration-methods.ts";
import { CallRefused } from "../failure.ts";
import { quote } from "../quote.ts";
import {
  byteType,
  durationType,
  type GoType,
  type IntegerType,
  int64Type,
  intType,
  monthType,
  stringType,
  timeType,
  weekdayType,
} from "../go-type.ts";
import {
  bytesOf,
  goBool,
  goBytes,
  goDuration,
  goInt,
  goList,
  goPointer,
  goStruct,
  integerOf,
  type Method,
  type Methods,
  type TimeValue,
  timeOf,
  type Value,
  type Zone,
} from "../value.ts";
import { monthNames, weekdayNames } from "./calendar.ts";
import {
  nanosecondsPerSecond,
  timeAt,
  timeFromNanoseconds,
  totalNanoseconds,
  type WallTime,
  wallTimeOf,
} from "./instant.ts";
import { formatTime } from "./layout.ts";
import { isSummerTime, isUtc } from "./zone.ts";

/** Asking the time-zone data takes as long as this many ordinary steps. */
const stepsPerZoneLookup = 2_000;

const plainLayout = "2006-01-02 15:04:05.999999999 -0700 MST";
const serialLayout = "2006-01-02T15:04:05.999999999Z07:00";

/** What templates may call on a `time.Time`. Spec: regsync.md §3.2. */
export const timeMethods: Methods = new Map([
  ["Add", method([durationType], (time, [duration]) => shift(time, integerOf(duration)))],
  ["AddDate", method([intType, intType, intType], addDate)],
  ["After", comparison((order) => goBool(order > 0))],
  ["Before", comparison((order) => goBool(order < 0))],
  ["Compare", comparison((order) => goInt(order))],
  ["Day", part(({ day }) => goInt(day))],
  ["Equal", comparison((order) => goBool(order === 0))],
  ["Format", method([stringType], (time, [layout]) => goBytes(formatTime(wallTimeOf(time), bytesOf(layout))))],
  ["GoString", method([], (time) => goBytes(goSyntax(time)))],
  ["Hour", part(({ hour }) => goInt(hour))],
  ["IsDST", method([], ({ zone, seconds }) => goBool(isSummerTime(zone, seconds)))],
  ["IsZero", method([], ({ seconds, nanosecond }) => goBool(seconds === zeroTimeSeconds && nanosecond === 0))],
  ["Local", { parameters: [], call: (_args, receiver, { world }) => inZone(timeOf(receiver), world.timeZone) }],
  ["Location", method([], ({ zone }) => location(zone))],
  ["MarshalJSON", method([], (time) => byteList(`"${serialize(time)}"`))],
  ["MarshalText", method([], (time) => byteList(serialize(time)))],
  ["Minute", part(({ minute }) => goInt(minute))],
  ["Month", part(({ month }) => integer(monthType, BigInt(month)))],
  ["Nanosecond", part(({ nanosecond }) => goInt(nanosecond))],
  ["Round", toMultiple((rest, unit) => (rest * 2n < unit ? -rest : unit - rest))],
  ["Second", part(({ second }) => goInt(second))],
  ["String", method([], (time) => goBytes(formatTime(wallTimeOf(time), plainLayout)))],
  ["Sub", method([timeType], (time, [other]) => goDuration(clamp(difference(time, timeOf(other)))))],
  ["Truncate", toMultiple((rest) => -rest)],
  ["UTC", method([], (time) => ({ ...time, zone: { kind: "utc" } }))],
  ["Unix", method([], ({ seconds }) => integer(int64Type, seconds))],
  ["UnixMicro", sinceEpoch(1_000n)],
  ["UnixMilli", sinceEpoch(1_000_000n)],
  ["UnixNano", sinceEpoch(1n)],
  ["Weekday", part(({ weekday }) => integer(weekdayType, BigInt(weekday)))],
  ["Year", part(({ year }) => integer(intType, year))],
  ["YearDay", part(({ yearDay }) => goInt(yearDay))],
]);

/** What templates may call on a `time.Month`. */
export const monthMethods: Methods = nameMethods(monthNames, 1);

/** What templates may call on a `time.Weekday`. */
export const weekdayMethods: Methods = nameMethods(weekdayNames, 0);

/** A time as JSON and other formats for machines have it. Throws `CallRefused` for years without four digits. */
export function serialize(time: TimeValue): Bytes {
  const wall = wallTimeOf(time);
  if (wall.year < 0n || wall.year > 9_999n) throw new CallRefused("the year is outside of 0 to 9999");
  if (Math.abs(wall.offsetSeconds) >= 86_400) throw new CallRefused("the time zone is more than a day off");
  return formatTime(wall, serialLayout);
}

function method(parameters: readonly GoType[], result: (time: TimeValue, args: readonly Value[]) => Value): Method {
  return {
    parameters,
    call: (args, receiver, { budget }) => {
      const time = timeOf(receiver);
      budget.spendSteps(isUtc(time.zone) ? 1 : stepsPerZoneLookup);
      return result(time, args);
    },
  };
}

function part(result: (wall: WallTime) => Value): Method {
  return method([], (time) => result(wallTimeOf(time)));
}

function comparison(result: (order: number) => Value): Method {
  return method([timeType], (time, [other]) => {
    const distance = difference(time, timeOf(other));
    return result(distance === 0n ? 0 : distance < 0n ? -1 : 1);
  });
}

function sinceEpoch(unit: bigint): Method {
  return method([], (time) => {
    const total = totalNanoseconds(time);
    return integer(int64Type, (total - (((total % unit) + unit) % unit)) / unit);
  });
}

/** Moves a time to a multiple of a duration, counted from the year 1. */
function toMultiple(movement: (rest: bigint, unit: bigint) => bigint): Method {
  return method([durationType], (time, [wanted]) => {
    const unit = integerOf(wanted);
    if (unit <= 0n) return time;
    const sinceYearOne = totalNanoseconds(time) - zeroTimeSeconds * nanosecondsPerSecond;
    const rest = ((sinceYearOne % unit) + unit) % unit;
    return shift(time, movement(rest, unit));
  });
}

function nameMethods(names: readonly string[], first: number): Methods {
  const call: Method["call"] = (_args, receiver) => goBytes(names[Number(integerOf(receiver)) - first] ?? "");
  return new Map([["String", { parameters: [], call }]]);
}

function difference(time: TimeValue, other: TimeValue): bigint {
  return totalNanoseconds(time) - totalNanoseconds(other);
}

function shift(time: TimeValue, ns: bigint): Value {
  return timeFromNanoseconds(totalNanoseconds(time) + ns, time.zone);
}

function addDate(time: TimeValue, [years, months, days]: readonly Value[]): Value {
  const { year, month, day, hour, minute, second, nanosecond } = wallTimeOf(time);
  const date = {
    year: year + integerOf(years),
    month: BigInt(month) + integerOf(months),
    day: BigInt(day) + integerOf(days),
  };
  return timeAt(date, hour * 3_600 + minute * 60 + second, nanosecond, time.zone);
}

function inZone(time: TimeValue, timeZone: string): Value {
  return { ...time, zone: { kind: "local", timeZone } };
}

function location(zone: Zone): Value {
  const name = goBytes(zoneTitle(zone));
  return goPointer(goStruct("time.Location", [], new Map([["String", { parameters: [], call: () => name }]])));
}

function zoneTitle(zone: Zone): Bytes {
  if (zone.kind === "fixed") return zone.name;
  return zone.kind === "utc" ? "UTC" : zone.timeZone;
}

/** A time as a Go program would make it. */
function goSyntax(time: TimeValue): Bytes {
  const { year, month, day, hour, minute, second, nanosecond } = wallTimeOf(time);
  const { zone } = time;
  const place =
    zone.kind === "utc" ? "time.UTC" : zone.kind === "local" ? "time.Local" : `time.Location(${quote(zone.name)})`;
  const numbers = [day, hour, minute, second, nanosecond].join(", ");
  return `time.Date(${year}, time.${monthNames[month - 1]}, ${numbers}, ${place})`;
}

function integer(type: IntegerType, value: bigint): Value {
  return { kind: "integer", type, value: BigInt.asIntN(type.bits, value) };
}

function byteList(bytes: Bytes): Value {
  const items = Array.from(
    bytes,
    (byte) => ({ kind: "integer", type: byteType, value: BigInt(byte.charCodeAt(0)) }) as const,
  );
  return goList(byteType, items);
}
