import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import { orAborted } from "../base/together.ts";
import type { Digest } from "../oci/digest.ts";
import type { Repository } from "../oci/store.ts";
import { type BlobHomes, ShortBlobHomes } from "./blob-homes.ts";
import { MountingHosts } from "./mounting-hosts.ts";

/** Blobs remembered at most. At some 200 bytes each that is 20 MB in the worst case. */
const rememberedBlobs = 100_000;
/** Repositories remembered at most. */
const rememberedRepositories = 10_000;

/** What became of a blob that a target needed. */
export type BlobArrival = "present" | "mounted" | "uploaded" | "resumed";

/**
 * What is known about blobs on targets, shared by all images of one run: a blob that several of them need is asked
 * for once per repository and sent once per host, and mounted from there into the other repositories.
 *
 * Being wrong is harmless: a mount that is refused becomes an upload, and `missed` follows a target's complaint.
 */
export class BlobLedger {
  readonly mounting = new MountingHosts();
  /** `repository digest` of blobs known to be there. */
  readonly #present = new LRUCache<string, true>(atMost(rememberedBlobs));
  /** `repository digest` of blobs that were brought and are missing. */
  readonly #missed = new LRUCache<string, true>(atMost(rememberedBlobs));
  readonly #homes: BlobHomes;
  /** Repositories by their names: what a home is opened from where its name is not enough. */
  readonly #opened = new LRUCache<string, Repository>(atMost(rememberedRepositories));
  /** Whether a repository held nothing when this run came to it: what it holds now is known here. */
  readonly #newness = new LRUCache<string, boolean | Promise<boolean>>(atMost(rememberedRepositories));
  /** Repositories where the tag that was looked for last is not there. */
  readonly #lacking = new LRUCache<string, true>(atMost(rememberedRepositories));
  /** Transfers under way, by repository and by host. */
  readonly #arriving = new Map<string, Promise<BlobArrival>>();
  readonly #sending = new Map<string, Promise<unknown>>();

  /** `homes` may know of blobs from earlier runs. */
  constructor(homes: BlobHomes = new ShortBlobHomes()) {
    this.#homes = homes;
  }

  /** Whether a repository is known to hold a blob, from this run. */
  isHeld(repository: Repository, digest: Digest): boolean {
    return this.#present.has(`${repository.name} ${digest}`);
  }

  /** Another repository of the target's host that should hold the blob, or `undefined`. */
  homeOf(target: Repository, digest: Digest): Repository | undefined {
    const homes = this.#homes.find(target.host, digest).filter((name) => name !== target.name);
    // What this run has seen is worth more than what an earlier one left.
    const name = homes.find((each) => this.#present.has(`${each} ${digest}`)) ?? homes[0];
    return name === undefined ? undefined : (this.#opened.get(name) ?? target.neighbour(name));
  }

  /** Notes that a repository has a blob. */
  learn(repository: Repository, digest: Digest): void {
    this.#present.set(`${repository.name} ${digest}`, true);
    this.#opened.set(repository.name, repository);
    this.#homes.note(repository.host, digest, repository.name);
  }

  /** Forgets a blob of one repository, and that the repository could give it to others. */
  forget(repository: Repository, digest: Digest): void {
    this.#present.delete(`${repository.name} ${digest}`);
    this.#homes.forget(repository.host, digest, repository.name);
    // It does not hold what it was thought to hold: what is known of it is not all there is to know.
    this.#newness.set(repository.name, false);
  }

  /**
   * Forgets a blob that a repository misses although it was brought: from then on it is sent there, never mounted. What
   * else was brought there may be gone as well, with the whole repository perhaps, and is looked for again.
   */
  missed(repository: Repository, digest: Digest): void {
    if (this.isHeld(repository, digest)) {
      const brought = Array.from(this.#present.keys()).filter((key) => key.startsWith(`${repository.name} `));
      for (const key of brought) this.#present.delete(key);
    }
    this.forget(repository, digest);
    this.#missed.set(`${repository.name} ${digest}`, true);
  }

  /** Whether a blob is to be sent to a repository, wherever else the host may have it. */
  isToBeSent(repository: Repository, digest: Digest): boolean {
    return this.#missed.has(`${repository.name} ${digest}`);
  }

  /** Notes that a repository does not exist yet, or that it does. The first word counts. */
  learnNewness(repository: Repository, isNew: boolean): void {
    if (!this.#newness.has(repository.name)) this.#newness.set(repository.name, isNew);
  }

  /** Notes whether a repository has a tag that was looked for. Where there is one, it is not new. */
  learnTag(repository: Repository, isThere: boolean): void {
    if (!isThere) {
      this.#lacking.set(repository.name, true);
      return;
    }
    this.#lacking.delete(repository.name);
    this.learnNewness(repository, false);
  }

  /** Whether the tag that was looked for last in a repository is missing there, so that the next one may well be. */
  lacksTags(repository: Repository): boolean {
    return this.#lacking.has(repository.name);
  }

  /** Whether a repository held nothing before this run came to it, as far as that is known. */
  isNew(repository: Repository): boolean {
    return this.#newness.get(repository.name) === true;
  }

  /** Whether a repository may have held nothing before this run came to it: nothing shows that it did. */
  mayBeNew(repository: Repository): boolean {
    return this.#newness.get(repository.name) !== false;
  }

  /** Whether a repository held nothing before this run came to it; it is asked once. A failure to tell is a no. */
  async askNewness(repository: Repository, signal: AbortSignal): Promise<boolean> {
    const known = this.#newness.get(repository.name);
    if (known !== undefined) return await orAborted(Promise.resolve(known), signal);
    const asking = repository.isAbsent(signal).catch(() => false);
    this.#newness.set(repository.name, asking);
    const isNew = await asking;
    if (signal.aborted) this.#newness.delete(repository.name);
    else if (this.#newness.get(repository.name) === asking) this.#newness.set(repository.name, isNew);
    return isNew;
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
    // Asked for rather than looked up: what many images share is to be the last that is forgotten.
    if (this.#present.get(key) === true) return "present";
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
   * Where the host has shown that it does not mount, nobody waits.
   */
  async send<T>(target: Repository, digest: Digest, send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const key = `${target.host} ${digest}`;
    for (let other = this.#sending.get(key); other !== undefined; other = this.#sending.get(key)) {
      if (this.mounting.refuses(target.host)) break;
      await orAborted(ended(other), signal);
    }
    const sending = send();
    this.#sending.set(key, sending);
    try {
      return await sending;
    } finally {
      if (this.#sending.get(key) === sending) this.#sending.delete(key);
    }
  }
}

/** Resolves when a promise has settled, whichever way. */
async function ended(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
