import { Failure, messageOf, systemCodeOf } from "../base/failure.ts";
import type { Digest } from "../oci/digest.ts";

/** A folder that should be an OCI layout is damaged, of another version, or leads somewhere else. */
export class LayoutInvalid extends Failure {
  readonly code = "LAYOUT_INVALID";
  /** The file or folder that is wrong. */
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super(`${path} ${problem}`, { cause });
    this.path = path;
  }
}

/** Another process works on the layout and does not come to an end. */
export class LayoutLocked extends Failure {
  readonly code = "LAYOUT_LOCKED";
  override readonly retryable = true;
  readonly path: string;

  constructor(path: string, waitedMs: number) {
    super(`another process has held the lock ${path} for more than ${waitedMs / 1000} s`);
    this.path = path;
  }
}

/** The disk, or the user's share of it, has no room left. */
class DiskFull extends Failure {
  readonly code = "DISK_FULL";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`no room left for ${path}: ${messageOf(cause)}`, { cause });
    this.path = path;
  }
}

/** The file system does not let read or write: no permission, mounted read-only, broken. */
class DiskRefused extends Failure {
  readonly code = "DISK_REFUSED";
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`cannot use ${path}: ${messageOf(cause)}`, { cause });
    this.path = path;
  }
}

/** The layout has no file for the blob. */
export class BlobMissing extends Failure {
  readonly code = "BLOB_NOT_FOUND";
  readonly digest: Digest;

  constructor(layout: string, digest: Digest) {
    super(`${layout} has no blob ${digest}`);
    this.digest = digest;
  }
}

/** A file that should be a manifest is larger than any manifest that is read. */
export class ManifestOversized extends Failure {
  readonly code = "MANIFEST_TOO_LARGE";
  readonly path: string;

  constructor(path: string, sizeBytes: number, limitBytes: number) {
    super(`${path} has ${sizeBytes} bytes, and ${limitBytes} is the limit for manifests`);
    this.path = path;
  }
}

/** What an error of the file system means to whoever needs the file; anything else is given back as it is. */
export function diskFailure(path: string, thrown: unknown): unknown {
  if (thrown instanceof Failure) return thrown;
  const code = systemCodeOf(thrown);
  if (code === "ENOSPC" || code === "EDQUOT") return new DiskFull(path, thrown);
  return code === undefined ? thrown : new DiskRefused(path, thrown);
}

/** Waits for work on a file, and tells its errors as failures of that file. */
export async function onDisk<T>(path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw diskFailure(path, thrown);
  }
}
