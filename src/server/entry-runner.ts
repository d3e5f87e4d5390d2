import type { PlannedEntry } from "../config/plan.ts";
import type { EntryStatus, Trigger } from "../observe/server-status.ts";
import { formatDuration } from "../base/duration.ts";
import type { EntryMemory } from "./entry-memory.ts";
import { EntryRun, type RunWorld } from "./entry-run.ts";
import type { StepMetrics } from "./step-metrics.ts";

/** How long a run that is due may not have begun before that is a trouble, in milliseconds. */
const overdueMs = 60_000;

/** What an entry's runs live in. */
export interface RunnerWorld extends RunWorld {
  readonly metrics: StepMetrics;
  /** Without a byte for so long, a copy is a trouble, in milliseconds. */
  readonly stalledAfterMs: () => number;
}

/** An entry in a running server, under one wording of it. */
export interface RunnerEntry {
  readonly planned: PlannedEntry;
  readonly identity: string;
  /** The cron text or interval that is followed; `undefined` when there is none. */
  readonly schedule: string | undefined;
  readonly memory: EntryMemory;
  /** Resolves when an earlier wording of the entry has ended: two never run at once. */
  readonly before: Promise<void>;
}

/** What is wrong with an entry. */
export interface Troubles {
  readonly overdue: string | undefined;
  readonly stalled: string | undefined;
  readonly texts: readonly string[];
}

/** One entry: at most one run at a time. */
export class EntryRunner {
  readonly name: string;
  readonly identity: string;
  readonly memory: EntryMemory;
  readonly #entry: RunnerEntry;
  readonly #world: RunnerWorld;
  readonly #left = Promise.withResolvers<void>();
  #run: EntryRun | undefined;
  /** Resolves when the run before has ended: of the one that is going on, or of one whose place it takes. */
  #last: Promise<void>;
  #isLeaving = false;
  /** A run that was due and has not begun. */
  #owed: { readonly dueMs: number; readonly sinceAt: number } | undefined;

  constructor(entry: RunnerEntry, world: RunnerWorld) {
    const { planned } = entry;
    this.name = planned.kind === "ready" ? planned.entry.name : planned.name;
    this.identity = entry.identity;
    this.memory = entry.memory;
    this.#entry = entry;
    this.#world = world;
    this.#last = entry.before;
  }

  get planned(): PlannedEntry {
    return this.#entry.planned;
  }

  /** The run that is going on or waits for its turn. */
  get run(): EntryRun | undefined {
    return this.#run;
  }

  /** Resolves when it was told to leave and its last run has ended. */
  get left(): Promise<void> {
    return this.#left.promise;
  }

  /** Begins a run, or puts it in line. */
  start(trigger: Trigger): "started" | "busy" {
    const { planned, memory } = this.#entry;
    if (this.#run !== undefined || this.#isLeaving || planned.kind === "refused") return "busy";
    const run = new EntryRun(planned.entry, trigger, memory, this.#world);
    this.#run = run;
    this.#last = this.#follow(run, this.#last);
    return "started";
  }

  /** Its time has come. A run that is still going on is not joined by another one: this time is left out. */
  tick(dueMs: number): void {
    const { clock, log, metrics } = this.#world;
    const waiting = this.#run?.copies.isIdle === true ? this.#run : undefined;
    if (waiting?.trigger === "start") {
      // It does less than this run, and waits for a place that copies of other entries have.
      this.#run = undefined;
      waiting.cancel("a scheduled run takes its place");
    }
    const isFirst = this.#owed === undefined;
    this.#owed ??= { dueMs, sinceAt: clock.monotonic() };
    if (this.start("schedule") === "started") {
      log.debug("Scheduled run is due", { entry: this.name });
      return;
    }
    metrics.skipped(this.name);
    log[isFirst ? "warn" : "debug"]("Run left out, the one before it is still going on", { entry: this.name });
  }

  cancel(reason: string): "canceled" | "idle" {
    if (this.#run === undefined) return "idle";
    this.#run.cancel(reason);
    return "canceled";
  }

  /** Begins nothing more; images that are being copied go on to their end. */
  leave(reason: string): void {
    this.#isLeaving = true;
    if (this.#run === undefined) this.#left.resolve();
    else this.#run.drain(reason);
  }

  /** What an operator should look at. */
  troubles(): Troubles {
    const { clock, stalledAfterMs } = this.#world;
    const owedMs = this.#owed === undefined ? 0 : clock.monotonic() - this.#owed.sinceAt;
    // Times that are left out while it runs are no trouble, however long it runs.
    const overdue =
      this.#owed !== undefined && owedMs > overdueMs && this.#run?.hasBegun !== true
        ? `overdue: a run was due at ${new Date(this.#owed.dueMs).toISOString()} and has not begun`
        : undefined;
    const [still] = this.#run?.copies.stalledFor(stalledAfterMs()) ?? [];
    const stalled =
      still === undefined
        ? undefined
        : `stalled: no byte of ${still.target} moved for ${secondsText(clock.monotonic() - still.movedAt)}`;
    return { overdue, stalled, texts: [overdue, stalled, ...this.#lasting()].filter((text) => text !== undefined) };
  }

  status(nextRunMs: number | undefined): EntryStatus {
    const { planned, memory, schedule } = this.#entry;
    const { sourceText, targetText } = planned.kind === "ready" ? planned.entry : planned;
    return {
      name: this.name,
      source: sourceText,
      target: targetText,
      type: planned.kind === "ready" ? planned.entry.route.kind : planned.type,
      schedule: schedule ?? "",
      phase: this.#phase(),
      nextRunMs,
      lastSuccessMs: memory.lastSuccessMs,
      runs: memory.runs,
      tags: memory.tags,
      copying: this.#run?.copies.list() ?? [],
      troubles: this.troubles().texts,
    };
  }

  async #follow(run: EntryRun, before: Promise<void>): Promise<void> {
    const { history, log, metrics } = this.#world;
    const onBegun = (): void => {
      this.#owed = undefined;
      metrics.began(this.name);
      log.debug("Run begins", { entry: this.name, trigger: run.trigger });
    };
    const ended = await run.carryOut(before, onBegun);
    if (ended !== undefined) {
      const { record, durationMs, tags } = ended;
      this.#owed = undefined;
      this.memory.ended(record, tags);
      history.add(record);
      metrics.ended(record, durationMs, tags);
      const { trigger, outcome = "canceled", copied, unchanged, skipped, failed, bytes } = record;
      const facts = { trigger, outcome, copied, unchanged, skipped, failed, bytes, durationMs: Math.round(durationMs) };
      log[outcome === "noop" ? "debug" : "info"]("Run ended", { entry: this.name, ...facts });
    }
    if (this.#run === run) this.#run = undefined;
    if (this.#isLeaving && this.#run === undefined) this.#left.resolve();
  }

  #phase(): EntryStatus["phase"] {
    if (this.#isLeaving) return "leaving";
    if (this.#entry.planned.kind === "refused") return "refused";
    if (this.#run !== undefined) return this.#run.hasBegun ? "running" : "waiting";
    return this.#entry.schedule === undefined ? "unscheduled" : "idle";
  }

  /** Troubles that stay until somebody changes the file, or a run goes well. */
  #lasting(): string[] {
    const { planned } = this.#entry;
    if (planned.kind === "refused") {
      return planned.complaints.map(({ path, message }) => `refused: ${path}: ${message}`);
    }
    const { failedInARow, runs } = this.memory;
    const [reason] = runs.find(({ errors }) => errors.length > 0)?.errors ?? [];
    return [
      ...(planned.entry.isMistimed ? ["unscheduled: what stands as its schedule is none"] : []),
      ...(failedInARow === 0 ? [] : [`failing: ${failedInARow} in a row; ${reason?.message ?? "see the log"}`]),
    ];
  }
}

function secondsText(ms: number): string {
  return formatDuration(BigInt(Math.round(ms / 1_000)) * 1_000_000_000n);
}
