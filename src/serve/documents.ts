import type { ActiveImage, EntryStatus, RunRecord } from "../observe/server-status.ts";

/** How an entry is doing: `pending` has not finished a run yet and is in no trouble. */
export type EntryHealth = "ok" | "trouble" | "pending";

/** How an entry is doing, as its last finished run and whoever watches over it say. */
export function healthOf(entry: EntryStatus): EntryHealth {
  const last = lastCompleted(entry);
  const hasFailed = last?.outcome === "failed" || last?.outcome === "partial";
  if (entry.troubles.length > 0 || entry.phase === "refused" || hasFailed) return "trouble";
  return last === undefined ? "pending" : "ok";
}

/** Whether the entry ever ran to its end, well or not. */
export function hasCompleted(entry: EntryStatus): boolean {
  return lastCompleted(entry) !== undefined;
}

/** Runs that were stopped, or never began, say nothing of the mirror. */
function lastCompleted({ runs }: EntryStatus): RunRecord | undefined {
  return runs.find(({ outcome }) => outcome !== undefined && outcome !== "canceled" && outcome !== "skipped_overlap");
}

/** An entry as lists show it. Moments are texts (RFC 3339), and `null` where there is none. */
export function entryDocument(entry: EntryStatus) {
  const { name, type, source, target, schedule, phase, troubles } = entry;
  return {
    name,
    type,
    source,
    target,
    schedule,
    phase,
    health: healthOf(entry),
    troubles,
    lastSuccessAt: moment(entry.lastSuccessMs),
    nextRunAt: moment(entry.nextRunMs),
    tags: entry.tags ?? null,
    copying: entry.copying.length,
  };
}

/** All that is known of an entry. */
export function entryDetailDocument(entry: EntryStatus) {
  return {
    ...entryDocument(entry),
    copying: entry.copying.map((image) => copyDocument(image)),
    runs: entry.runs.map((run) => runDocument(run)),
  };
}

/** One run. */
export function runDocument(run: RunRecord) {
  const { id, entry, trigger, outcome, copied, unchanged, skipped, failed, bytes, errors } = run;
  return {
    id,
    entry,
    trigger,
    startedAt: moment(run.startedMs),
    endedAt: moment(run.endedMs),
    outcome: outcome ?? null,
    copied,
    unchanged,
    skipped,
    failed,
    bytes,
    errors: errors.map(({ code, message }) => ({ code, message })),
  };
}

function copyDocument({ source, target, startedMs, movedMs, bytes, totalBytes, bytesPerSecond }: ActiveImage) {
  const moments = { startedAt: moment(startedMs), movedAt: moment(movedMs) };
  return { source, target, ...moments, bytes, totalBytes, bytesPerSecond: Math.round(bytesPerSecond) };
}

/** RFC 3339 in UTC; `null` for none. */
export function moment(atMs: number | undefined): string | null {
  return atMs === undefined ? null : new Date(atMs).toISOString();
}
