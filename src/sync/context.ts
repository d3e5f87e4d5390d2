import type { Clock } from "../base/clock.ts";
import type { Limiter } from "../base/limiter.ts";
import type { BlobLedger } from "../copy/ledger.ts";
import type { Log } from "../observe/log.ts";
import type { Progress } from "../observe/progress.ts";
import type { Stores } from "../oci/store.ts";
import type { FailureLog } from "./failure-log.ts";
import type { PlatformMemory } from "./platform-child.ts";
import type { SyncMetrics } from "./sync-metrics.ts";
import type { TagMemory } from "./tag-memory.ts";

/** What a pass does: `copy` what differs, only what is `missing`, or `check` without writing. Spec: regsync.md §5.1. */
export type Action = "copy" | "missing" | "check";

/** What every image of one pass shares. */
export interface SyncContext {
  readonly action: Action;
  /** Ask for every tag, whatever is remembered or listed. */
  readonly full: boolean;
  readonly stores: Stores;
  readonly log: Log;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly ledger: BlobLedger;
  /** So many images are copied at once; deciding is not limited by it. Spec: regsync.md §5.2. */
  readonly gate: Limiter;
  readonly platforms: PlatformMemory;
  readonly tags: TagMemory;
  readonly failures: FailureLog;
  readonly counted: SyncMetrics;
}

/** What the images of one entry share besides. */
export interface EntryContext extends SyncContext {
  /** Stops images that are being copied; what was not begun stops with the signal that is handed along. */
  readonly finishing: AbortSignal;
}
