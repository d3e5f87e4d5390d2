import { escapeUnprintable } from "../observe/printable.ts";
import type { CopyReason, RunReport } from "../sync/outcome.ts";

/**
 * What `check` found to be copied and why, one line for each image: `target: differs: sha256:… -> sha256:… (source)`.
 */
export function staleLines(report: RunReport): string[] {
  return report.images.flatMap(({ source, target, outcome }) =>
    outcome.kind === "stale" ? [escapeUnprintable(`${target}: ${reasonText(outcome.reason)} (${source})`)] : [],
  );
}

function reasonText(reason: CopyReason): string {
  switch (reason.kind) {
    case "absent":
      return `absent: ${reason.source}`;
    case "differs":
      return `differs: ${reason.target} -> ${reason.source}`;
    case "forced":
      return `forced: ${reason.source}`;
    case "referrers":
      return `referrers: ${reason.source}`;
  }
}
