import type { Counter, Gauge, Histogram, Labels, Metrics } from "../observe/metrics.ts";
import type { RunOutcome, RunRecord, TagCounts, Trigger } from "../observe/server-status.ts";

const triggers: readonly Trigger[] = ["start", "schedule", "api"];
const outcomes: readonly RunOutcome[] = ["success", "noop", "partial", "failed", "canceled"];

/** From a look that finds nothing to do to a first copy of hours, in seconds. Spec: operations.md §3. */
const durationBuckets = [1, 5, 15, 60, 300, 900, 3_600, 14_400];

/** What can change about a step between two looks. Times are epoch milliseconds. */
export interface StepFacts {
  readonly nextRunMs: number | undefined;
  readonly oldestUnsyncedMs: number | undefined;
  readonly overdue: boolean;
  readonly stalled: boolean;
}

/** The metrics of single entries, which they call steps. Every series is there from the entry's beginning to its end. */
export class StepMetrics {
  readonly #runs: Counter<"step" | "trigger" | "outcome">;
  readonly #duration: Histogram<"step">;
  readonly #lastRun: Gauge<"step">;
  readonly #lastSuccess: Gauge<"step">;
  readonly #nextRun: Gauge<"step">;
  readonly #running: Gauge<"step">;
  readonly #up: Gauge<"step">;
  readonly #tags: Gauge<"step" | "state">;
  readonly #oldestUnsynced: Gauge<"step">;
  readonly #overdue: Gauge<"step">;
  readonly #stalled: Gauge<"step">;

  constructor(metrics: Metrics) {
    const gauge = (name: string, help: string): Gauge<"step"> => metrics.gauge({ name, help, labels: ["step"] });
    this.#runs = metrics.counter({
      name: "regsync_step_runs_total",
      help: "Runs of an entry, by what made it run and what came of it",
      labels: ["step", "trigger", "outcome"],
    });
    const duration = { name: "regsync_step_duration_seconds", help: "How long runs took", labels: ["step"] } as const;
    this.#duration = metrics.histogram(duration, durationBuckets);
    this.#lastRun = gauge("regsync_step_last_run_timestamp_seconds", "When a run ended last, 0 before the first");
    this.#lastSuccess = gauge(
      "regsync_step_last_success_timestamp_seconds",
      "When a run ended last that had no failure, 0 before the first",
    );
    this.#nextRun = gauge("regsync_step_next_run_timestamp_seconds", "When the entry is due next, 0 when it is not");
    this.#running = gauge("regsync_step_running", "Whether a run is going on");
    this.#up = gauge("regsync_step_up", "Whether the last finished run had no failure; absent before the first");
    this.#tags = metrics.gauge({
      name: "regsync_step_tags",
      help: "Tags after the last finished copying run, by state",
      labels: ["step", "state"],
    });
    this.#oldestUnsynced = gauge(
      "regsync_step_oldest_unsynced_seconds",
      "How long the tag has waited that has waited longest for what its source has",
    );
    this.#overdue = gauge("regsync_step_overdue", "Whether a run was due and has not begun for a minute");
    this.#stalled = gauge("regsync_step_stalled", "Whether an image is being copied of which no byte moves");
  }

  /** Shows every series of a step. */
  show(step: string): void {
    for (const labels of runLabels(step)) this.#runs.add(0, labels);
    this.#duration.show({ step });
    for (const gauge of this.#plainGauges()) gauge.set(0, { step });
    this.#setTags(step, { selected: 0, inSync: 0, behind: 0, failed: 0 });
  }

  /** Shows nothing of a step any more. */
  remove(step: string): void {
    for (const labels of runLabels(step)) this.#runs.remove(labels);
    this.#duration.remove({ step });
    for (const gauge of [...this.#plainGauges(), this.#up]) gauge.remove({ step });
    for (const state of ["selected", "in_sync", "behind", "failed"]) this.#tags.remove({ step, state });
  }

  began(step: string): void {
    this.#running.set(1, { step });
  }

  skipped(step: string): void {
    this.#runs.add(1, { step, trigger: "schedule", outcome: "skipped_overlap" });
  }

  /** A run ended, which took so long; `tags` is `undefined` of one that did not look at all of them. */
  ended({ entry: step, trigger, outcome, endedMs }: RunRecord, durationMs: number, tags: TagCounts | undefined): void {
    const seconds = (endedMs ?? 0) / 1_000;
    this.#running.set(0, { step });
    this.#lastRun.set(seconds, { step });
    this.#duration.observe(durationMs / 1_000, { step });
    if (outcome !== undefined) this.#runs.add(1, { step, trigger, outcome });
    if (tags !== undefined) this.#setTags(step, tags);
    if (outcome === "success" || outcome === "noop") {
      this.#lastSuccess.set(seconds, { step });
      this.#up.set(1, { step });
    } else if (outcome !== "canceled") {
      this.#up.set(0, { step });
    }
  }

  /** Sets what is looked up rather than counted. */
  look(step: string, facts: StepFacts, nowMs: number): void {
    this.#nextRun.set((facts.nextRunMs ?? 0) / 1_000, { step });
    this.#oldestUnsynced.set(Math.max(0, nowMs - (facts.oldestUnsyncedMs ?? nowMs)) / 1_000, { step });
    this.#overdue.set(facts.overdue ? 1 : 0, { step });
    this.#stalled.set(facts.stalled ? 1 : 0, { step });
  }

  #plainGauges(): Gauge<"step">[] {
    const times = [this.#lastRun, this.#lastSuccess, this.#nextRun];
    return [...times, this.#running, this.#oldestUnsynced, this.#overdue, this.#stalled];
  }

  #setTags(step: string, { selected, inSync, behind, failed }: TagCounts): void {
    this.#tags.set(selected, { step, state: "selected" });
    this.#tags.set(inSync, { step, state: "in_sync" });
    this.#tags.set(behind, { step, state: "behind" });
    this.#tags.set(failed, { step, state: "failed" });
  }
}

/** Every way in which a run can begin and end; only what a schedule wants can be left out. */
function runLabels(step: string): Labels<"step" | "trigger" | "outcome">[] {
  const ran = triggers.flatMap((trigger) => outcomes.map((outcome) => ({ step, trigger, outcome })));
  return [...ran, { step, trigger: "schedule", outcome: "skipped_overlap" }];
}
