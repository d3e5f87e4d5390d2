import type { Manifest } from "../oci/manifest.ts";
import type { DocumentSource } from "./carrier.ts";

/** Larger manifests are read again rather than held while their images wait for their turn, in bytes. */
const heldBytes = 64 * 1024;

/** Whether a manifest is held for an image that waits for its turn. */
export function isHeld({ bytes }: Manifest): boolean {
  return bytes.byteLength <= heldBytes;
}

/** The documents of a source, one manifest of which was read already: by its digest it is not asked for again. */
export function havingRead(source: DocumentSource, manifest: Manifest): DocumentSource {
  if (!isHeld(manifest)) return source;
  return {
    headManifest: (name, signal) => source.headManifest(name, signal),
    getManifest: (name, signal) =>
      name === manifest.digest ? Promise.resolve(manifest) : source.getManifest(name, signal),
    listTags: (signal) => source.listTags(signal),
    listReferrers: (subject, signal) => source.listReferrers(subject, signal),
  };
}
