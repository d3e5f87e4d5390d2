import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Digest } from "../oci/digest.ts";

/** Which repositories of a host held a blob. Being wrong costs a refused mount, and nothing else. */
export interface BlobHomes {
  /** A few repositories of the host by their names, the one noted last first. */
  find(host: string, digest: Digest): readonly string[];
  /** Notes that a repository holds a blob. */
  note(host: string, digest: Digest, repository: string): void;
  /** The repository does not hold the blob any more. */
  forget(host: string, digest: Digest, repository: string): void;
}

/** Blobs remembered at most. At some 300 bytes each that is 30 MB in the worst case. */
const rememberedBlobs = 100_000;
/** Repositories remembered of one blob: a base layer is in thousands. */
const mostHomes = 4;

/** Remembers until the program ends. */
export class ShortBlobHomes implements BlobHomes {
  readonly #homes = new LRUCache<string, readonly string[]>(atMost(rememberedBlobs));

  find(host: string, digest: Digest): readonly string[] {
    return this.#homes.get(`${host} ${digest}`) ?? [];
  }

  note(host: string, digest: Digest, repository: string): void {
    const others = this.find(host, digest).filter((name) => name !== repository);
    this.#homes.set(`${host} ${digest}`, [repository, ...others].slice(0, mostHomes));
  }

  forget(host: string, digest: Digest, repository: string): void {
    const others = this.find(host, digest).filter((name) => name !== repository);
    if (others.length > 0) this.#homes.set(`${host} ${digest}`, others);
    else this.#homes.delete(`${host} ${digest}`);
  }
}
