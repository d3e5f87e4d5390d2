import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";

interface Common {
  readonly annotations: Readonly<Record<string, string>>;
  /** `""` when the manifest has none. */
  readonly artifactType: string;
  /** The manifest this one is about (a signature's image), or `undefined`. */
  readonly subject: Descriptor | undefined;
}

/** What a manifest says, whichever format it is written in. */
export type ManifestBody =
  /** An OCI index or a Docker manifest list. */
  | ({ readonly kind: "index"; readonly manifests: readonly Descriptor[] } & Common)
  /** An OCI image manifest or a Docker schema 2 manifest. */
  | ({ readonly kind: "image"; readonly config: Descriptor; readonly layers: readonly Descriptor[] } & Common)
  /** The artifact manifest of the OCI 1.1 release candidates. */
  | ({ readonly kind: "artifact"; readonly blobs: readonly Descriptor[] } & Common)
  /** A Docker schema 1 manifest, signed or not. */
  | ({ readonly kind: "schema1"; readonly layers: readonly Descriptor[] } & Common);

/** A manifest that was read and verified: its exact bytes and what they say. Made by `readManifest`. */
export interface Manifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Exactly as they came: what is hashed, and what is pushed. Never serialised again. */
  readonly bytes: Uint8Array;
  readonly body: ManifestBody;
}

/** The largest manifest that is read, in bytes. Spec: regsync.md §7.12. */
export const manifestLimitBytes = 8 * 1024 * 1024;
