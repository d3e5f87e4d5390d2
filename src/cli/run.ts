import type { ListenAddress } from "../base/listen-address.ts";
import type { Clock } from "../base/clock.ts";
import type { Plan } from "../config/plan.ts";
import type { Log } from "../observe/log.ts";
import type { Progress } from "../observe/progress.ts";
import type { LoadConfig, LoadedConfig } from "../server/reloader.ts";
import type { Action } from "../sync/context.ts";
import type { RunReport } from "../sync/outcome.ts";
import type { World } from "./world.ts";

/** What one pass is to do. */
export interface RunRequest {
  readonly action: Action;
  /** Stop everything at the first failure. */
  readonly abortOnError: boolean;
  /** Whether the report lists images that are unchanged too. */
  readonly listUnchanged: boolean;
  /** Ask for every tag, whatever is remembered or listed. */
  readonly full: boolean;
  /** Where memory is kept; `""` for nowhere. */
  readonly stateDir: string;
  /** Blobs from this size travel on a lane of their own, in bytes; infinite for none. */
  readonly laneFromBytes: number;
  /** Refuse to go on without the memory when it cannot be used. */
  readonly strict: boolean;
}

/** What one pass lives in. */
interface RunSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * One pass over a whole plan, with everything it needs built before and closed after it.
 *
 * What becomes of images and entries is in the report, an interruption included; rejects only when nothing could be
 * started (`STATE_LOCKED` and `STATE_INVALID` under `strict` among others), or with a defect.
 */
export type RunOnce = (plan: Plan, request: RunRequest, surroundings: RunSurroundings) => Promise<RunReport>;

/** What a server is to do. */
export interface ServerRequest {
  /** What to begin with. */
  readonly first: LoadedConfig;
  readonly load: LoadConfig;
  /** End at the first failure. */
  readonly abortOnError: boolean;
  /** Ask for every tag, whatever is remembered or listed. */
  readonly full: boolean;
  /** Where memory is kept; `""` for nowhere. */
  readonly stateDir: string;
  /** Blobs from this size travel on a lane of their own, in bytes; infinite for none. */
  readonly laneFromBytes: number;
  /** Refuse to go on without the memory when it cannot be used. */
  readonly strict: boolean;
  /** Where to be asked; `undefined` does not listen. */
  readonly listen: ListenAddress | undefined;
  /** The configuration file; `undefined` when there is none to watch. */
  readonly file: string | undefined;
  /** Files that the configuration in use was made from besides. */
  readonly otherFiles: () => readonly string[];
}

/** What a server lives in. */
interface ServerSurroundings extends Pick<World, "onSignal" | "stayAwake" | "mayTakeToEnd"> {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
  /** The IANA name of the zone that schedules without one are in. */
  readonly localZone: string;
  readonly nodeVersion: string;
  /** Tells it to stop. */
  readonly signal: AbortSignal;
}

/** A server from its start to its end. Rejects when it could not be started, or with a defect. */
export type RunServer = (request: ServerRequest, surroundings: ServerSurroundings) => Promise<"stopped" | "failed">;
