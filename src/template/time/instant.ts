import { zeroTimeSeconds } from "../convert.ts";
import { int64Type, type IntegerType, structType, timeType } from "../go-type.ts";
import { goNilPointer, goStruct, type StructValue, type TimeValue, type Zone } from "../value.ts";
import { type CivilDate, civilFromDays, daysFromCivil, floorDivide, secondsPerDay } from "./calendar.ts";
import { instantOf, nameOf, offsetOf } from "./zone.ts";

/** A thousand million. */
export const nanosecondsPerSecond = 1_000_000_000n;

const uint64Type: IntegerType = { kind: "integer", name: "uint64", signed: false, bits: 64 };
const nanosecondsPerMillisecond = 1_000_000n;

/** What clocks and calendars show of a time in its zone. */
export interface WallTime extends CivilDate {
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly nanosecond: number;
  /** 0 is Sunday. */
  readonly weekday: number;
  /** From 1. */
  readonly yearDay: number;
  readonly offsetSeconds: number;
  /** `""` for a zone without a name. */
  readonly zoneName: string;
}

/** A time from nanoseconds since 1970. */
export function timeFromNanoseconds(total: bigint, zone: Zone): TimeValue {
  const seconds = floorDivide(total, nanosecondsPerSecond);
  return { kind: "time", type: timeType, seconds, nanosecond: Number(total - seconds * nanosecondsPerSecond), zone };
}

/** A time from epoch milliseconds. */
export function timeFromMilliseconds(milliseconds: number, zone: Zone): TimeValue {
  return timeFromNanoseconds(BigInt(Math.floor(milliseconds)) * nanosecondsPerMillisecond, zone);
}

/** Nanoseconds since 1970, of any size. */
export function totalNanoseconds({ seconds, nanosecond }: TimeValue): bigint {
  return seconds * nanosecondsPerSecond + BigInt(nanosecond);
}

/** The time at which calendars and clocks in a zone show this; months and days out of range carry over. */
export function timeAt(
  date: { readonly year: bigint; readonly month: bigint; readonly day: bigint },
  secondOfDay: number,
  nanosecond: number,
  zone: Zone,
): TimeValue {
  const wall = daysFromCivil(date.year, date.month, date.day) * secondsPerDay + BigInt(secondOfDay);
  return { kind: "time", type: timeType, seconds: instantOf(wall, zone), nanosecond, zone };
}

/** What clocks and calendars in its zone show at a time. */
export function wallTimeOf({ seconds, nanosecond, zone }: TimeValue): WallTime {
  const offsetSeconds = offsetOf(zone, seconds);
  const wall = seconds + BigInt(offsetSeconds);
  const days = floorDivide(wall, secondsPerDay);
  const secondOfDay = Number(wall - days * secondsPerDay);
  const date = civilFromDays(days);
  return {
    ...date,
    hour: Math.floor(secondOfDay / 3_600),
    minute: Math.floor(secondOfDay / 60) % 60,
    second: secondOfDay % 60,
    nanosecond,
    weekday: Number((((days + 4n) % 7n) + 7n) % 7n),
    yearDay: Number(days - daysFromCivil(date.year, 1n, 1n)) + 1,
    offsetSeconds,
    get zoneName() {
      return nameOf(zone, seconds);
    },
  };
}

/** A time as the struct it is in Go, for verbs that do not take its text. */
export function timeAsStruct({ seconds, nanosecond }: TimeValue): StructValue {
  return goStruct(timeType.name, [
    { name: "wall", json: "", value: { kind: "integer", type: uint64Type, value: BigInt(nanosecond) } },
    { name: "ext", json: "", value: { kind: "integer", type: int64Type, value: seconds - zeroTimeSeconds } },
    { name: "loc", json: "", value: goNilPointer(structType("time.Location")) },
  ]);
}
