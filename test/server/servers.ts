import type { Entry, Plan, PlannedEntry } from "../../src/config/plan.ts";
import { PrometheusMetrics } from "../../src/observe/prometheus.ts";
import type { LoadedConfig } from "../../src/server/reloader.ts";
import { Server } from "../../src/server/server.ts";
import type { OpenedStores } from "../../src/server/stores-shelf.ts";
import { ShortTagMemory } from "../../src/sync/tag-memory.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { MemoryRepository } from "../support/memory-store.ts";
import { MemoryStores } from "../support/memory-stores.ts";
import { RecordingLog } from "../support/silent-log.ts";
import { settled } from "../support/settled.ts";
import { entry, planOf } from "../sync/passes.ts";

/** An entry for all tags of one repository, from host `a.test` to host `b.test`, every hour unless told otherwise. */
export function hourly(name: string, more: Partial<Entry> = {}): Entry {
  return entry("repository", `a.test/${name}`, `b.test/${name}`, { name, intervalMs: 3_600_000, ...more });
}

/** Calls of one kind that are kept waiting. */
export interface Held {
  /** How many wait now. */
  readonly count: number;
  release(): void;
}

/** A server in memory, at the beginning of 2026. */
export class TestServer implements Disposable {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  readonly stores = new MemoryStores();
  readonly metrics: PrometheusMetrics;
  readonly server: Server;
  /** How often stores were opened and closed. */
  opened = 0;
  closed = 0;
  #first: LoadedConfig;
  /** What is loaded at a reload. */
  next: () => Promise<LoadedConfig>;

  private constructor(metrics: PrometheusMetrics, entries: readonly (Entry | PlannedEntry)[], more: TestOptions) {
    this.metrics = metrics;
    this.#first = this.config(entries, more.plan);
    this.next = () => Promise.resolve(this.#first);
    this.server = new Server(this.#first, {
      homes: undefined,
      clock: this.clock,
      log: this.log,
      metrics,
      localZone: "UTC",
      tags: new ShortTagMemory(),
      full: false,
      openStores: () => Promise.resolve(this.#open()),
      load: () => this.next(),
      onPlan: () => undefined,
      freshen: more.freshen ?? (() => Promise.resolve()),
      abortOnError: more.abortOnError ?? false,
    });
  }

  static async make(entries: readonly (Entry | PlannedEntry)[], more: TestOptions = {}): Promise<TestServer> {
    const metrics = await PrometheusMetrics.open({ process: false, seriesLimit: undefined });
    return new TestServer(metrics, entries, more);
  }

  /** A server that has begun, after its first runs went as far as they can. */
  static async start(entries: readonly (Entry | PlannedEntry)[], more: TestOptions = {}): Promise<TestServer> {
    const test = await TestServer.make(entries, more);
    await test.begin();
    return test;
  }

  async begin(): Promise<void> {
    await this.server.start(this.#first);
    await settled();
  }

  source(name: string): MemoryRepository {
    return this.stores.host("a.test").repository(name);
  }

  target(name: string): MemoryRepository {
    return this.stores.host("b.test").repository(name);
  }

  /** Lets time pass, and everything that it sets going. */
  async pass(ms: number): Promise<void> {
    this.clock.advance(ms);
    await settled();
  }

  /** Goes over to a file with these entries. */
  async reload(entries: readonly (Entry | PlannedEntry)[], plan: Partial<Plan> = {}) {
    this.next = () => Promise.resolve(this.config(entries, plan));
    const result = await this.server.reload();
    await settled();
    return result;
  }

  config(entries: readonly (Entry | PlannedEntry)[], plan: Partial<Plan> = {}): LoadedConfig {
    const planned = entries.map(
      (each, index): PlannedEntry => ("kind" in each ? each : { kind: "ready", entry: { ...each, index } }),
    );
    return { plan: planOf(planned, plan), hash: JSON.stringify(planned.length), loginsHash: "" };
  }

  /** The value of a series; `undefined` when it is not shown. */
  async metric(series: string): Promise<number | undefined> {
    const line = (await this.metrics.text("prometheus")).split("\n").find((each) => each.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length));
  }

  runs(name: string, outcome: string, trigger = "schedule"): Promise<number | undefined> {
    return this.metric(`regsync_step_runs_total{step="${name}",trigger="${trigger}",outcome="${outcome}"}`);
  }

  [Symbol.dispose](): void {
    this.server[Symbol.dispose]();
  }

  #open(): OpenedStores {
    this.opened += 1;
    return {
      repository: (at) => this.stores.repository(at),
      listRepositories: (registry) => this.stores.listRepositories(registry),
      [Symbol.asyncDispose]: async () => {
        this.closed += 1;
      },
    };
  }
}

interface TestOptions {
  readonly plan?: Partial<Plan>;
  readonly abortOnError?: boolean;
  readonly freshen?: () => Promise<void>;
}

/** Keeps calls of a repository waiting that begin with this verb. */
export function hold(repository: MemoryRepository, verb: string): Held {
  const gate = Promise.withResolvers<void>();
  let count = 0;
  repository.before = async (call) => {
    if (!call.startsWith(`${verb} `)) return;
    count += 1;
    await gate.promise;
    count -= 1;
  };
  return {
    get count() {
      return count;
    },
    release: () => gate.resolve(),
  };
}
