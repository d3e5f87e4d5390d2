import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Digest } from "../oci/digest.ts";

/** A tag that was the same on both sides. Times are epoch milliseconds. */
export interface AgreedTag {
  readonly digest: Digest;
  /** When both sides were asked last. */
  readonly verifiedMs: number;
}

/** What is known of tags from earlier passes. Sources and targets are named by their references. */
export interface TagMemory {
  /** `undefined` when nothing is known. */
  find(source: string, target: string): AgreedTag | undefined;
  /** Notes that both sides have just been found to agree. `nowMs` is in epoch milliseconds. */
  note(source: string, target: string, digest: Digest, nowMs: number): void;
  /** The two no longer agree. */
  forget(source: string, target: string): void;
}

/** Tags remembered at most. At some 300 bytes each that is 30 MB in the worst case. */
const rememberedTags = 100_000;

/** Remembers nothing: what a single pass does, which asks for every tag once. */
export const noTagMemory: TagMemory = {
  find: () => undefined,
  note: () => undefined,
  forget: () => undefined,
};

/** Remembers until the program ends. */
export class ShortTagMemory implements TagMemory {
  readonly #tags = new LRUCache<string, AgreedTag>(atMost(rememberedTags));

  find(source: string, target: string): AgreedTag | undefined {
    return this.#tags.get(`${source} ${target}`);
  }

  note(source: string, target: string, digest: Digest, nowMs: number): void {
    this.#tags.set(`${source} ${target}`, { digest, verifiedMs: nowMs });
  }

  forget(source: string, target: string): void {
    this.#tags.delete(`${source} ${target}`);
  }
}
