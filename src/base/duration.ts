import { Failure } from "./failure.ts";

const nanosecondsPerMillisecond = 1_000_000;
const nanosecondsPerSecond = 1_000_000_000n;
const largestMagnitude = 1n << 63n;

const units = new Map([
  ["ns", 1n],
  ["us", 1_000n],
  ["\u00b5s", 1_000n], // micro sign
  ["\u03bcs", 1_000n], // Greek letter mu
  ["ms", 1_000_000n],
  ["s", nanosecondsPerSecond],
  ["m", 60n * nanosecondsPerSecond],
  ["h", 3_600n * nanosecondsPerSecond],
]);

const quantity = /([0-9]*)(?:\.([0-9]*))?([^0-9.]*)/y;

/** A text that is not a duration in Go's notation, or one that 64 bits of nanoseconds cannot hold. */
export class DurationInvalid extends Failure {
  readonly code = "DURATION_INVALID";
  readonly text: string;

  constructor(text: string, reason: string) {
    super(`${JSON.stringify(text)} is not a duration: ${reason}; write it like "1h30m" or "15s"`);
    this.text = text;
  }
}

/**
 * The length of a duration in Go's notation (`1h30m`, `-1.5s`, `0`), in nanoseconds, exact to 64 bits.
 *
 * Throws `DURATION_INVALID`. Spec: regsync.md §2.1; Go `time.ParseDuration`.
 */
export function parseDuration(text: string): bigint {
  const negative = text.startsWith("-");
  const magnitude = negative || text.startsWith("+") ? text.slice(1) : text;
  if (magnitude === "0") return 0n;
  if (magnitude === "") throw new DurationInvalid(text, "it has no number");

  let total = 0n;
  quantity.lastIndex = 0;
  while (quantity.lastIndex < magnitude.length) {
    const [, whole = "", fraction = "", unitName = ""] = quantity.exec(magnitude) ?? [];
    if (whole === "" && fraction === "") throw new DurationInvalid(text, "a number is missing");
    if (unitName === "") throw new DurationInvalid(text, "a unit is missing (ns, us, ms, s, m, h)");
    const unit = units.get(unitName);
    if (unit === undefined) throw new DurationInvalid(text, `${JSON.stringify(unitName)} is not a unit`);
    total += nanoseconds(whole, fraction, unit);
    if (total > largestMagnitude) throw new DurationInvalid(text, "it is too long");
  }
  if (total === largestMagnitude && !negative) throw new DurationInvalid(text, "it is too long");
  return negative ? -total : total;
}

/** A count of nanoseconds in Go's notation, as `Duration.String()` gives it: `1h30m0s`, `1.5ms`, `0s`. */
export function formatDuration(ns: bigint): string {
  const sign = ns < 0n ? "-" : "";
  const magnitude = ns < 0n ? -ns : ns;
  if (magnitude === 0n) return "0s";
  if (magnitude < 1_000n) return `${sign}${magnitude}ns`;
  if (magnitude < 1_000_000n) return `${sign}${decimal(magnitude, 3)}\u00b5s`;
  if (magnitude < nanosecondsPerSecond) return `${sign}${decimal(magnitude, 6)}ms`;

  const minutes = magnitude / (60n * nanosecondsPerSecond);
  const seconds = `${decimal(magnitude % (60n * nanosecondsPerSecond), 9)}s`;
  if (minutes === 0n) return sign + seconds;
  if (minutes < 60n) return `${sign}${minutes}m${seconds}`;
  return `${sign}${minutes / 60n}h${minutes % 60n}m${seconds}`;
}

/** Nanoseconds as milliseconds, fractions kept, for timers and for fields named `…Ms`. */
export function durationMs(ns: bigint): number {
  return Number(ns) / nanosecondsPerMillisecond;
}

/** One number with its unit. A result above 64 bits is too long whatever it is exactly. */
function nanoseconds(whole: string, fraction: string, unit: bigint): bigint {
  const digits = whole.replace(/^0+/, "");
  if (digits.length > 19) return largestMagnitude + 1n;
  const count = BigInt(digits) * unit;
  const { value, scale } = leadingFraction(fraction);
  return value === 0n ? count : count + BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
}

/** As many digits of a fraction as 63 bits hold; the others are dropped, as Go does. */
function leadingFraction(digits: string): { value: bigint; scale: number } {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (largestMagnitude - 1n) / 10n || next > largestMagnitude) break;
    value = next;
    scale *= 10;
  }
  return { value, scale };
}

/** `value / 10^places` without trailing zeros. */
function decimal(value: bigint, places: number): string {
  const unit = 10n ** BigInt(places);
  const fraction = (value % unit).toString().padStart(places, "0").replace(/0+$/, "");
  return fraction === "" ? `${value / unit}` : `${value / unit}.${fraction}`;
}
