import { printableJson } from "../observe/printable.ts";
import type { CopyReason, ImageResult, Outcome, RunReport } from "../sync/outcome.ts";
import { type Tally, tallyOf } from "./tally.ts";

/** One image, as `once` and `check` print it with `--output json`. Public: fields are added, never renamed. */
interface ImageJson {
  /** Position of its entry in the file's `sync` list, from 0. */
  readonly entry: number;
  readonly source: string;
  readonly target: string;
  readonly outcome: Outcome["kind"];
  /**
   * Why it was or is to be copied: `absent`, `differs`, `forced`, `referrers`; or why it was skipped: `exists`,
   * `mediaType`.
   */
  readonly reason?: string;
  /** What the source names: of images that were or are to be copied. */
  readonly sourceDigest?: string;
  /** What the target named before: of images that differ. */
  readonly targetDigest?: string;
  /** What the target names at the end: of copied and unchanged images. */
  readonly digest?: string;
  /** Of images that were skipped for it. */
  readonly mediaType?: string;
  /** What was sent, and how long it took: of copied images. */
  readonly bytes?: number;
  readonly blobsSent?: number;
  readonly blobsMounted?: number;
  readonly blobsPresent?: number;
  readonly manifestsSent?: number;
  readonly durationMs?: number;
  /** Of what failed: a code that stays, and a sentence that may change. */
  readonly code?: string;
  readonly message?: string;
}

/** What `once` and `check` print with `--output json`. */
export interface ReportJson {
  readonly images: readonly ImageJson[];
  /** What failed of an entry as a whole. */
  readonly failures: readonly { readonly entry: number; readonly code: string; readonly message: string }[];
  /** Counts of images by outcome (`failed` counts entries too), what was sent, and the time. */
  readonly summary: Tally;
  /** Whether it was cut short: images that are missing here were not looked at. */
  readonly interrupted: boolean;
}

/** The report as one JSON document, a line for each image, in pieces: a large registry has many. */
export function* reportJson(report: RunReport): Generator<string> {
  const failures = report.failures.map(({ entry, failure: { code, message } }) => ({ entry, code, message }));
  const rest: Omit<ReportJson, "images"> = { failures, summary: tallyOf(report), interrupted: report.interrupted };
  yield '{"images":[';
  for (const [at, image] of report.images.entries()) yield `${at === 0 ? "" : ","}\n${printableJson(imageJson(image))}`;
  yield `\n],${printableJson(rest).slice(1)}\n`;
}

function imageJson({ entry, source, target, outcome }: ImageResult): ImageJson {
  return { entry, source, target, outcome: outcome.kind, ...outcomeJson(outcome) };
}

function outcomeJson(outcome: Outcome): Partial<ImageJson> {
  switch (outcome.kind) {
    case "unchanged":
      return { digest: outcome.digest };
    case "skipped":
      return outcome.reason.kind === "mediaType"
        ? { reason: "mediaType", mediaType: outcome.reason.mediaType }
        : { reason: "exists" };
    case "stale":
      return reasonJson(outcome.reason);
    case "copied": {
      const { digest, totals, durationMs } = outcome;
      return { ...reasonJson(outcome.reason), digest, ...totals, durationMs: Math.round(durationMs) };
    }
    case "failed":
      return { code: outcome.failure.code, message: outcome.failure.message };
  }
}

function reasonJson(reason: CopyReason): Partial<ImageJson> {
  const both = { reason: reason.kind, sourceDigest: reason.source };
  return reason.kind === "differs" ? { ...both, targetDigest: reason.target } : both;
}
