import type { Descriptor } from "./descriptor.ts";
import type { ManifestBody } from "./manifest.ts";

/** The blobs a manifest is made of; none for an index, whose entries are manifests or may be. */
export function blobsOf(body: ManifestBody): readonly Descriptor[] {
  switch (body.kind) {
    case "index":
      return [];
    case "image":
      return [body.config, ...body.layers];
    case "artifact":
      return body.blobs;
    case "schema1":
      return body.layers;
  }
}

/** What an index lists; nothing for any other manifest. */
export function childrenOf(body: ManifestBody): readonly Descriptor[] {
  return body.kind === "index" ? body.manifests : [];
}
