import type { Clock } from "./base/clock.ts";
import { Failure } from "./base/failure.ts";
import type { Log } from "./observe/log.ts";
import type { State } from "./state/state.ts";

/** What opening the state needs. */
export interface StateSurroundings {
  /** Refuse to go on without. */
  readonly strict: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Opens the memory in a directory; `undefined` when none is named, or when it cannot be used, which is logged: a memory
 * never stops a mirror. Dispose it after everything that uses it.
 *
 * Throws only under `strict`: `STATE_LOCKED`, `STATE_INVALID`, `DISK_REFUSED`, `DISK_FULL`.
 */
export async function openState(folder: string, { strict, clock, log }: StateSurroundings): Promise<State | undefined> {
  if (folder === "") return undefined;
  // Only who remembers something pays for loading the database.
  const { State } = await import("./state/state.ts");
  try {
    return State.open(folder, clock, log);
  } catch (failure) {
    if (strict || !(failure instanceof Failure)) throw failure;
    log.warn("Going on without the state directory", { path: folder, error: failure.message, code: failure.code });
    return undefined;
  }
}
