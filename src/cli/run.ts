import type { Clock } from "../base/clock.ts";
import type { Plan } from "../config/plan.ts";
import type { Log } from "../observe/log.ts";
import type { Progress } from "../observe/progress.ts";
import type { Action } from "../sync/context.ts";
import type { RunReport } from "../sync/outcome.ts";

/** What one pass is to do. */
export interface RunRequest {
  readonly action: Action;
  /** Stop everything at the first failure. */
  readonly abortOnError: boolean;
  /** Ask for every tag, whatever is remembered or listed. */
  readonly full: boolean;
  /** Where memory is kept; `""` for nowhere. */
  readonly stateDir: string;
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
