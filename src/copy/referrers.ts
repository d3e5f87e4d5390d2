import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, type Digest, hexOf } from "../oci/digest.ts";
import type { ReferrerFilter } from "./options.ts";

/** Whether a referrer is wanted: any filter matches, or there is none. Spec: regsync.md §6.6. */
export function isWantedReferrer(referrer: Descriptor, filters: readonly ReferrerFilter[]): boolean {
  return filters.length === 0 || filters.some((filter) => matches(referrer, filter));
}

function matches(referrer: Descriptor, filter: ReferrerFilter): boolean {
  if (filter.artifactType !== "" && filter.artifactType !== referrer.artifactType) return false;
  return Object.entries(filter.annotations).every(
    ([key, wanted]) =>
      Object.hasOwn(referrer.annotations, key) && (wanted === "" || referrer.annotations[key] === wanted),
  );
}

/** How every tag begins that is named after a digest: `sha256-<hex>`, `sha256-<hex>.sig`. Spec: regsync.md §6.2 (10). */
export function digestTagPrefix(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}`;
}
