import { Interrupted } from "./failure.ts";
import { onAbort } from "./on-abort.ts";

/** Time, as everything here asks for it. The only other implementation is the one of the tests. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Milliseconds since an arbitrary moment, never going backwards: for durations. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with `INTERRUPTED` when the signal aborts first. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls `act` once after `ms` milliseconds unless disposed first. Does not keep the process alive. */
  after(ms: number, act: () => void): Disposable;
  /** Calls `act` once everything that is due has had its turn. */
  soon(act: () => void): void;
}

/** What Node's timers can count, about 25 days; one that is set for longer goes off at once. */
export const longestTimerMs = 2 ** 31 - 1;

/**
 * The real clock: whoever waits for longer than its timers count waits so long. The one place where timers and
 * `Date.now` are used.
 */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => {
    const [seconds, nanoseconds] = process.hrtime(); // `performance` brings much that is never used
    return seconds * 1_000 + nanoseconds / 1_000_000;
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(new Interrupted(signal.reason));
        return;
      }
      const timer = setTimeout(
        () => {
          listening[Symbol.dispose]();
          resolve();
        },
        Math.min(ms, longestTimerMs),
      );
      const listening = onAbort(signal, () => {
        clearTimeout(timer);
        reject(new Interrupted(signal.reason));
      });
    }),
  after: (ms, act) => {
    const timer = setTimeout(act, Math.min(ms, longestTimerMs));
    timer.unref();
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
  soon: (act) => void setImmediate(act),
};
