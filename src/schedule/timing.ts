import { createHash } from "node:crypto";
import { formatDuration } from "../base/duration.ts";
import { parseCron } from "../dialect/cron.ts";
import type { TimeZones } from "../dialect/time-zone.ts";

/** When an entry is due, again and again. Instants are epoch milliseconds. */
export interface Timing {
  /** The cron text, or `@every 1h0m0s` for an interval. */
  readonly text: string;
  /** The first time after now; `undefined` when there is none. */
  first(nowMs: number): number | undefined;
  /** The first time after now that follows a time that was due; times in between are left out. */
  following(dueMs: number, nowMs: number): number | undefined;
  /** Whether times are so far apart, whatever the clock on the wall shows; otherwise they are times of that clock. */
  readonly isInterval: boolean;
}

/** How far the times of equal intervals are moved apart when nothing else is said: a tenth of it, and this at most. */
const usualJitterShare = 0.1;
const usualJitterMs = 5 * 60_000;

/**
 * The times of a cron text, in the local zone unless it names one. Jitter does not move them.
 *
 * Throws `CRON_INVALID`. Spec: regsync.md §1.5.
 */
export function cronTiming(text: string, localZone: string, zones: TimeZones): Timing {
  const cron = parseCron(text, localZone, zones);
  if (cron.everyMs !== undefined) return everyTiming(text, cron.everyMs, 0);
  return {
    text,
    first: (nowMs) => cron.next(nowMs),
    following: (dueMs, nowMs) => cron.next(Math.max(dueMs, nowMs)),
    isInterval: false,
  };
}

/**
 * The times of an interval: whole seconds apart and at least one, the first so long after now, and each moved by the
 * same part of the jitter, which the name alone decides. `jitterMs` is how far they are moved at most, and never further
 * than the interval is long; `undefined` is a tenth of the interval, and five minutes at most.
 */
export function intervalTiming(intervalMs: number, name: string, jitterMs: number | undefined): Timing {
  const everyMs = Math.max(1, Math.floor(intervalMs / 1_000)) * 1_000;
  const text = `@every ${formatDuration(BigInt(everyMs) * 1_000_000n)}`;
  const mostMs = Math.min(everyMs, jitterMs ?? Math.min(everyMs * usualJitterShare, usualJitterMs));
  return everyTiming(text, everyMs, Math.floor(shareOf(name) * mostMs));
}

function everyTiming(text: string, everyMs: number, offsetMs: number): Timing {
  return {
    text,
    first: (nowMs) => Math.floor(nowMs / 1_000) * 1_000 + everyMs + offsetMs,
    following: (dueMs, nowMs) => dueMs + (Math.floor(Math.max(0, nowMs - dueMs) / everyMs) + 1) * everyMs,
    isInterval: true,
  };
}

/** A number from 0 up to but not including 1 that stands for a name, evenly spread over names. */
function shareOf(name: string): number {
  return createHash("sha256").update(name).digest().readUInt32BE() / 2 ** 32;
}
