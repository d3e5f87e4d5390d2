import { Interrupted } from "./failure.ts";
import { onAbort } from "./on-abort.ts";

/** Something to do, that stops when the signal aborts. */
export type Task = (signal: AbortSignal) => Promise<void>;

/** A controller that aborts with another signal, until disposed. */
export class LinkedController extends AbortController implements Disposable {
  readonly #link: Disposable;

  constructor(signal: AbortSignal) {
    super();
    this.#link = onAbort(signal, () => this.abort(signal.reason));
    if (signal.aborted) this.abort(signal.reason);
  }

  [Symbol.dispose](): void {
    this.#link[Symbol.dispose]();
  }
}

/** Tasks of one list that run at once: more would only wait, and whoever listens to a signal slows all others down. */
const tasksAtOnce = 64;

/**
 * Runs tasks together, 64 of them at once, and waits until all have ended; the first failure stops the others.
 *
 * Throws that failure: a real one rather than the `INTERRUPTED` of a task that was stopped because of it.
 */
export async function together(tasks: Iterable<Task>, signal: AbortSignal): Promise<void> {
  using siblings = new LinkedController(signal);
  const failures: unknown[] = [];
  const guarded = async (task: Task): Promise<void> => {
    try {
      await task(siblings.signal);
    } catch (failure) {
      failures.push(failure);
      siblings.abort(failure);
    }
  };
  await forEachBounded([...tasks], tasksAtOnce, guarded, siblings.signal);
  if (failures.length === 0) {
    // Some may never have begun: then this is not done.
    if (signal.aborted) throw new Interrupted(signal.reason);
    return;
  }
  throw failures.find((failure) => !(failure instanceof Interrupted)) ?? failures[0];
}

/**
 * Does the same to every item, at most `width` of them at once, started in order. A width that changes is asked for
 * whenever one has ended; below 1 it counts as 1.
 *
 * Stops starting more when the signal aborts, and rejects with the first rejection of `act`.
 */
export function forEachBounded<T>(
  items: readonly T[],
  width: number | (() => number),
  act: (item: T, position: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const widthNow = typeof width === "number" ? () => width : width;
  return new Promise((resolve, reject) => {
    let next = 0;
    let running = 0;
    const ended = (): void => {
      running -= 1;
      startMore();
    };
    const startMore = (): void => {
      while (next < items.length && running < Math.max(1, widthNow()) && !signal.aborted) {
        const position = next;
        next += 1;
        running += 1;
        act(items[position] as T, position).then(ended, reject); // below the length, checked just above
      }
      if (running === 0) resolve();
    };
    startMore();
  });
}

/** Waits for something that others are doing, no longer than the signal allows; it goes on without this waiter. */
export function orAborted<T>(waited: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) reject(new Interrupted(signal.reason));
    const listening = onAbort(signal, () => reject(new Interrupted(signal.reason)));
    waited.then(resolve, reject).finally(() => listening[Symbol.dispose]());
  });
}
