import type { Plan, PlannedEntry } from "../config/plan.ts";
import type { Log } from "../observe/log.ts";
import type { EntryStatus, RunRecord, Trigger } from "../observe/server-status.ts";
import type { Scheduler } from "../schedule/scheduler.ts";
import type { Timing } from "../schedule/timing.ts";
import type { Timings } from "../schedule/timings.ts";
import { EntryMemory } from "./entry-memory.ts";
import { EntryRunner, type RunnerWorld } from "./entry-runner.ts";
import { entryIdentity } from "./identity.ts";

/** What entries live in. */
export interface EntrySetWorld extends RunnerWorld {
  readonly scheduler: Scheduler;
  readonly timings: Timings;
}

/** How many entries a plan changed. */
export interface EntryChange {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** All entries of the plan in use, and those of earlier ones that have not ended yet. */
export class EntrySet {
  readonly #world: EntrySetWorld;
  /** By name, in the order of the file. */
  #runners: ReadonlyMap<string, EntryRunner> = new Map();
  readonly #leaving = new Set<EntryRunner>();

  constructor(world: EntrySetWorld) {
    this.#world = world;
  }

  /** As the status shows the entry of that name, also one that is leaving; `undefined` when there is none. */
  find(name: string): EntryStatus | undefined {
    const [runner] = this.#called(name);
    return runner === undefined ? undefined : this.#statusOf(runner);
  }

  /** Begins a run of that name; `undefined` when there is no such entry. */
  start(name: string, trigger: Trigger): "started" | "busy" | undefined {
    return this.#called(name)[0]?.start(trigger);
  }

  /**
   * Stops the runs of that name, also what is left of an earlier wording of it; `undefined` when there is no such
   * entry.
   */
  cancel(name: string, reason: string): "canceled" | "idle" | undefined {
    const results = this.#called(name).map((runner) => runner.cancel(reason));
    return results.find((result) => result === "canceled") ?? results[0];
  }

  /** Those of the plan in use. */
  get current(): Iterable<EntryRunner> {
    return this.#runners.values();
  }

  /** The runs that are going on, those of leaving entries too. */
  get going(): RunRecord[] {
    return this.#all().flatMap(({ run }) => run?.record ?? []);
  }

  /** Whether an entry of the plan was refused. */
  get hasRefused(): boolean {
    return this.#runners.values().some(({ planned }) => planned.kind === "refused");
  }

  /**
   * Goes over to a plan. Entries that are as they were go on with their times and runs; others leave at the end of the
   * images they copy; new ones and those that were changed run once to get what is missing, as at the start.
   */
  apply(plan: Plan): EntryChange {
    const before = this.#runners;
    const fresh: EntryRunner[] = [];
    const runners = new Map<string, EntryRunner>();
    let changed = 0;
    for (const planned of plan.entries) {
      const name = nameOf(planned);
      const old = before.get(name);
      const identity = entryIdentity(planned, plan.server.jitterMs);
      if (old?.identity === identity) {
        runners.set(name, old);
        continue;
      }
      if (old !== undefined) changed += 1;
      const runner = this.#create(planned, identity, plan.server.jitterMs, old);
      runners.set(name, runner);
      fresh.push(runner);
    }
    this.#runners = runners;
    const gone = [...before.values()].filter((runner) => runners.get(runner.name) !== runner);
    for (const runner of gone) this.#letGo(runner);
    for (const runner of fresh) begin(runner);
    return { added: fresh.length - changed, removed: gone.length - changed, changed };
  }

  /** As the status shows them: in the order of the file, those that are leaving behind. */
  list(): EntryStatus[] {
    const leaving = [...this.#leaving].filter(({ name }) => !this.#runners.has(name));
    return [...this.#runners.values(), ...leaving].map((runner) => this.#statusOf(runner));
  }

  #statusOf(runner: EntryRunner): EntryStatus {
    const isCurrent = this.#runners.get(runner.name) === runner;
    const status = runner.status(isCurrent ? this.#world.scheduler.nextMs(runner.name) : undefined);
    // What it still copies under an earlier wording is its own as well.
    const others = this.#called(runner.name).filter((each) => each !== runner);
    return { ...status, copying: [...status.copying, ...others.flatMap(({ run }) => run?.copies.list() ?? [])] };
  }

  /** Lets all of them leave. Resolves when their last runs have ended. */
  async drain(reason: string): Promise<void> {
    for (const runner of this.#all()) runner.leave(reason);
    await Promise.all(this.#all().map(({ left }) => left));
  }

  /** Stops whatever runs. */
  cancelAll(reason: string): void {
    for (const runner of this.#all()) runner.cancel(reason);
  }

  /** Lets an entry leave that the plan has no more, or has in other words. */
  #letGo(runner: EntryRunner): void {
    const { log, scheduler } = this.#world;
    this.#leaving.add(runner);
    if (!this.#runners.has(runner.name)) {
      scheduler.remove(runner.name);
      log.info("Entry leaves", { entry: runner.name });
    }
    runner.leave("the entry is no longer in the configuration");
    void this.#forgetWhenLeft(runner);
  }

  async #forgetWhenLeft(runner: EntryRunner): Promise<void> {
    const { metrics, counted } = this.#world;
    await runner.left;
    this.#leaving.delete(runner);
    if (this.#runners.has(runner.name)) return;
    metrics.remove(runner.name);
    counted.forget(runner.name);
  }

  #create(
    planned: PlannedEntry,
    identity: string,
    jitterMs: number | undefined,
    old: EntryRunner | undefined,
  ): EntryRunner {
    const { scheduler, metrics, counted } = this.#world;
    const name = nameOf(planned);
    const timing = this.#timingOf(planned, jitterMs);
    const memory = old?.memory ?? new EntryMemory();
    const before = old?.left ?? this.#leftBy(name);
    const runner = new EntryRunner({ planned, identity, schedule: timing?.text, memory, before }, this.#world);
    if (old === undefined) metrics.show(name);
    if (planned.kind === "ready") counted.show(name, planned.entry.route);
    scheduler.remove(name);
    if (timing !== undefined) scheduler.add(name, timing, (dueMs) => runner.tick(dueMs));
    return runner;
  }

  /** When an earlier entry of the same name, that is leaving, has left. */
  async #leftBy(name: string): Promise<void> {
    await Promise.all([...this.#leaving].filter((runner) => runner.name === name).map(({ left }) => left));
  }

  #timingOf(planned: PlannedEntry, jitterMs: number | undefined): Timing | undefined {
    if (planned.kind === "refused") return undefined;
    const timing = this.#world.timings.timingOf(planned.entry, jitterMs);
    const { name, isMistimed } = planned.entry;
    if (timing === undefined && !isMistimed) warnOfNoTime(this.#world.log, name);
    return timing;
  }

  /** That of the plan in use first. */
  #called(name: string): EntryRunner[] {
    const leaving = [...this.#leaving].filter((runner) => runner.name === name);
    const current = this.#runners.get(name);
    return current === undefined ? leaving : [current, ...leaving];
  }

  #all(): EntryRunner[] {
    return [...this.#runners.values(), ...this.#leaving];
  }
}

function nameOf(planned: PlannedEntry): string {
  return planned.kind === "ready" ? planned.entry.name : planned.name;
}

/**
 * An entry that says nothing of when it runs does not run at all, one that says it wrongly once. Spec: regsync.md §1.5.
 */
function begin(runner: EntryRunner): void {
  const { planned } = runner;
  if (planned.kind === "refused") return;
  const { schedule, intervalMs, isMistimed } = planned.entry;
  if (schedule !== "" || intervalMs !== 0 || isMistimed) runner.start("start");
}

function warnOfNoTime(log: Log, entry: string): void {
  log.error("No schedule found, ignoring the entry", { entry });
}
