import { formatDuration } from "../base/duration.ts";
import { durationType, int64Type } from "./go-type.ts";
import { goDuration, goFloat, goString, integerOf, type Method, type Methods, type Value } from "./value.ts";

const microsecond = 1_000n;
const millisecond = 1_000n * microsecond;
const second = 1_000n * millisecond;
const minute = 60n * second;
const hour = 60n * minute;
const longest = (1n << 63n) - 1n;
const shortest = -(1n << 63n);

/** What templates may call on a `time.Duration`. Spec: regsync.md §3.1. */
export const durationMethods: Methods = new Map([
  ["Abs", plain((ns) => goDuration(clamp(magnitude(ns))))],
  ["Hours", plain((ns) => inUnits(ns, hour))],
  ["Microseconds", plain((ns) => int64(ns / microsecond))],
  ["Milliseconds", plain((ns) => int64(ns / millisecond))],
  ["Minutes", plain((ns) => inUnits(ns, minute))],
  ["Nanoseconds", plain(int64)],
  ["Round", withUnit(round)],
  ["Seconds", plain((ns) => inUnits(ns, second))],
  ["String", plain((ns) => goString(formatDuration(ns)))],
  ["Truncate", withUnit((ns, unit) => ns - (ns % unit))],
]);

/** The nearest duration that 64 bits hold. */
export function clamp(ns: bigint): bigint {
  if (ns > longest) return longest;
  return ns < shortest ? shortest : ns;
}

function plain(result: (ns: bigint) => Value): Method {
  return { parameters: [], call: (_args, receiver) => result(integerOf(receiver)) };
}

/** A method that brings a duration to a multiple of another; of none that is positive, it stays as it is. */
function withUnit(toMultiple: (ns: bigint, unit: bigint) => bigint): Method {
  return {
    parameters: [durationType],
    call: ([wanted], receiver) => {
      const ns = integerOf(receiver);
      const unit = integerOf(wanted);
      return goDuration(unit <= 0n ? ns : clamp(toMultiple(ns, unit)));
    },
  };
}

/** Halves go away from zero. */
function round(ns: bigint, unit: bigint): bigint {
  const rest = magnitude(ns) % unit;
  const rounded = rest * 2n < unit ? magnitude(ns) - rest : magnitude(ns) + unit - rest;
  return ns < 0n ? -rounded : rounded;
}

/** The whole units and the rest are converted apart, as Go does, so that the last digit is the same. */
function inUnits(ns: bigint, unit: bigint): Value {
  return goFloat(Number(ns / unit) + Number(ns % unit) / Number(unit));
}

function int64(value: bigint): Value {
  return { kind: "integer", type: int64Type, value };
}

function magnitude(ns: bigint): bigint {
  return ns < 0n ? -ns : ns;
}
