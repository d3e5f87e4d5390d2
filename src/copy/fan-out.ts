import type { Clock } from "../base/clock.ts";
import { LinkedController, orAborted } from "../base/together.ts";
import type { Digest } from "../oci/digest.ts";
import type { Repository } from "../oci/store.ts";
import { type BlobCopy, type CopyContext, copyBlob, countArrival } from "./blob.ts";
import type { Carrier, DocumentSource, Reached } from "./carrier.ts";
import type { BlobArrival } from "./ledger.ts";
import { lookFor } from "./presence.ts";
import { SharedDocuments } from "./shared-documents.ts";
import { Transfer } from "./transfer.ts";

/**
 * The copies of one image to several targets: each is a copy like any other, and what all of them need is read once.
 *
 * Whichever copy comes to a blob first looks after it for all of them, so that those that lack it are there when it is
 * read. A copy that fails ends its own part, and the others go on.
 */
export class FanOut {
  readonly #clock: Clock;
  readonly #lanes = new Set<Lane>();
  readonly #documents = new Map<string, SharedDocuments>();
  #movedMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#movedMs = clock.monotonic();
  }

  /** For the same image when it waited long: see `SharedDocuments.renewed`. Not for one whose copies have begun. */
  renewed(): FanOut {
    const renewed = new FanOut(this.#clock);
    for (const [source, documents] of this.#documents) renewed.#documents.set(source, documents.renewed());
    return renewed;
  }

  /** Joins with the copy to one target. Every lane is made before the first of the copies begins. */
  lane(target: Repository, context: CopyContext, signal: AbortSignal): Lane {
    const lane = new Lane(this, target, context, signal);
    this.#lanes.add(lane);
    return lane;
  }

  /** The documents of a source, each of them asked for once. */
  documentsOf(source: Repository): DocumentSource {
    const known = this.#documents.get(source.name);
    if (known !== undefined) return known;
    const shared = new SharedDocuments(source);
    this.#documents.set(source.name, shared);
    return shared;
  }

  /** Begins to bring a blob to every target that may lack it. */
  begin(first: Lane, copy: BlobCopy, manifest: Digest): void {
    const others = [...this.#lanes].filter((lane) => lane !== first && lane.mayLack(copy, manifest));
    const lanes = [first, ...others];
    const clock = this.#clock;
    const moved = (): void => {
      this.#movedMs = clock.monotonic();
    };
    const transfer = new Transfer<Lane>(copy, lanes, { clock, moved, movedMs: () => this.#movedMs });
    for (const lane of lanes) lane.begin(lane === first ? copy : lane.own(copy, manifest), transfer);
  }

  leave(lane: Lane): void {
    this.#lanes.delete(lane);
  }
}

/** The part of one target. Disposing it stops what is still under way for it. */
export class Lane implements Carrier, AsyncDisposable {
  readonly #fan: FanOut;
  readonly target: Repository;
  readonly context: CopyContext;
  readonly #life: LinkedController;
  readonly #reached = new Map<Digest, Reached>();
  /** What was begun for this target and not asked for yet by its copy. */
  readonly #arrivals = new Map<string, Promise<BlobArrival>>();
  readonly #running = new Set<Promise<unknown>>();

  constructor(fan: FanOut, target: Repository, context: CopyContext, signal: AbortSignal) {
    this.#fan = fan;
    this.target = target;
    this.context = context;
    this.#life = new LinkedController(signal);
  }

  documentsOf(source: Repository): DocumentSource {
    return this.#fan.documentsOf(source);
  }

  reach(manifest: Digest, state: Reached): void {
    this.#reached.set(manifest, state);
  }

  async bring(copy: BlobCopy, manifest: Digest, signal: AbortSignal): Promise<BlobArrival> {
    // Referrers may go to a place of their own.
    if (copy.target.name !== this.target.name) return await copyBlob(copy, this.context, signal);
    const key = keyOf(copy);
    if (!this.#arrivals.has(key)) this.#fan.begin(this, copy, manifest);
    const arrival = this.#arrivals.get(key);
    if (arrival === undefined) throw new Error(`nothing was begun for ${key}`);
    try {
      return await orAborted(arrival, signal);
    } finally {
      this.#arrivals.delete(key);
    }
  }

  /** Whether this target's copy has not come to the blob yet, and may. */
  mayLack(copy: BlobCopy, manifest: Digest): boolean {
    return this.#reached.get(manifest) !== "whole" && !this.#arrivals.has(keyOf(copy));
  }

  /** The same blob on its way to this target. */
  own(copy: BlobCopy, manifest: Digest): BlobCopy {
    const state = this.#reached.get(manifest);
    const prospect = state === "there" ? "likely" : copy.prospect === "likely" ? "open" : copy.prospect;
    return { ...copy, target: this.target, prospect };
  }

  /** Begins to bring a blob to this target, as a part of a transfer that others may be part of. */
  begin(copy: BlobCopy, transfer: Transfer<Lane>): void {
    const arrival = this.#arrive(copy, transfer);
    this.#arrivals.set(keyOf(copy), arrival);
    this.#running.add(arrival);
    const forget = (): void => void this.#running.delete(arrival);
    arrival.then(forget, forget);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#fan.leave(this);
    this.#life.abort();
    await Promise.allSettled(this.#running);
    this.#life[Symbol.dispose]();
  }

  /**
   * As `copyBlob`. Its place on the host is claimed before the blob is looked for: copies of other images find either
   * all targets claimed or none. Says at once when it waits for others, and does not take part then.
   */
  async #arrive(copy: BlobCopy, transfer: Transfer<Lane>): Promise<BlobArrival> {
    const { signal } = this.#life;
    const { ledger } = this.context;
    const { target } = copy;
    const { digest } = copy.blob;
    let isAtWork = false;
    const send = async (): Promise<BlobArrival> => {
      isAtWork = true;
      const presence = await lookFor(copy, ledger, signal);
      if (presence === "present") return presence;
      return await transfer.ride(this, { copy, presence, context: this.context, signal });
    };
    try {
      const arrival = ledger.arrive(target, digest, () => ledger.send(target, digest, send, signal), signal);
      if (!isAtWork) transfer.decline(this);
      return await countArrival(arrival, target.host, this.context.counted, signal);
    } finally {
      transfer.decline(this);
    }
  }
}

function keyOf({ source, blob }: BlobCopy): string {
  return `${source.name} ${blob.digest}`;
}
