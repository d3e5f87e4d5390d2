import type { RunRecord } from "../observe/server-status.ts";

/** Runs of all entries that are remembered. */
const rememberedRuns = 1_000;

/** The last runs of all entries, also of those that left. Runs that found nothing to do do not push others out. */
export class RunHistory {
  readonly #telling: RunRecord[] = [];
  readonly #uneventful: RunRecord[] = [];
  #count = 0;

  /** A name for a run that no other run of this process has. */
  nextId(startedMs: number): string {
    this.#count += 1;
    return `${startedMs.toString(36)}-${this.#count}`;
  }

  add(run: RunRecord): void {
    const runs = run.outcome === "noop" ? this.#uneventful : this.#telling;
    runs.push(run);
    if (runs.length > rememberedRuns) runs.shift();
  }

  /** Newest first. */
  list(): readonly RunRecord[] {
    return [...this.#telling, ...this.#uneventful].sort((a, b) => b.startedMs - a.startedMs);
  }
}
