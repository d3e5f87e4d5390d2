import { Limiter } from "../../src/base/limiter.ts";
import type { Entry, Plan, PlannedEntry, PlannedServer } from "../../src/config/plan.ts";
import { BlobLedger } from "../../src/copy/ledger.ts";
import { type Metrics, noMetrics } from "../../src/observe/metrics.ts";
import { noProgress } from "../../src/observe/progress.ts";
import { acceptedManifests } from "../../src/oci/media-type.ts";
import { parseReference } from "../../src/oci/reference.ts";
import type { Action, SyncContext } from "../../src/sync/context.ts";
import { FailureLog } from "../../src/sync/failure-log.ts";
import { PlatformMemory } from "../../src/sync/platform-child.ts";
import type { ImageResult, RunReport } from "../../src/sync/outcome.ts";
import { runPlan } from "../../src/sync/run.ts";
import { SyncMetrics } from "../../src/sync/sync-metrics.ts";
import { ShortTagMemory } from "../../src/sync/tag-memory.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { MemoryStores } from "../support/memory-stores.ts";
import { RecordingLog } from "../support/silent-log.ts";

/** An entry of a file that says only where from and where to, changed as the test needs it. */
export function entry(kind: "image" | "repository", source: string, target: string, more: Partial<Entry> = {}): Entry {
  const targets = target.split(", ").map(parseReference);
  const route = { kind, source: parseReference(source), targets } as const;
  return { ...emptyEntry, sourceText: source, targetText: target, route, ...more };
}

/** An entry that mirrors a whole registry. */
export function registryEntry(source: string, target: string, more: Partial<Entry> = {}): Entry {
  return {
    ...emptyEntry,
    sourceText: source,
    targetText: target,
    route: { kind: "registry", source, targets: target.split(", ") },
    ...more,
  };
}

const emptyEntry: Omit<Entry, "sourceText" | "targetText" | "route"> = {
  index: 0,
  name: "app",
  tags: { allow: [], deny: [], semverRange: [], immutable: [] },
  tagSets: [],
  repos: { allow: [], deny: [] },
  digestTags: false,
  referrers: false,
  referrerFilters: [],
  referrerSource: undefined,
  referrerTarget: undefined,
  platform: undefined,
  platforms: [],
  fastCheck: false,
  forceRecursive: false,
  includeExternal: false,
  backup: "",
  renderBackup: undefined,
  intervalMs: 0,
  schedule: "",
  isMistimed: false,
  rateLimit: { min: 0, retryMs: 300_000 },
  mediaTypes: acceptedManifests,
  verifyIntervalMs: 168 * 60 * 60 * 1_000,
};

/** A server that its file says nothing about. */
export const plainServer: PlannedServer = {
  listen: undefined,
  token: undefined,
  tls: undefined,
  failOn: { kind: "anyStale" },
  graceMs: 25_000,
  jitterMs: undefined,
};

/** A world in memory for passes over entries. */
export class Passes {
  readonly stores = new MemoryStores();
  readonly log = new RecordingLog();
  readonly clock = new FakeClock();
  readonly gate = new Limiter(1);
  readonly tags = new ShortTagMemory();
  /** Whether passes ask for every tag, whatever is known. */
  full = false;
  readonly #metrics: Metrics;

  constructor(metrics: Metrics = noMetrics) {
    this.#metrics = metrics;
  }

  context(action: Action): SyncContext {
    return {
      action,
      full: this.full,
      stores: this.stores,
      log: this.log,
      clock: this.clock,
      progress: noProgress,
      ledger: new BlobLedger(),
      gate: this.gate,
      platforms: new PlatformMemory(),
      tags: this.tags,
      failures: new FailureLog(this.log),
      counted: new SyncMetrics(this.#metrics),
    };
  }

  async run(
    entries: readonly (Entry | PlannedEntry)[],
    options: {
      action?: Action;
      parallel?: number;
      abortOnError?: boolean;
      listUnchanged?: boolean;
      signal?: AbortSignal;
    } = {},
  ): Promise<RunReport> {
    const {
      action = "copy",
      parallel = 0,
      abortOnError = false,
      listUnchanged = true,
      signal = new AbortController().signal,
    } = options;
    const planned = entries.map(
      (each, index): PlannedEntry => ("kind" in each ? each : { kind: "ready", entry: { ...each, index } }),
    );
    return await runPlan(planOf(planned, { parallel }), this.context(action), { abortOnError, listUnchanged }, signal);
  }
}

/** A plan of these entries, with nothing else in its file. */
export function planOf(entries: readonly PlannedEntry[], more: Partial<Plan> = {}): Plan {
  return {
    hosts: [],
    skipDockerConfig: false,
    parallel: 0,
    cacheCount: 0,
    cacheTimeMs: 0,
    blobLimitBytes: undefined,
    userAgent: "",
    timeLimits: {
      connectMs: undefined,
      tlsMs: undefined,
      headersMs: undefined,
      commitMs: undefined,
      stallMs: undefined,
    },
    digestListing: "auto",
    stateDir: "",
    server: plainServer,
    entries,
    complaints: [],
    ...more,
  };
}

/** What became of the images, one line each: `app:v1 copied absent`. */
export function told(images: readonly ImageResult[]): string[] {
  return images.map(({ target, outcome }) => {
    const tag = target.slice(target.lastIndexOf("/") + 1);
    switch (outcome.kind) {
      case "unchanged":
        return `${tag} unchanged`;
      case "skipped":
        return `${tag} skipped ${outcome.reason.kind}`;
      case "stale":
        return `${tag} stale ${outcome.reason.kind}`;
      case "copied":
        return `${tag} copied ${outcome.reason.kind}`;
      case "failed":
        return `${tag} failed ${outcome.failure.code}`;
    }
  });
}
