import type { Clock } from "../../src/base/clock.ts";
import { systemClock } from "../../src/base/clock.ts";

/**
 * A clock on which everything happens, only `factor` times as fast as on the wall: what sleeps for a second is back
 * after a second of it, in the order of the alarms, and time never stands still. For runs over real connections.
 */
export function fastClock(factor: number): Clock {
  const startedMs = systemClock.now();
  const startedAt = systemClock.monotonic();
  const passedMs = (): number => (systemClock.monotonic() - startedAt) * factor;
  return {
    now: () => Math.floor(startedMs + passedMs()),
    monotonic: passedMs,
    sleep: (ms, signal) => systemClock.sleep(ms / factor, signal),
    after: (ms, act) => systemClock.after(ms / factor, act),
    soon: (act) => systemClock.soon(act),
  };
}
