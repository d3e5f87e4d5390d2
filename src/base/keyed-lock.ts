import { Limiter } from "./limiter.ts";

/** One at a time for each key; keys do not wait for each other, and nothing is remembered of a key that is free. */
export class KeyedLock {
  readonly #taken = new Map<string, { readonly turns: Limiter; users: number }>();

  /** Does something while nobody else does anything with the same key. Rejects with `INTERRUPTED` on abort. */
  async run<T>(key: string, act: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const lock = this.#taken.get(key) ?? { turns: new Limiter(1), users: 0 };
    this.#taken.set(key, lock);
    lock.users += 1;
    try {
      using _turn = await lock.turns.take(signal);
      return await act();
    } finally {
      lock.users -= 1;
      if (lock.users === 0) this.#taken.delete(key);
    }
  }
}
