import type { Reference } from "./reference.ts";
import type { ManifestName } from "./store.ts";

/** What a reference asks a store for: its digest if it has one, else its tag, else `latest`. Spec: regsync.md §4.2. */
export function manifestNameOf(reference: Reference): ManifestName {
  return reference.digest || reference.tag || "latest";
}
