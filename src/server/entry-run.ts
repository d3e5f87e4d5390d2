import type { Clock } from "../base/clock.ts";
import { Failure, Interrupted, messageOf } from "../base/failure.ts";
import type { Limiter } from "../base/limiter.ts";
import { orAborted } from "../base/together.ts";
import type { Entry } from "../config/plan.ts";
import { labelled } from "../observe/labelled-log.ts";
import type { Log } from "../observe/log.ts";
import type { RunRecord, TagCounts, Trigger } from "../observe/server-status.ts";
import type { Action } from "../sync/context.ts";
import { runEntry } from "../sync/entry.ts";
import { FailureLog } from "../sync/failure-log.ts";
import type { PlatformMemory } from "../sync/platform-child.ts";
import type { SyncMetrics } from "../sync/sync-metrics.ts";
import type { TagMemory } from "../sync/tag-memory.ts";
import { ActiveCopies } from "./active-copies.ts";
import type { EntryMemory } from "./entry-memory.ts";
import type { Lines } from "./lines.ts";
import type { RunHistory } from "./run-history.ts";
import { RunTally } from "./run-tally.ts";
import type { StoresShelf } from "./stores-shelf.ts";

/** What the runs of all entries share. */
export interface RunWorld {
  readonly clock: Clock;
  readonly log: Log;
  readonly history: RunHistory;
  readonly lines: Lines;
  readonly shelf: StoresShelf;
  readonly platforms: PlatformMemory;
  readonly tags: TagMemory;
  /** Ask for every tag, whatever is remembered or listed. */
  readonly full: boolean;
  readonly counted: SyncMetrics;
  /** Called before a run: files with logins that changed are read again. Never rejects. */
  readonly freshen: () => Promise<void>;
  /** Told of every failure, of an image or of an entry. */
  readonly onFailure: () => void;
}

/** What a run came to. */
export interface EndedRun {
  readonly record: RunRecord;
  readonly durationMs: number;
  /** `undefined` when it did not look at all tags. */
  readonly tags: TagCounts | undefined;
}

/** One run of one entry: it waits in line, mirrors, and can be told to stop in two ways. */
export class EntryRun {
  readonly trigger: Trigger;
  readonly copies: ActiveCopies;
  readonly #entry: Entry;
  readonly #action: Action;
  readonly #memory: EntryMemory;
  readonly #world: RunWorld;
  readonly #beginning = new AbortController();
  readonly #finishing = new AbortController();
  #tally: RunTally | undefined;

  constructor(entry: Entry, trigger: Trigger, memory: EntryMemory, world: RunWorld) {
    this.trigger = trigger;
    this.copies = new ActiveCopies(world.clock);
    this.#entry = entry;
    this.#action = trigger === "start" ? "missing" : "copy";
    this.#memory = memory;
    this.#world = world;
  }

  /** Whether it is more than waiting for its turn. */
  get hasBegun(): boolean {
    return this.#tally !== undefined;
  }

  /** The run as it stands; `undefined` while it waits for its turn. */
  get record(): RunRecord | undefined {
    return this.#tally?.record();
  }

  /** Begins no more images; those that are being copied go on. */
  drain(reason: string): void {
    this.#beginning.abort(new Interrupted(reason));
  }

  /** Stops everything; uploads are cancelled. */
  cancel(reason: string): void {
    this.drain(reason);
    this.#finishing.abort(this.#beginning.signal.reason);
  }

  /**
   * Waits for its turn, and for what has to end before; then runs. Gives what it came to, or `undefined` when it was
   * stopped before it began. `onBegun` is called in between. Never rejects.
   */
  async carryOut(before: Promise<void>, onBegun: () => void): Promise<EndedRun | undefined> {
    const { lines } = this.#world;
    const signal = this.#beginning.signal;
    const { line, gate } = lines.placesOf(this.#entry, this.trigger);
    try {
      await orAborted(before, signal);
      using _place = await line.take(signal);
      await orAborted(this.#world.freshen(), signal);
      const tally = this.#begin();
      onBegun();
      return await this.#run(tally, gate);
    } catch (failure) {
      if (failure instanceof Interrupted) return undefined;
      throw failure;
    }
  }

  #begin(): RunTally {
    const { clock, history, onFailure } = this.#world;
    const startedMs = clock.now();
    const start = { id: history.nextId(startedMs), entry: this.#entry.name, trigger: this.trigger, startedMs };
    this.#tally = new RunTally(start, this.#memory, () => clock.now(), onFailure);
    return this.#tally;
  }

  async #run(tally: RunTally, gate: Limiter): Promise<EndedRun> {
    const { clock, log: serverLog, full, platforms, tags, counted, shelf } = this.#world;
    const log = labelled(serverLog, { entry: this.#entry.name });
    const startedAt = clock.monotonic();
    const failures = new FailureLog(log);
    try {
      await using lease = await shelf.lease();
      const context = {
        action: this.#action,
        full,
        stores: lease.stores,
        log,
        clock,
        progress: this.copies,
        ledger: shelf.ledger(startedAt),
        gate,
        platforms,
        tags,
        failures,
        counted,
      };
      const report = counted.counted(this.#entry.name, tally);
      await runEntry(this.#entry, context, report, this.#beginning.signal, this.#finishing.signal);
    } catch (thrown) {
      // What nobody foresaw is this run's failure, and must not end the others.
      failures.failed("Run failed", thrown, {});
      tally.failed(thrown instanceof Failure ? thrown : new Unforeseen(thrown));
    }
    const canceled = this.#beginning.signal.aborted;
    const record = tally.record({ endedMs: clock.now(), canceled });
    const sawAll = this.#action === "copy" && !canceled && tally.isWhole;
    return { record, durationMs: clock.monotonic() - startedAt, tags: sawAll ? tally.tags() : undefined };
  }
}

/** Something was thrown that is no failure of the outside world: a defect of this program. */
class Unforeseen extends Failure {
  readonly code = "DEFECT";

  constructor(cause: unknown) {
    super(`unexpected failure, a defect of this program: ${messageOf(cause)}`, { cause });
  }
}
