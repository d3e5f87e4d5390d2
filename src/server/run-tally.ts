import { type Failure, Interrupted } from "../base/failure.ts";
import type { RunOutcome, RunRecord, TagCounts, Trigger } from "../observe/server-status.ts";
import type { EntryReport } from "../sync/entry.ts";
import type { ImageResult } from "../sync/outcome.ts";
import type { EntryMemory } from "./entry-memory.ts";

/** Failures of one run that are kept for people to read, and how much of each. */
const keptErrors = 10;
const longestMessage = 500;

/** What a run is, from its beginning on. */
export interface RunStart {
  readonly id: string;
  readonly entry: string;
  readonly trigger: Trigger;
  readonly startedMs: number;
}

/** Counts what becomes of the images of one run. */
export class RunTally implements EntryReport {
  readonly #start: RunStart;
  readonly #memory: EntryMemory;
  readonly #now: () => number;
  readonly #onFailure: () => void;
  readonly #seen = new Set<string>();
  /** Targets that were found to be behind and are so still. */
  readonly #behind = new Set<string>();
  readonly #errors: { readonly code: string; readonly message: string }[] = [];
  #copied = 0;
  #unchanged = 0;
  #skipped = 0;
  #failed = 0;
  #failedAsAWhole = 0;
  #bytes = 0;

  /** `onFailure` is told of every failure, of an image or of the entry. */
  constructor(start: RunStart, memory: EntryMemory, now: () => number, onFailure: () => void) {
    this.#start = start;
    this.#memory = memory;
    this.#now = now;
    this.#onFailure = onFailure;
  }

  due(target: string): void {
    this.#behind.add(target);
    this.#memory.behind(target, this.#now());
  }

  image({ target, outcome }: ImageResult): void {
    // What was stopped is neither done nor failed: the next run sees to it.
    if (outcome.kind === "failed" && outcome.failure instanceof Interrupted) return;
    this.#seen.add(target);
    if (outcome.kind !== "failed") this.#behind.delete(target);
    switch (outcome.kind) {
      case "copied":
        this.#copied += 1;
        this.#bytes += outcome.totals.bytes;
        this.#memory.inSync(target);
        return;
      case "unchanged":
        this.#unchanged += 1;
        this.#memory.inSync(target);
        return;
      case "skipped":
        this.#skipped += 1;
        return;
      case "failed":
        this.#failed += 1;
        this.#memory.behind(target, this.#now());
        this.#note(outcome.failure);
        return;
      case "stale": // only looked at, which a server does not do
    }
  }

  failed(failure: Failure): void {
    if (failure instanceof Interrupted) return;
    this.#failedAsAWhole += 1;
    this.#note(failure);
  }

  /** The run as it stands, or as it ended. */
  record(end?: { readonly endedMs: number; readonly canceled: boolean }): RunRecord {
    return {
      ...this.#start,
      endedMs: end?.endedMs,
      outcome: end === undefined ? undefined : this.#outcome(end.canceled),
      copied: this.#copied,
      unchanged: this.#unchanged,
      skipped: this.#skipped,
      failed: this.#failed + this.#failedAsAWhole,
      bytes: this.#bytes,
      errors: [...this.#errors],
    };
  }

  /** Whether nothing kept it from looking at every image. */
  get isWhole(): boolean {
    return this.#failedAsAWhole === 0;
  }

  /** The tags after a run that looked at all of them to the end. */
  tags(): TagCounts {
    this.#memory.keepOnly(this.#seen);
    return {
      selected: this.#seen.size,
      inSync: this.#copied + this.#unchanged,
      behind: this.#behind.size,
      failed: this.#failed,
    };
  }

  #note(failure: Failure): void {
    if (this.#errors.length < keptErrors) {
      this.#errors.push({ code: failure.code, message: failure.message.slice(0, longestMessage) });
    }
    this.#onFailure();
  }

  #outcome(canceled: boolean): RunOutcome {
    if (canceled) return "canceled";
    const done = this.#copied + this.#unchanged + this.#skipped;
    if (this.#failed + this.#failedAsAWhole > 0) return done > 0 ? "partial" : "failed";
    return this.#copied > 0 ? "success" : "noop";
  }
}
