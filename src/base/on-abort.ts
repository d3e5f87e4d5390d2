/** Where a signal keeps those who listen to it. */
const listeners = Symbol("listeners");

interface HeardSignal extends AbortSignal {
  [listeners]?: Listeners;
}

/**
 * Calls `act` when the signal aborts, and soon when it has already. Dispose what is given back to stop listening: nothing
 * holds `act` then. It must not throw.
 *
 * Thousands of requests come to listen to the same signal. Its own listeners are a list that Node looks through for each
 * new one, and one that was taken out still leads to those after it: once it has moved to the old space, it keeps their
 * requests and answers until that is collected. So there is one such listener for all of them, and none when nobody
 * listens, since Node keeps some signals for as long as they have any.
 */
export function onAbort(signal: AbortSignal, act: () => void): Disposable {
  const heard: HeardSignal = signal;
  heard[listeners] ??= new Listeners(signal);
  const listener = new Listener(act, heard[listeners]);
  if (signal.aborted) queueMicrotask(() => listener.call());
  else heard[listeners].add(listener);
  return listener;
}

/** Everybody who listens to one signal. */
class Listeners {
  readonly #signal: AbortSignal;
  readonly #all = new Set<Listener>();
  readonly #callAll = (): void => {
    for (const each of this.#all) each.call();
    this.#all.clear();
    this.#signal.removeEventListener("abort", this.#callAll);
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(listener: Listener): void {
    if (this.#all.size === 0) this.#signal.addEventListener("abort", this.#callAll);
    this.#all.add(listener);
  }

  remove(listener: Listener): void {
    if (!this.#all.delete(listener) || this.#all.size > 0) return;
    this.#signal.removeEventListener("abort", this.#callAll);
  }
}

class Listener implements Disposable {
  readonly #siblings: Listeners;
  #act: (() => void) | undefined;

  constructor(act: () => void, siblings: Listeners) {
    this.#act = act;
    this.#siblings = siblings;
  }

  call(): void {
    this.#act?.();
  }

  [Symbol.dispose](): void {
    this.#act = undefined;
    this.#siblings.remove(this);
  }
}
