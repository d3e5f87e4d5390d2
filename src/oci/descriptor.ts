import type { Digest } from "./digest.ts";

/** The platform an index says one of its children is for. Texts as they stand in the index, `""` when absent. */
export interface DescriptorPlatform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
  readonly features: readonly string[];
}

/** What a manifest says of content it refers to. Spec: image-spec v1.1 "Content descriptors". */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  /** Bytes, or `undefined` for the layers of a schema 1 manifest, which do not say. */
  readonly sizeBytes: number | undefined;
  /** `undefined` when the descriptor has none. */
  readonly platform: DescriptorPlatform | undefined;
  readonly annotations: Readonly<Record<string, string>>;
  /** `""` when the descriptor has none. */
  readonly artifactType: string;
  /** Other places that hold the content (foreign layers); never asked unless the user wants external content. */
  readonly urls: readonly string[];
  /** Embedded content that matched digest and size, or `undefined`. */
  readonly data: Uint8Array | undefined;
}
