import { type Digest, digestOf } from "../../../src/oci/digest.ts";

/** A manifest as a registry keeps it. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** What belongs together under one name: the manifests of an image, children first, and all their blobs. */
export interface Content {
  readonly manifests: ReadonlyMap<Digest, StoredManifest>;
  readonly blobs: ReadonlyMap<Digest, Uint8Array>;
}

/** A repository in memory. */
export class StoredRepository implements Content {
  readonly manifests = new Map<Digest, StoredManifest>();
  readonly blobs = new Map<Digest, Uint8Array>();
  readonly tags = new Map<string, Digest>();

  /** Adds everything of an image; gives the names in `tags` to its last manifest. */
  add(content: Content, ...tags: readonly string[]): void {
    for (const [digest, bytes] of content.blobs) this.blobs.set(digest, bytes);
    let last: Digest | undefined;
    for (const [digest, manifest] of content.manifests) {
      this.manifests.set(digest, manifest);
      last = digest;
    }
    if (last === undefined) return;
    for (const tag of tags) this.tags.set(tag, last);
  }

  /** The digest that a tag or digest stands for; `undefined` when there is no such manifest. */
  resolve(reference: string): Digest | undefined {
    const tagged = this.tags.get(reference);
    if (tagged !== undefined) return tagged;
    return this.manifests.has(reference as Digest) ? (reference as Digest) : undefined; // a key that is there is one
  }

  addBlob(bytes: Uint8Array, algorithm = "sha256"): Digest {
    const digest = digestOf(bytes, algorithm);
    this.blobs.set(digest, bytes);
    return digest;
  }
}

/** Every repository of a registry. */
export class StoredRepositories {
  readonly #repositories = new Map<string, StoredRepository>();

  /** The repository of that name, made when there is none yet. */
  get(name: string): StoredRepository {
    const existing = this.#repositories.get(name);
    if (existing !== undefined) return existing;
    const made = new StoredRepository();
    this.#repositories.set(name, made);
    return made;
  }

  /** The repository of that name, or `undefined`. */
  find(name: string): StoredRepository | undefined {
    return this.#repositories.get(name);
  }

  /** In the order of their names. */
  names(): readonly string[] {
    return [...this.#repositories.keys()].toSorted();
  }

  /** Bytes of all blobs, each counted once per repository. */
  blobBytes(): number {
    let sum = 0;
    for (const { blobs } of this.#repositories.values()) for (const bytes of blobs.values()) sum += bytes.byteLength;
    return sum;
  }
}
