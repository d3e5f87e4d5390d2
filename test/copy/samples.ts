import type { Digest } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import type { MemoryRepository } from "../support/memory-store.ts";

const layerType = "application/vnd.oci.image.layer.v1.tar+gzip";

/** What a manifest says of something, with a wrong size if the test wants one. */
interface Described {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Adds an image with one config and the given layers (texts), and gives its digest. */
export function addImage(
  repository: MemoryRepository,
  tag: string | undefined,
  layers: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): Digest {
  const config = describeBlob(repository, `{"layers":${layers.length}}`, mediaTypes.ociConfig);
  const content = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: layers.map((text) => describeBlob(repository, text, layerType)),
    ...more,
  };
  return repository.addManifest(mediaTypes.ociManifest, content, tag);
}

/** Adds an index of manifests that are in the repository already. */
export function addIndex(
  repository: MemoryRepository,
  tag: string | undefined,
  children: readonly (Digest | object)[],
  more: Readonly<Record<string, unknown>> = {},
): Digest {
  const content = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: children.map((child) => (typeof child === "string" ? describe(repository, child) : child)),
    ...more,
  };
  return repository.addManifest(mediaTypes.ociIndex, content, tag);
}

/** A descriptor of a manifest that is in the repository. */
export function describe(repository: MemoryRepository, digest: Digest): Described {
  const found = repository.manifests.get(digest);
  if (found === undefined) throw new Error(`the test has no manifest ${digest}`);
  return { mediaType: found.mediaType, digest, size: found.bytes.byteLength };
}

/** Adds a blob and describes it. */
export function describeBlob(repository: MemoryRepository, text: string, mediaType: string): Described {
  const content = Buffer.from(text);
  return { mediaType, digest: repository.addBlob(content), size: content.byteLength };
}
