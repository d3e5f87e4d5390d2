import type { Failure } from "../base/failure.ts";
import type { CopyTotals } from "../copy/tally.ts";
import type { Digest } from "../oci/digest.ts";

/** Why an image is copied. */
export type CopyReason =
  | { readonly kind: "absent"; readonly source: Digest }
  | { readonly kind: "differs"; readonly source: Digest; readonly target: Digest }
  /** Equal, but `forceRecursive` asks for a full pass. */
  | { readonly kind: "forced"; readonly source: Digest }
  /** Equal, but referrers or digest tags may have changed. */
  | { readonly kind: "referrers"; readonly source: Digest };

/** Why an image was left alone without being compared to the end. */
type SkipReason =
  /** The pass copies only what is absent, and the target has some image under the tag. */
  { readonly kind: "exists" } | { readonly kind: "mediaType"; readonly mediaType: string };

/** What became of one image (one tag of one entry) in one run. */
export type Outcome =
  | { readonly kind: "unchanged"; readonly digest: Digest }
  | { readonly kind: "skipped"; readonly reason: SkipReason }
  /** `check` alone: what a copying pass would do. */
  | { readonly kind: "stale"; readonly reason: CopyReason }
  | {
      readonly kind: "copied";
      readonly digest: Digest;
      readonly reason: CopyReason;
      readonly totals: CopyTotals;
      readonly durationMs: number;
    }
  | { readonly kind: "failed"; readonly failure: Failure };

/** The outcome with what it is about: common names, tag or digest included. */
export interface ImageResult {
  /** Position of the entry in the file, from 0. */
  readonly entry: number;
  readonly source: string;
  readonly target: string;
  readonly outcome: Outcome;
}

/** One pass over the whole file. */
export interface RunReport {
  readonly images: readonly ImageResult[];
  /** How many images were unchanged and are not among `images`, since nobody wants a list of those. */
  readonly unlisted: number;
  /** Failures that belong to no single image: an entry that was refused, a list that could not be read. */
  readonly failures: readonly { readonly entry: number; readonly failure: Failure }[];
  readonly durationMs: number;
  /** Whether the pass was cut short, by a signal or by the first error of `--abort-on-error`. */
  readonly interrupted: boolean;
}
