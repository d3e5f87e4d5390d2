import type { RunRecord, TagCounts } from "../observe/server-status.ts";

/** Runs of one entry that are remembered. */
const rememberedRuns = 20;
/** Tags of one entry whose waiting is remembered one by one. */
const rememberedTags = 10_000;

/** What a server remembers of an entry beyond its runs, and beyond changes of the entry in the file. */
export class EntryMemory {
  #runs: readonly RunRecord[] = [];
  #lastSuccessMs: number | undefined;
  #failedInARow = 0;
  #tags: TagCounts | undefined;
  /** Targets that do not have what the source has, and since when, epoch milliseconds. */
  readonly #unsynced = new Map<string, number>();

  /** Newest first. */
  get runs(): readonly RunRecord[] {
    return this.#runs;
  }

  get lastSuccessMs(): number | undefined {
    return this.#lastSuccessMs;
  }

  /** How many of the last runs failed, in whole or in part. */
  get failedInARow(): number {
    return this.#failedInARow;
  }

  /** As the last finished copying run left them. */
  get tags(): TagCounts | undefined {
    return this.#tags;
  }

  /** Since when the tag waits that has waited longest; `undefined` when none waits. */
  get oldestUnsyncedMs(): number | undefined {
    let oldest: number | undefined;
    for (const sinceMs of this.#unsynced.values()) oldest = Math.min(oldest ?? sinceMs, sinceMs);
    return oldest;
  }

  /** Takes note that a target does not have what the source has. */
  behind(target: string, nowMs: number): void {
    if (!this.#unsynced.has(target) && this.#unsynced.size < rememberedTags) this.#unsynced.set(target, nowMs);
  }

  /** Takes note that it has. */
  inSync(target: string): void {
    this.#unsynced.delete(target);
  }

  /** Forgets targets that are not among those that are wanted now. */
  keepOnly(targets: ReadonlySet<string>): void {
    for (const target of this.#unsynced.keys()) if (!targets.has(target)) this.#unsynced.delete(target);
  }

  /** Takes note of a run that ended; `tags` is `undefined` of one that did not look at all of them. */
  ended(run: RunRecord, tags: TagCounts | undefined): void {
    this.#runs = [run, ...this.#runs].slice(0, rememberedRuns);
    this.#tags = tags ?? this.#tags;
    switch (run.outcome) {
      case "success":
      case "noop":
        this.#failedInARow = 0;
        this.#lastSuccessMs = run.endedMs;
        return;
      case "partial":
      case "failed":
        this.#failedInARow += 1;
        return;
      case "canceled":
      case "skipped_overlap":
      case undefined:
    }
  }
}
