/** What made an entry run. */
export type Trigger = "start" | "schedule" | "api" | "once";

/**
 * What a run came to: `success` copied something, `noop` found everything in place, `partial` failed for some images,
 * `failed` for all or for the entry as a whole, `canceled` was stopped, `skipped_overlap` never began because the run
 * before it was still going.
 */
export type RunOutcome = "success" | "noop" | "partial" | "failed" | "canceled" | "skipped_overlap";

/** The tags of an entry as its last finished run left them. */
export interface TagCounts {
  /** Chosen by the filters. */
  readonly selected: number;
  /** The target has what the source has. */
  readonly inSync: number;
  /** The target has something else, or nothing. */
  readonly behind: number;
  /** Could not be looked at or copied. */
  readonly failed: number;
}

/** One run of one entry. Times are epoch milliseconds. */
export interface RunRecord {
  readonly id: string;
  readonly entry: string;
  readonly trigger: Trigger;
  readonly startedMs: number;
  /** `undefined` while it is going on. */
  readonly endedMs: number | undefined;
  /** `undefined` while it is going on. */
  readonly outcome: RunOutcome | undefined;
  readonly copied: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly failed: number;
  /** Sent to the target. */
  readonly bytes: number;
  /** Failures of the run, the first of them, each a sentence without secrets. */
  readonly errors: readonly { readonly code: string; readonly message: string }[];
}

/** An image that is being copied. */
export interface ActiveImage {
  readonly source: string;
  readonly target: string;
  readonly startedMs: number;
  /** Moved so far, and of how many known ones. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Over the last seconds. */
  readonly bytesPerSecond: number;
  /** When a byte moved last, epoch milliseconds. */
  readonly movedMs: number;
  /** The same on the monotonic clock, which nobody sets. */
  readonly movedAt: number;
}

/** One entry of the file in a running server. */
export interface EntryStatus {
  readonly name: string;
  readonly source: string;
  readonly target: string;
  readonly type: "image" | "repository" | "registry";
  /** The cron text, or `@every 1h` for an interval; `""` when there is neither. */
  readonly schedule: string;
  /** `refused` by the configuration check, `unscheduled` has no usable time, `leaving` was removed from the file. */
  readonly phase: "idle" | "waiting" | "running" | "leaving" | "unscheduled" | "refused";
  /** Epoch milliseconds; `undefined` when no run is due. */
  readonly nextRunMs: number | undefined;
  readonly lastSuccessMs: number | undefined;
  /** The last finished runs, newest first. */
  readonly runs: readonly RunRecord[];
  /** `undefined` before the first finished run. */
  readonly tags: TagCounts | undefined;
  readonly copying: readonly ActiveImage[];
  /** What an operator should look at: overdue, stalled, failing. Empty when all is well. */
  readonly troubles: readonly string[];
}

/** What became of reading the file again. */
export type ReloadResult =
  | { readonly kind: "unchanged" }
  | { readonly kind: "reloaded"; readonly added: number; readonly removed: number; readonly changed: number }
  /** The old plan goes on. */
  | { readonly kind: "rejected"; readonly message: string }
  /** Nothing is read any more. */
  | { readonly kind: "stopping" };

/** A server as its endpoints show it. Everything here answers at once, from memory. */
export interface ServerStatus {
  /** Of this process, epoch milliseconds. */
  readonly startedMs: number;
  /** Whether a configuration has been read and found usable. */
  readonly isStarted: boolean;
  /** Whether it takes work: from the moment all is built until it is told to stop. */
  readonly isReady: boolean;
  /** Of the configuration in use: a hash, and whether the last attempt to read a new one worked. */
  readonly config: { readonly hash: string; readonly loadedMs: number; readonly rejected: string | undefined };
  /** When the scheduler last looked at what is due, on the monotonic clock. */
  readonly schedulerTickMs: number;
  entries(): readonly EntryStatus[];
  entry(name: string): EntryStatus | undefined;
  /** The last runs of all entries, newest first, a bounded number of them. */
  runs(): readonly RunRecord[];
}

/** What a server can be told from outside. */
export interface ServerControls {
  /** Begins a copying run at once; `undefined` when there is no such entry, `"busy"` when it is running or cannot run. */
  run(entry: string): "started" | "busy" | undefined;
  /** Stops the run that is going on; `undefined` when there is no such entry, `"idle"` when it is not running. */
  cancel(entry: string): "canceled" | "idle" | undefined;
  reload(): Promise<ReloadResult>;
}
