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

/**
 * Everybody who listens to one signal, in the order they came; each leads to its neighbours, and to nobody once it is
 * out. A `Set` that is added to and taken from all the time makes its table anew every few dozen times, and each table
 * leads to the next: with one in the old space, all that follow and what they hold stay until that is collected.
 */
class Listeners {
  readonly #signal: AbortSignal;
  #first: Listener | undefined;
  #last: Listener | undefined;
  readonly #callAll = (): void => {
    for (let first = this.#first; first !== undefined; first = this.#first) {
      this.remove(first);
      first.call();
    }
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(listener: Listener): void {
    if (this.#last === undefined) {
      this.#signal.addEventListener("abort", this.#callAll);
      this.#first = listener;
    } else {
      this.#last.next = listener;
      listener.previous = this.#last;
    }
    this.#last = listener;
  }

  remove(listener: Listener): void {
    const { previous, next } = listener;
    const isOut = previous === undefined && listener !== this.#first;
    if (isOut) return;
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    listener.previous = undefined;
    listener.next = undefined;
    if (this.#last === undefined) this.#signal.removeEventListener("abort", this.#callAll);
  }
}

class Listener implements Disposable {
  readonly #siblings: Listeners;
  #act: (() => void) | undefined;
  /** Only for `Listeners`. */
  previous: Listener | undefined;
  /** Only for `Listeners`. */
  next: Listener | undefined;

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
