import { SharedWork } from "../base/shared-work.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { ManifestHead, ManifestName, Referrers } from "../oci/store.ts";
import type { DocumentSource } from "./carrier.ts";
import { isHeld } from "./read-documents.ts";

/**
 * The documents of one source, each asked for once by all copies of one image. What failed is asked for again.
 *
 * Made for one image and let go with it: what is kept has the size of that image's manifests.
 */
export class SharedDocuments implements DocumentSource {
  readonly #source: DocumentSource;
  readonly #heads = new Once<ManifestHead | undefined>();
  readonly #manifests = new Once<Manifest | undefined>();
  readonly #referrers = new Once<Referrers>();
  readonly #tags = new Once<readonly string[] | undefined>();

  constructor(source: DocumentSource) {
    this.#source = source;
  }

  /** The same later on: everything is asked for anew but manifests by digest, as far as they are held. */
  renewed(): SharedDocuments {
    const renewed = new SharedDocuments(this.#source);
    for (const manifest of this.#manifests.answers()) {
      if (manifest !== undefined && isHeld(manifest)) renewed.#manifests.note(manifest.digest, manifest);
    }
    return renewed;
  }

  headManifest(name: ManifestName, signal: AbortSignal): Promise<ManifestHead | undefined> {
    return this.#heads.get(name, (inner) => this.#source.headManifest(name, inner), signal);
  }

  /** Read under its tag, a manifest is known by its digest too, or let go of when it is too large to wait with. */
  async getManifest(name: ManifestName, signal: AbortSignal): Promise<Manifest | undefined> {
    const manifest = await this.#manifests.get(name, (inner) => this.#source.getManifest(name, inner), signal);
    if (manifest === undefined || name === manifest.digest) return manifest;
    if (isHeld(manifest)) this.#manifests.note(manifest.digest, manifest);
    else this.#manifests.forget(name);
    return manifest;
  }

  listReferrers(subject: Digest, signal: AbortSignal): Promise<Referrers> {
    return this.#referrers.get(subject, (inner) => this.#source.listReferrers(subject, inner), signal);
  }

  listTags(signal: AbortSignal): Promise<readonly string[] | undefined> {
    return this.#tags.get("", (inner) => this.#source.listTags(inner), signal);
  }
}

/** Answers by key, each got once. */
class Once<V> {
  readonly #known = new Map<string, { readonly answer: V }>();
  readonly #asking = new SharedWork<V>();

  async get(key: string, ask: (signal: AbortSignal) => Promise<V>, signal: AbortSignal): Promise<V> {
    const known = this.#known.get(key);
    if (known !== undefined) return known.answer;
    const answer = await this.#asking.run(key, ask, signal);
    this.note(key, answer);
    return answer;
  }

  answers(): readonly V[] {
    return Array.from(this.#known.values(), ({ answer }) => answer);
  }

  note(key: string, answer: V): void {
    this.#known.set(key, { answer });
  }

  forget(key: string): void {
    this.#known.delete(key);
  }
}
