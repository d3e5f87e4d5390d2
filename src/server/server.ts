import type { Clock } from "../base/clock.ts";
import { Interrupted } from "../base/failure.ts";
import { onAbort } from "../base/on-abort.ts";
import type { Plan } from "../config/plan.ts";
import type { BlobHomes } from "../copy/blob-homes.ts";
import type { Log } from "../observe/log.ts";
import type { Metrics } from "../observe/metrics.ts";
import type { EntryStatus, ReloadResult, RunRecord, ServerControls, ServerStatus } from "../observe/server-status.ts";
import { Scheduler } from "../schedule/scheduler.ts";
import { Timings } from "../schedule/timings.ts";
import { PlatformMemory } from "../sync/platform-child.ts";
import { SyncMetrics } from "../sync/sync-metrics.ts";
import type { TagMemory } from "../sync/tag-memory.ts";
import { EntrySet } from "./entry-set.ts";
import { hostsIdentity, serverIdentity } from "./identity.ts";
import { LineMetrics, Lines } from "./lines.ts";
import { type LoadConfig, type LoadedConfig, type PlanChange, Reloader } from "./reloader.ts";
import { RunHistory } from "./run-history.ts";
import { StepMetrics } from "./step-metrics.ts";
import { type OpenedStores, StoresShelf } from "./stores-shelf.ts";
import { Watchdog } from "./watchdog.ts";

/** A copy without a byte for so long is a trouble, unless the file lets registries be silent for longer. */
const stalledAfterMs = 120_000;

/** What a server is built from. */
export interface ServerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** The IANA name of the zone that schedules without one are in. */
  readonly localZone: string;
  /** What earlier runs learned of tags. */
  readonly tags: TagMemory;
  /** Which repositories hold blobs, as earlier processes learned it; `undefined` when nothing outlives them. */
  readonly homes: BlobHomes | undefined;
  /** Ask for every tag, whatever is remembered or listed. */
  readonly full: boolean;
  readonly openStores: (plan: Plan) => Promise<OpenedStores>;
  readonly load: LoadConfig;
  /** Told of every plan that it goes over to. */
  readonly onPlan: (plan: Plan) => void;
  /** Called before each run: has files read again that changed. Never rejects. */
  readonly freshen: () => Promise<void>;
  /** End at the first failure. */
  readonly abortOnError: boolean;
}

/**
 * A running server: every entry at its times, what it shows of itself, and what it can be told. Spec: regsync.md §1.5.
 */
export class Server implements ServerStatus, ServerControls, Disposable {
  readonly startedMs: number;
  readonly isStarted = true;
  readonly #parts: ServerParts;
  readonly #history = new RunHistory();
  readonly #shelf: StoresShelf;
  readonly #lines: Lines;
  readonly #scheduler: Scheduler;
  readonly #entries: EntrySet;
  readonly #reloader: Reloader;
  readonly #owned = new DisposableStack();
  readonly #begun = Promise.withResolvers<void>();
  readonly #failed = Promise.withResolvers<void>();
  #plan: Plan;
  #hosts = "";
  #isReady = false;
  #isStopping = false;

  constructor(first: LoadedConfig, parts: ServerParts) {
    const { clock, log, metrics } = parts;
    this.#parts = parts;
    this.#plan = first.plan;
    this.startedMs = clock.now();
    this.#shelf = new StoresShelf(parts.homes);
    this.#lines = new Lines(first.plan.parallel);
    this.#scheduler = this.#owned.use(new Scheduler(clock, log));
    const stepMetrics = new StepMetrics(metrics);
    this.#entries = new EntrySet({
      clock,
      log,
      metrics: stepMetrics,
      history: this.#history,
      lines: this.#lines,
      shelf: this.#shelf,
      platforms: new PlatformMemory(),
      tags: parts.tags,
      full: parts.full,
      counted: new SyncMetrics(metrics),
      freshen: parts.freshen,
      onFailure: () => this.#onFailure(),
      stalledAfterMs: () => Math.max(stalledAfterMs, 2 * (this.#plan.timeLimits.stallMs ?? 0)),
      scheduler: this.#scheduler,
      timings: new Timings(parts.localZone),
    });
    const apply = (config: LoadedConfig): Promise<PlanChange> => this.#apply(config);
    this.#reloader = new Reloader(first, { clock, log, metrics, load: parts.load, apply });
    this.#owned.use(new Watchdog({ clock, log, runners: () => this.#entries.current }));
    const lineMetrics = new LineMetrics(metrics);
    this.#owned.use(
      metrics.beforeReading(() => {
        lineMetrics.look(this.#lines);
        this.#lookAtSteps(stepMetrics);
      }),
    );
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  get config(): ServerStatus["config"] {
    return this.#reloader.config;
  }

  get schedulerTickMs(): number {
    return this.#scheduler.tickMs;
  }

  /** How long images that are being copied may take to the end once it is told to stop, as the file says now. */
  get graceMs(): number {
    return this.#plan.server.graceMs;
  }

  entries(): readonly EntryStatus[] {
    return this.#entries.list();
  }

  entry(name: string): EntryStatus | undefined {
    return this.#entries.find(name);
  }

  runs(): readonly RunRecord[] {
    return [...this.#entries.going, ...this.#history.list()].sort((a, b) => b.startedMs - a.startedMs);
  }

  run(entry: string): "started" | "busy" | undefined {
    return this.#isReady ? this.#entries.start(entry, "api") : "busy";
  }

  cancel(entry: string): "canceled" | "idle" | undefined {
    return this.#entries.cancel(entry, "it was told to");
  }

  /** Asked before it has begun, it begins first. */
  async reload(): Promise<ReloadResult> {
    await this.#begun.promise;
    return await this.#reloader.reload();
  }

  /** Begins with everything that is missing, and to follow the schedules. */
  async start(first: LoadedConfig): Promise<void> {
    const { log, abortOnError } = this.#parts;
    await this.#apply(first);
    this.#isReady = true;
    this.#begun.resolve();
    log.info("Server started", { count: first.plan.entries.length });
    if (abortOnError && this.#entries.hasRefused) this.#failed.resolve();
  }

  /** Resolves when the signal aborts, or with `failed` at the first failure if that is to end it. */
  async untilStopped(signal: AbortSignal): Promise<"stopped" | "failed"> {
    const stopped = Promise.withResolvers<void>();
    using _listening = onAbort(signal, () => stopped.resolve());
    return await Promise.race([
      stopped.promise.then(() => "stopped" as const),
      this.#failed.promise.then(() => "failed" as const),
    ]);
  }

  /**
   * Ends: takes no more work at once, lets images that are being copied go on for so long, and then cancels them.
   * Resolves when everything is closed.
   */
  async stop(graceMs: number): Promise<void> {
    const { clock, log } = this.#parts;
    this.#isReady = false;
    this.#isStopping = true;
    this.#scheduler[Symbol.dispose]();
    log.info("Stopping server", { delayMs: graceMs });
    const reason = "the server stops";
    const cancelAll = (): void => this.#entries.cancelAll(reason);
    using _grace = clock.after(graceMs, () => {
      log.warn("Images that are still being copied are cancelled");
      cancelAll();
    });
    if (graceMs <= 0) cancelAll();
    await this.#entries.drain(reason);
    await this.#shelf[Symbol.asyncDispose]();
    log.info("Server stopped");
  }

  [Symbol.dispose](): void {
    this.#isReady = false;
    this.#owned[Symbol.dispose]();
  }

  async #apply({ plan, loginsHash }: LoadedConfig): Promise<PlanChange> {
    // New entries would begin what nobody waits for.
    if (this.#isStopping) throw new Interrupted("the server stops");
    const identity = `${hostsIdentity(plan)} ${loginsHash}`;
    const others = identity !== this.#hosts || serverIdentity(plan) !== serverIdentity(this.#plan);
    this.#hosts = identity;
    this.#plan = plan;
    this.#lines.resize(plan.parallel);
    const retired = this.#shelf.use(identity, () => this.#parts.openStores(plan));
    const change = this.#entries.apply(plan);
    this.#parts.onPlan(plan);
    await retired;
    return { ...change, others };
  }

  #lookAtSteps(metrics: StepMetrics): void {
    for (const runner of this.#entries.current) {
      const { overdue, stalled } = runner.troubles();
      const facts = {
        nextRunMs: this.#scheduler.nextMs(runner.name),
        oldestUnsyncedMs: runner.memory.oldestUnsyncedMs,
        overdue: overdue !== undefined,
        stalled: stalled !== undefined,
      };
      metrics.look(runner.name, facts, this.#parts.clock.now());
    }
  }

  #onFailure(): void {
    if (this.#parts.abortOnError) this.#failed.resolve();
  }
}
