import { Failure } from "../base/failure.ts";
import { redactUrl } from "../base/redact-url.ts";
import type { Digest } from "../oci/digest.ts";

/** A connection is there, and nothing moves on it. */
export class RegistryStalled extends Failure {
  readonly code = "REGISTRY_STALLED";
  override readonly retryable = true;
  readonly host: string;

  /** `what` did not happen: `answered`, `sent a byte of the body`. */
  constructor(host: string, what: string, limitMs: number) {
    super(`${host} has not ${what} for ${limitMs / 1000} s`);
    this.host = host;
  }
}

/** What came back is not what the protocol says. */
export class RegistryAnswerInvalid extends Failure {
  readonly code = "REGISTRY_ANSWER_INVALID";
  readonly url: string;

  constructor(method: string, url: URL, reason: string, cause?: unknown) {
    super(`${method} ${redactUrl(url)} was answered with something unusable: ${reason}`, { cause });
    this.url = redactUrl(url);
  }
}

/** A document came back that is none, or not of its kind. It may have been damaged on its way. */
export class DocumentInvalid extends RegistryAnswerInvalid {
  override readonly retryable = true;
}

/** The host sent us somewhere we do not go. */
export class RedirectRefused extends Failure {
  readonly code = "REDIRECT_REFUSED";

  constructor(from: URL, to: URL | string, reason: string) {
    super(`${redactUrl(from)} points to ${redactUrl(to)}, which is not followed: ${reason}`);
  }
}

/** The host asked to be left alone for longer than a request waits. Nothing was sent. */
export class RegistryThrottled extends Failure {
  readonly code = "REGISTRY_THROTTLED";
  override readonly retryable = true;
  readonly host: string;

  constructor(host: string, remainingMs: number) {
    super(`${host} asked to be left alone, for another ${Math.ceil(remainingMs / 1000)} s`);
    this.host = host;
  }
}

/** The document is larger than any manifest that is read. */
export class ManifestTooLarge extends Failure {
  readonly code = "MANIFEST_TOO_LARGE";

  constructor(what: string, limitBytes: number) {
    super(`${what} is larger than ${limitBytes} bytes, which is the limit for manifests`);
  }
}

/** No host that was asked has the blob. */
export class BlobNotFound extends Failure {
  readonly code = "BLOB_NOT_FOUND";
  readonly digest: Digest;

  constructor(repository: string, digest: Digest) {
    super(`${repository} has no blob ${digest}`);
    this.digest = digest;
  }
}
