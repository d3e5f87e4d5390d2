import type { Clock } from "../../src/base/clock.ts";
import type {
  ActiveImage,
  EntryStatus,
  ReloadResult,
  RunRecord,
  ServerControls,
  ServerStatus,
} from "../../src/observe/server-status.ts";

/** A server that shows what a test tells it to, and remembers what it was told. */
export class FakeServer implements ServerStatus, ServerControls {
  readonly startedMs: number;
  isStarted = true;
  isReady = true;
  config: ServerStatus["config"];
  schedulerTickMs: number;
  shown: EntryStatus[] = [];
  history: RunRecord[] = [];
  reloading: () => Promise<ReloadResult> = () => Promise.resolve({ kind: "unchanged" });
  /** `run app`, `cancel app`, `reload`, in order. */
  readonly told: string[] = [];

  constructor(clock: Clock) {
    this.startedMs = clock.now();
    this.schedulerTickMs = clock.monotonic();
    this.config = { hash: "a1b2", loadedMs: clock.now(), rejected: undefined };
  }

  entries(): readonly EntryStatus[] {
    return this.shown;
  }

  entry(name: string): EntryStatus | undefined {
    return this.shown.find((entry) => entry.name === name);
  }

  runs(): readonly RunRecord[] {
    return this.history;
  }

  run(name: string): "started" | "busy" | undefined {
    this.told.push(`run ${name}`);
    const entry = this.entry(name);
    if (entry === undefined) return undefined;
    return ["running", "refused", "leaving"].includes(entry.phase) ? "busy" : "started";
  }

  cancel(name: string): "canceled" | "idle" | undefined {
    this.told.push(`cancel ${name}`);
    const entry = this.entry(name);
    if (entry === undefined) return undefined;
    return entry.phase === "running" ? "canceled" : "idle";
  }

  reload(): Promise<ReloadResult> {
    this.told.push("reload");
    return this.reloading();
  }
}

/** An entry that is fine and has nothing to do, changed as the test needs it. */
export function entryStatus(name: string, more: Partial<EntryStatus> = {}): EntryStatus {
  return {
    name,
    source: `source.test/${name}`,
    target: `target.test/${name}`,
    type: "repository",
    schedule: "@every 1h",
    phase: "idle",
    nextRunMs: Date.UTC(2026, 0, 1, 1),
    lastSuccessMs: Date.UTC(2026, 0, 1),
    runs: [runRecord(name)],
    tags: { selected: 3, inSync: 3, behind: 0, failed: 0 },
    copying: [],
    troubles: [],
    ...more,
  };
}

/** A run that found everything in place, changed as the test needs it. */
export function runRecord(entry: string, more: Partial<RunRecord> = {}): RunRecord {
  return {
    id: "run-1",
    entry,
    trigger: "schedule",
    startedMs: Date.UTC(2026, 0, 1),
    endedMs: Date.UTC(2026, 0, 1, 0, 0, 2),
    outcome: "noop",
    copied: 0,
    unchanged: 3,
    skipped: 0,
    failed: 0,
    bytes: 0,
    errors: [],
    ...more,
  };
}

/** An image that is being copied and moved a byte at `movedMs`, by a clock that nobody has set. */
export function activeImage(movedMs: number, more: Partial<ActiveImage> = {}): ActiveImage {
  return {
    source: "source.test/app:1",
    target: "target.test/app:1",
    startedMs: Date.UTC(2026, 0, 1),
    bytes: 10,
    totalBytes: 100,
    bytesPerSecond: 2.5,
    movedMs,
    movedAt: movedMs,
    ...more,
  };
}
