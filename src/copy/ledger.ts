import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import { orAborted } from "../base/together.ts";
import type { Digest } from "../oci/digest.ts";
import type { Repository } from "../oci/store.ts";

/** Blobs remembered at most. At some 300 bytes each that is 30 MB in the worst case. */
const rememberedBlobs = 100_000;

/** What became of a blob that a target needed. */
export type BlobArrival = "present" | "mounted" | "uploaded";

/**
 * What is known about blobs on targets, shared by all images of one run: a blob that several of them need is asked
 * for once per repository and sent once per host, and mounted from there into the other repositories.
 *
 * Being wrong is harmless: a mount that is refused becomes an upload, and `forget` follows a target's complaint.
 */
export class BlobLedger {
  /** `repository digest` of blobs known to be there. */
  readonly #present = new LRUCache<string, true>(atMost(rememberedBlobs));
  /** `host digest` → a repository of that host that has it. */
  readonly #homes = new LRUCache<string, Repository>(atMost(rememberedBlobs));
  /** Transfers under way, by repository and by host. */
  readonly #arriving = new Map<string, Promise<BlobArrival>>();
  readonly #sending = new Map<string, Promise<unknown>>();

  /** Another repository of the target's host that is known to hold the blob, or `undefined`. */
  homeOf(target: Repository, digest: Digest): Repository | undefined {
    const home = this.#homes.get(`${target.host} ${digest}`);
    return home?.name === target.name ? undefined : home;
  }

  /** Notes that a repository has a blob. */
  learn(repository: Repository, digest: Digest): void {
    this.#present.set(`${repository.name} ${digest}`, true);
    this.#homes.set(`${repository.host} ${digest}`, repository);
  }

  /** Forgets a blob of one repository, and that the repository could give it to others. */
  forget(repository: Repository, digest: Digest): void {
    this.#present.delete(`${repository.name} ${digest}`);
    if (this.#homes.get(`${repository.host} ${digest}`)?.name === repository.name) {
      this.#homes.delete(`${repository.host} ${digest}`);
    }
  }

  /**
   * Brings a blob to a repository unless it is known to be there; whoever asks while another does so waits for that
   * one's result. A failure is not remembered: the next who asks tries again.
   */
  async arrive(
    target: Repository,
    digest: Digest,
    bring: () => Promise<BlobArrival>,
    signal: AbortSignal,
  ): Promise<BlobArrival> {
    const key = `${target.name} ${digest}`;
    if (this.#present.has(key)) return "present";
    const underWay = this.#arriving.get(key);
    if (underWay !== undefined) {
      await orAborted(ended(underWay), signal);
      return await this.arrive(target, digest, bring, signal);
    }
    const arrival = bring();
    this.#arriving.set(key, arrival);
    try {
      const how = await arrival;
      this.learn(target, digest);
      return how;
    } finally {
      this.#arriving.delete(key);
    }
  }

  /**
   * Sends a blob to a host, one sender at a time: the second waits, then most likely finds a home to mount from.
   */
  async send<T>(target: Repository, digest: Digest, send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const key = `${target.host} ${digest}`;
    for (let other = this.#sending.get(key); other !== undefined; other = this.#sending.get(key)) {
      await orAborted(ended(other), signal);
    }
    const sending = send();
    this.#sending.set(key, sending);
    try {
      return await sending;
    } finally {
      this.#sending.delete(key);
    }
  }
}

/** Resolves when a promise has settled, whichever way. */
async function ended(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
