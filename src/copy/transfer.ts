import type { Clock } from "../base/clock.ts";
import { Interrupted } from "../base/failure.ts";
import { type Lease, takeAll } from "../base/limiter.ts";
import { onAbort } from "../base/on-abort.ts";
import type { OpenContent } from "../oci/store.ts";
import { contentOf } from "./blob-content.ts";
import { type BlobCopy, carry, type CopyContext, urgencyOf } from "./blob.ts";
import { deliver } from "./deliver.ts";
import type { BlobArrival } from "./ledger.ts";
import type { Presence } from "./presence.ts";
import { FellBehind, Tee } from "./tee.ts";

/** One target's part in a transfer. */
export interface Ride {
  readonly copy: BlobCopy;
  readonly presence: Presence;
  readonly context: CopyContext;
  readonly signal: AbortSignal;
}

/** How a transfer knows that all is well. */
export interface Pace {
  readonly clock: Clock;
  /** Something came from the source. */
  readonly moved: () => void;
  /** When anything of the image moved last, on the monotonic clock. */
  readonly movedMs: () => number;
}

interface Passenger extends Ride {
  readonly arrival: PromiseWithResolvers<BlobArrival>;
}

/** Those who are ready wait so long for the others while nothing of the image moves at all, in milliseconds. */
const patienceMs = 10_000;

/**
 * One blob on its way to several targets, read once for all that take part.
 *
 * It begins when everybody who might take part has said whether it does. A target that cannot tell, or whose host has
 * no slot free, is waited for while other blobs of the image move, and then left to bring its blob by itself.
 */
export class Transfer<Part> {
  readonly #copy: BlobCopy;
  readonly #undecided: Set<Part>;
  readonly #pace: Pace;
  readonly #passengers = new Set<Passenger>();
  #alarm: Disposable | undefined;
  #hasLeft = false;

  constructor(copy: BlobCopy, parts: readonly Part[], pace: Pace) {
    this.#copy = copy;
    this.#undecided = new Set(parts);
    this.#pace = pace;
  }

  /** Does not take part, or no longer. */
  decline(part: Part): void {
    if (this.#undecided.delete(part)) this.#leaveIfComplete();
  }

  /** Takes part, and gives what became of the blob; by itself when it comes too late. Throws as `copyBlob` does. */
  async ride(part: Part, ride: Ride): Promise<BlobArrival> {
    const isInTime = this.#undecided.delete(part) && !this.#hasLeft;
    if (!isInTime) return await carry(ride.copy, ride.presence, ride.context, ride.signal);
    const passenger = { ...ride, arrival: Promise.withResolvers<BlobArrival>() };
    this.#passengers.add(passenger);
    using _stopping = onAbort(ride.signal, () => {
      if (!this.#hasLeft) this.#stop(passenger);
    });
    this.#alarm ??= this.#whenNothingMoves(() => this.#leave());
    this.#leaveIfComplete();
    return await passenger.arrival.promise;
  }

  #stop(passenger: Passenger): void {
    this.#passengers.delete(passenger);
    passenger.arrival.reject(new Interrupted(passenger.signal.reason));
  }

  /** Calls `act` once when nothing of the image has moved for so long that there is no point in waiting. */
  #whenNothingMoves(act: () => void): Disposable {
    const { clock, movedMs } = this.#pace;
    const startMs = clock.monotonic();
    let alarm: Disposable;
    const look = (): void => {
      const leftMs = Math.max(startMs, movedMs()) + patienceMs - clock.monotonic();
      if (leftMs > 0) alarm = clock.after(leftMs, look);
      else act();
    };
    alarm = clock.after(patienceMs, look);
    return { [Symbol.dispose]: () => alarm[Symbol.dispose]() };
  }

  #leaveIfComplete(): void {
    if (this.#undecided.size === 0) this.#leave();
  }

  #leave(): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#alarm?.[Symbol.dispose]();
    void this.#carryAll();
  }

  async #carryAll(): Promise<void> {
    using lease = await this.#slotsForAll();
    const passengers = [...this.#passengers];
    if (lease === undefined) {
      for (const { copy, presence, context, signal, arrival } of passengers)
        arrival.resolve(carry(copy, presence, context, signal));
      return;
    }
    const { blob, source } = this.#copy;
    const { clock, moved } = this.#pace;
    const [first] = passengers;
    if (first === undefined) return;
    const open = contentOf(blob, source, first.context, lease);
    const tee = new Tee(open, passengers.length, clock, moved);
    const arrivals = passengers.map(async (passenger) => {
      try {
        return await deliverShared(passenger, tee, open, lease);
      } finally {
        // Slots that others still need stay.
        const shared = passengers
          .filter((other) => other !== passenger)
          .flatMap(({ copy }) => copy.target.writeLimiters);
        const needed = new Set([...shared, ...source.readLimiters]);
        lease.giveBack(passenger.copy.target.writeLimiters.filter((limiter) => !needed.has(limiter)));
      }
    });
    for (const [at, { arrival }] of passengers.entries()) arrival.resolve(arrivals[at] as Promise<BlobArrival>); // one for each
    await Promise.allSettled(arrivals);
  }

  /** Slots of the source and of every target at once; `undefined` when everybody is better off by itself. */
  async #slotsForAll(): Promise<Lease | undefined> {
    for (;;) {
      for (const passenger of this.#passengers) if (passenger.signal.aborted) this.#stop(passenger);
      const passengers = [...this.#passengers];
      if (passengers.length < 2) return undefined;
      const patience = new AbortController();
      using _alarm = this.#whenNothingMoves(() => patience.abort());
      const { blob, source } = this.#copy;
      const limiters = [...source.readLimiters, ...passengers.flatMap(({ copy }) => copy.target.writeLimiters)];
      const any = AbortSignal.any([patience.signal, ...passengers.map(({ signal }) => signal)]);
      try {
        return await takeAll(limiters, any, urgencyOf(blob));
      } catch (failure) {
        if (!(failure instanceof Interrupted)) throw failure;
        if (patience.signal.aborted) return undefined;
      }
    }
  }
}

/** Writes the blob to one target from what all of them read; by itself whenever it has to begin anew. */
async function deliverShared(
  { copy, presence, context, signal }: Ride,
  tee: Tee,
  open: OpenContent,
  lease: Lease,
): Promise<BlobArrival> {
  let isSeated = true;
  let isGivenUp = false;
  const shared: OpenContent = async (opening) => {
    // The last that was sent may be anything, so that no upload is gone on with that had begun by then.
    if (isGivenUp) throw new FellBehind();
    if (!isSeated) return await open(opening);
    isSeated = false;
    const seat = await tee.join(opening, () => {
      isGivenUp = true;
    });
    return seat ?? (await open(opening));
  };
  try {
    return await deliver(copy, presence, shared, context, lease, signal);
  } catch (failure) {
    if (!(failure instanceof FellBehind)) throw failure;
    const names = { target: copy.target.name, digest: copy.blob.digest };
    context.log.warn("Target holds up the others, sending to it by itself", { ...names, err: failure.message });
    return await deliver(copy, "absent", open, context, lease, signal);
  } finally {
    if (isSeated) tee.giveUpSeat();
  }
}
