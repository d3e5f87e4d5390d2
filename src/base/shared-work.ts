import { Interrupted } from "./failure.ts";
import { orAborted } from "./together.ts";

interface Shared<V> {
  readonly result: Promise<V>;
  readonly controller: AbortController;
  waiting: number;
}

/**
 * Work that is done once for everybody who wants it at the same time: begun for the first, and stopped when the last
 * has turned away. Nothing is remembered after it has ended.
 */
export class SharedWork<V> {
  readonly #running = new Map<string, Shared<V>>();

  /**
   * Gives what the work with this key gives, or throws what it throws. `work` must stop with the signal it is
   * handed, which is not that of any single caller. Throws `INTERRUPTED` on abort.
   */
  async run(key: string, work: (signal: AbortSignal) => Promise<V>, signal: AbortSignal): Promise<V> {
    if (signal.aborted) throw new Interrupted(signal.reason);
    const shared = this.#running.get(key) ?? this.#begin(key, work);
    shared.waiting += 1;
    try {
      return await orAborted(shared.result, signal);
    } finally {
      shared.waiting -= 1;
      if (shared.waiting === 0) {
        if (this.#running.get(key) === shared) this.#running.delete(key);
        shared.controller.abort();
      }
    }
  }

  #begin(key: string, work: (signal: AbortSignal) => Promise<V>): Shared<V> {
    const controller = new AbortController();
    const shared: Shared<V> = { result: work(controller.signal), controller, waiting: 0 };
    this.#running.set(key, shared);
    return shared;
  }
}
