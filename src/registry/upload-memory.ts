import type { Digest } from "../oci/digest.ts";

/** An upload that a host opened and that has not ended. */
export interface KeptUpload {
  /** Where it goes on, a whole address. */
  readonly location: string;
  /** Bytes from the beginning of the blob that the host said it has. */
  readonly offsetBytes: number;
}

/**
 * Uploads that were begun, for a process that comes after this one: by origin of the host, repository there, and
 * digest. What is out of date costs one question to the host. Times are epoch milliseconds.
 */
export interface UploadMemory {
  /** `undefined` when nothing is known. */
  find(origin: string, repository: string, digest: Digest, nowMs: number): KeptUpload | undefined;
  /** May forget the upload instead, when its address must not be kept. */
  note(origin: string, repository: string, digest: Digest, upload: KeptUpload, nowMs: number): void;
  forget(origin: string, repository: string, digest: Digest): void;
}
