import type { Digest } from "../oci/digest.ts";

/** An upload that a host opened and that has not ended. */
export interface KeptUpload {
  /** Where it goes on: an address of the host itself. */
  readonly location: string;
  /** Bytes from the beginning of the blob that the host said it has. */
  readonly confirmedBytes: number;
}

/**
 * Uploads that were begun, for a process that comes after this one. An entry that is out of date costs one question
 * to the host.
 */
export interface UploadMemory {
  /** `undefined` when nothing is known. `repository` is `registry/repository`. */
  recall(repository: string, digest: Digest): KeptUpload | undefined;
  keep(repository: string, digest: Digest, upload: KeptUpload): void;
  forget(repository: string, digest: Digest): void;
}
