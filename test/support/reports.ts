import { Failure, type FailureCode } from "../../src/base/failure.ts";
import { type Digest, parseDigest } from "../../src/oci/digest.ts";
import type { ImageResult, Outcome, RunReport } from "../../src/sync/outcome.ts";

/** Some way of failing. */
export class FailureOf extends Failure {
  readonly code: FailureCode;

  constructor(code: FailureCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A digest of one repeated hexadecimal digit. */
export function digestOfDigit(digit: string): Digest {
  return parseDigest(`sha256:${digit.repeat(64)}`);
}

/** What a copy moved, as numbers that cannot be mistaken for each other. */
export const someTotals = {
  bytes: 2_048,
  blobsSent: 3,
  blobsMounted: 4,
  blobsPresent: 5,
  manifestsSent: 6,
};

/** The result of copying `source.test/NAME` to `target.test/NAME`. */
export function resultOf(name: string, outcome: Outcome, entry = 0): ImageResult {
  return { entry, source: `source.test/${name}`, target: `target.test/${name}`, outcome };
}

/** A report with these parts, and nothing else in it. */
export function reportOf(parts: Partial<RunReport>): RunReport {
  return { images: [], unlisted: 0, failures: [], durationMs: 1_234.5, interrupted: false, ...parts };
}

/** One image of every outcome and every reason. */
export const everyOutcome: readonly ImageResult[] = [
  resultOf("same:1", { kind: "unchanged", digest: digestOfDigit("1") }),
  resultOf("there:1", { kind: "skipped", reason: { kind: "exists" } }),
  resultOf("odd:1", { kind: "skipped", reason: { kind: "mediaType", mediaType: "application/x" } }),
  resultOf("new:1", { kind: "stale", reason: { kind: "absent", source: digestOfDigit("2") } }),
  resultOf("old:1", {
    kind: "stale",
    reason: { kind: "differs", source: digestOfDigit("3"), target: digestOfDigit("4") },
  }),
  resultOf("forced:1", { kind: "stale", reason: { kind: "forced", source: digestOfDigit("5") } }),
  resultOf("signed:1", { kind: "stale", reason: { kind: "referrers", source: digestOfDigit("6") } }),
  resultOf("sent:1", {
    kind: "copied",
    digest: digestOfDigit("7"),
    reason: { kind: "differs", source: digestOfDigit("7"), target: digestOfDigit("8") },
    totals: someTotals,
    durationMs: 99.6,
  }),
  resultOf("bad:1", { kind: "failed", failure: new FailureOf("DIGEST_MISMATCH", "the bytes are others") }, 2),
];
