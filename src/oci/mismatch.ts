import { Failure } from "../base/failure.ts";
import type { Digest } from "./digest.ts";

/** Content arrived whole and is not what its digest says. */
export class DigestMismatch extends Failure {
  readonly code = "DIGEST_MISMATCH";
  override readonly retryable = true;
  readonly expected: Digest;
  readonly received: string;

  constructor(expected: Digest, received: string) {
    super(`content does not match its digest: expected ${expected}, received ${received}`);
    this.expected = expected;
    this.received = received;
  }
}

/** More or fewer bytes arrived, or were announced, than the manifest promises. */
export class SizeMismatch extends Failure {
  readonly code = "SIZE_MISMATCH";
  override readonly retryable = true;
  readonly digest: Digest;
  readonly expectedBytes: number;
  readonly receivedBytes: number;

  constructor(digest: Digest, expectedBytes: number, receivedBytes: number) {
    const received = receivedBytes > expectedBytes ? "more" : `only ${receivedBytes}`;
    super(`content of ${digest} has the wrong size: the manifest says ${expectedBytes} bytes, ${received} came`);
    this.digest = digest;
    this.expectedBytes = expectedBytes;
    this.receivedBytes = receivedBytes;
  }
}
