import type { RunReport } from "../sync/outcome.ts";

/** What a pass came to. */
export interface Tally {
  readonly copied: number;
  readonly unchanged: number;
  readonly skipped: number;
  /** Images that `check` found to be copied. */
  readonly stale: number;
  /** Images and entries. */
  readonly failed: number;
  /** Blobs and manifests sent. */
  readonly bytes: number;
  readonly mounted: number;
  readonly durationMs: number;
}

/** Counts what became of the images. */
export function tallyOf(report: RunReport): Tally {
  const counts = { copied: 0, unchanged: report.unlisted, skipped: 0, stale: 0, failed: report.failures.length };
  let bytes = 0;
  let mounted = 0;
  for (const { outcome } of report.images) {
    counts[outcome.kind] += 1;
    if (outcome.kind !== "copied") continue;
    bytes += outcome.totals.bytes;
    mounted += outcome.totals.blobsMounted;
  }
  return { ...counts, bytes, mounted, durationMs: Math.round(report.durationMs) };
}
