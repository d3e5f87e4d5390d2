import { algorithmOf, type Digest, hexOf } from "../oci/digest.ts";

/** How every tag begins that is named after a digest: `sha256-<hex>`, `sha256-<hex>.sig`. Spec: regsync.md §6.2 (10). */
export function digestTagPrefix(digest: Digest): string {
  return `${algorithmOf(digest)}-${hexOf(digest)}`;
}
