import { Interrupted } from "./failure.ts";
import { onAbort } from "./on-abort.ts";

/** Who is served first when several wait for one slot: small requests never stand behind big ones. */
export type Urgency = "small" | "large";

interface Waiter {
  readonly limiters: readonly Limiter[];
  readonly urgency: Urgency;
  readonly grant: () => void;
}

/**
 * So many at once, the rest in line: small ones first, each class in the order it came.
 *
 * The width may change while it is in use; making it smaller lets the running ones finish.
 */
export class Limiter {
  #width: number;
  #taken = 0;
  readonly #waiting: Readonly<Record<Urgency, Waiter[]>> = { small: [], large: [] };

  constructor(width: number) {
    this.#width = width;
  }

  get width(): number {
    return this.#width;
  }

  get taken(): number {
    return this.#taken;
  }

  get waiting(): number {
    return this.#waiting.small.length + this.#waiting.large.length;
  }

  /** Changes how many may run at once, and lets in who now fits. */
  resize(width: number): void {
    this.#width = Math.max(1, Math.floor(width));
    this.#serve();
  }

  /** Waits for one slot. Dispose the lease to give it back. Rejects with `INTERRUPTED` on abort. */
  take(signal: AbortSignal, urgency: Urgency = "small"): Promise<Lease> {
    return takeAll([this], signal, urgency);
  }

  get hasRoom(): boolean {
    return this.#taken < this.#width;
  }

  /** Only for `takeAll`: counts one slot as taken, without asking. */
  occupy(): void {
    this.#taken += 1;
  }

  /** Only for `Lease`: gives one slot back and serves who waits. */
  vacate(): void {
    this.#taken -= 1;
    this.#serve();
  }

  /** Only for `takeAll`. */
  enqueue(waiter: Waiter): void {
    this.#waiting[waiter.urgency].push(waiter);
  }

  /** Only for `takeAll`. */
  forget(waiter: Waiter): void {
    const line = this.#waiting[waiter.urgency];
    const at = line.indexOf(waiter);
    if (at >= 0) line.splice(at, 1);
  }

  #serve(): void {
    const fits = (waiter: Waiter): boolean => waiter.limiters.every((limiter) => limiter.hasRoom);
    while (this.hasRoom) {
      const next = this.#waiting.small.find(fits) ?? this.#waiting.large.find(fits);
      if (next === undefined) return;
      next.grant();
    }
  }
}

/** Slots that are held. Disposing gives them back, once. */
export class Lease implements Disposable {
  #limiters: readonly Limiter[];

  constructor(limiters: readonly Limiter[]) {
    this.#limiters = limiters;
  }

  /** Whether a request that needs this limiter's slot runs under the lease, and takes none of its own. */
  covers(limiter: Limiter): boolean {
    return this.#limiters.includes(limiter);
  }

  /** Gives some of the slots back before the others. */
  giveBack(limiters: readonly Limiter[]): void {
    const returned = this.#limiters.filter((limiter) => limiters.includes(limiter));
    this.#limiters = this.#limiters.filter((limiter) => !limiters.includes(limiter));
    for (const limiter of returned) limiter.vacate();
  }

  [Symbol.dispose](): void {
    const held = this.#limiters;
    this.#limiters = [];
    for (const limiter of held) limiter.vacate();
  }
}

/**
 * Waits for one slot of every limiter, all at once or none: two transfers in opposite directions never block
 * each other. A limiter named twice is taken once. Rejects with `INTERRUPTED` on abort.
 */
export function takeAll(limiters: readonly Limiter[], signal: AbortSignal, urgency: Urgency = "small"): Promise<Lease> {
  const wanted = [...new Set(limiters)];
  if (signal.aborted) return Promise.reject(new Interrupted(signal.reason));
  const occupy = (): Lease => {
    for (const limiter of wanted) limiter.occupy();
    return new Lease(wanted);
  };
  if (wanted.every((limiter) => limiter.hasRoom)) return Promise.resolve(occupy());
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      for (const limiter of wanted) limiter.forget(waiter);
    };
    const waiter: Waiter = {
      limiters: wanted,
      urgency,
      grant: () => {
        leave();
        listening[Symbol.dispose]();
        resolve(occupy());
      },
    };
    const listening = onAbort(signal, () => {
      leave();
      reject(new Interrupted(signal.reason));
    });
    for (const limiter of wanted) limiter.enqueue(waiter);
  });
}
