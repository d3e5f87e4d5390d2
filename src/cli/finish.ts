import type { Log } from "../observe/log.ts";
import { levels } from "../observe/level.ts";
import type { RunReport } from "../sync/outcome.ts";
import { exitCode, interruptedExit } from "./exit-code.ts";
import { failureLines } from "./failure-lines.ts";
import { formatBytes, formatDuration } from "./quantities.ts";
import type { Session } from "./session.ts";
import { type Tally, tallyOf } from "./tally.ts";

/**
 * Says on standard error what failed, behind all logs and in both log forms, and gives the exit status.
 * Spec: regsync.md §1.3.
 */
export function finish(report: RunReport, { world }: Session): number {
  for (const line of failureLines(report)) world.stderr.write(`${line}\n`);
  if (report.interrupted && world.signal.aborted) return interruptedExit(world.signal.reason);
  return tallyOf(report).failed > 0 || report.interrupted ? exitCode.failed : exitCode.fine;
}

/**
 * Says what a pass came to: a line for people on a terminal, an event of the log elsewhere. Both are of level `info`:
 * whoever wants to hear only of errors hears nothing of a pass that went well.
 */
export function summarise(report: RunReport, log: Log, { world, logFlags }: Session): void {
  const tally = tallyOf(report);
  if (world.stderr.size() === undefined || logFlags.format === "json") {
    const { copied, unchanged, skipped, failed, bytes, mounted, durationMs } = tally;
    const facts = { copied, unchanged, skipped, failed, bytes, mounted, durationMs };
    log.info(report.interrupted ? "Run interrupted" : "Run finished", facts);
  } else if (logFlags.level <= levels.info) {
    world.stderr.write(`${report.interrupted ? "interrupted: " : ""}${summaryLine(tally)}\n`);
  }
}

function summaryLine(tally: Tally): string {
  const { copied, unchanged, skipped, failed } = tally;
  const blobs = tally.mounted === 0 ? "" : `, ${tally.mounted} mounted`;
  const sent = `${formatBytes(tally.bytes)} sent${blobs}`;
  const images = `${copied} copied (${sent}), ${unchanged} unchanged, ${skipped} skipped, ${failed} failed`;
  return `${images} in ${formatDuration(tally.durationMs)}`;
}
