import { asDigest, type Digest } from "../oci/digest.ts";
import { asObject, fieldOf, Misshapen, type RawObject, textsField } from "../oci/raw.ts";

/** What a host says in some list that its tags stand for. Of a tag that it says two things of, it has said nothing. */
export class ListedDigests {
  readonly #digests = new Map<string, Digest>();
  readonly #contradicted = new Set<string>();

  get all(): ReadonlyMap<string, Digest> {
    return this.#digests;
  }

  /** Notes what is said of one tag. What is no digest says nothing. */
  add(tag: string, text: unknown): void {
    const digest = typeof text === "string" ? asDigest(text) : undefined;
    if (digest === undefined || this.#contradicted.has(tag)) return;
    const known = this.#digests.get(tag);
    if (known === undefined) {
      this.#digests.set(tag, digest);
    } else if (known !== digest) {
      this.#digests.delete(tag);
      this.#contradicted.add(tag);
    }
  }
}

/**
 * Reads what Google's registries say in their list of tags: the repository's manifests by digest, each with its tags.
 * Anything else in its place is none of it. Spec: registry-protocol.md §6.3 "Google GAR / GCR".
 */
export function addDigestsOf(document: RawObject, digests: ListedDigests): void {
  const manifests = fieldOf(document, "manifest");
  if (manifests === undefined) return;
  try {
    for (const [digest, manifest] of Object.entries(asObject(manifests, "manifest"))) {
      for (const tag of textsField(asObject(manifest, digest), "tag")) digests.add(tag, digest);
    }
  } catch (thrown) {
    // The tags themselves are in another place, and were fine.
    if (!(thrown instanceof Misshapen)) throw thrown;
  }
}
