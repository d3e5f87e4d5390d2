import type { Digest } from "../oci/digest.ts";
import type { Listing, ManifestSource, Repository } from "../oci/store.ts";
import { type BlobCopy, type CopyContext, copyBlob } from "./blob.ts";
import type { BlobArrival } from "./ledger.ts";

/** Reads everything but blobs. */
export type DocumentSource = ManifestSource & Pick<Listing, "listTags" | "listReferrers">;

/** What the target has of a manifest: all of it, the manifest itself at least, or nothing that is known. */
export type Reached = "whole" | "there" | "new";

/** How the copy of one image reads its source and brings its blobs over: by itself, or together with others. */
export interface Carrier {
  /** Where the documents of a source are read. */
  documentsOf(source: Repository): DocumentSource;
  /** Says what the target has of a manifest, before any of its blobs is brought. */
  reach(manifest: Digest, state: Reached): void;
  /** Brings a blob over. `manifest` is the one that names it. Otherwise as `copyBlob`. */
  bring(copy: BlobCopy, manifest: Digest, signal: AbortSignal): Promise<BlobArrival>;
}

/** Carries for one target, and by itself. `known` is where the documents of one source are read instead of there. */
export function carryAlone(
  context: CopyContext,
  known?: { readonly source: Repository; readonly documents: DocumentSource },
): Carrier {
  return {
    documentsOf: (source) => (source.name === known?.source.name ? known.documents : source),
    reach: () => undefined,
    bring: (copy, _manifest, signal) => copyBlob(copy, context, signal),
  };
}
