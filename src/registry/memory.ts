import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Clock } from "../base/clock.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { Referrers } from "../oci/store.ts";

/** How many manifests are kept, and for how long after their last use. 0 of either keeps none. */
export interface CacheSize {
  readonly count: number;
  readonly timeMs: number;
}

/** Bytes of all manifests that are kept, whatever their number. */
const mostBytes = 64 * 1024 * 1024;
/** Repositories whose referrers API is remembered, and for how long. Spec: regsync.md §7.11. */
const rememberedRepositories = 10_000;
const supportMemoryMs = 5 * 60_000;

/**
 * What a client remembers of repositories: whether they answer the referrers API, and, when the user wants that,
 * manifests and lists of referrers. What a tag stands for is never remembered, nor whether something is there.
 *
 * Spec: regsync.md §7.11.
 */
export class RepositoryMemory {
  /** By the repository's name: whether it answers the referrers API. */
  readonly support: LRUCache<string, boolean>;
  readonly #manifests: LRUCache<string, Manifest> | undefined;
  readonly #referrers: LRUCache<string, Referrers> | undefined;

  constructor(size: CacheSize, clock: Clock) {
    const time = { perf: { now: () => clock.monotonic() }, ttlResolution: 0 };
    this.support = new LRUCache({ ...atMost(rememberedRepositories), ttl: supportMemoryMs, ...time });
    if (size.count <= 0 || size.timeMs <= 0) return;
    const limits = { max: size.count, ttl: size.timeMs, updateAgeOnGet: true, ...time };
    this.#manifests = new LRUCache({
      ...limits,
      maxSize: mostBytes,
      sizeCalculation: ({ bytes }) => Math.max(1, bytes.byteLength),
    });
    this.#referrers = new LRUCache(limits);
  }

  manifest(repository: string, digest: string): Manifest | undefined {
    return this.#manifests?.get(`${repository}@${digest}`);
  }

  keepManifest(repository: string, manifest: Manifest): void {
    this.#manifests?.set(`${repository}@${manifest.digest}`, manifest);
  }

  referrers(repository: string, subject: Digest): Referrers | undefined {
    return this.#referrers?.get(`${repository}@${subject}`);
  }

  keepReferrers(repository: string, subject: Digest, referrers: Referrers): void {
    this.#referrers?.set(`${repository}@${subject}`, referrers);
  }

  forgetReferrers(repository: string, subject: Digest): void {
    this.#referrers?.delete(`${repository}@${subject}`);
  }
}
