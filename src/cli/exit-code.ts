import { Interrupted } from "../base/failure.ts";

/** How the program ends, for scripts. Public: see also `interruptedExit`. */
export const exitCode = {
  fine: 0,
  /** An image, an entry or the program itself failed. */
  failed: 1,
  /** `check --exit-code` found something to copy. */
  drift: 2,
  /** The configuration or the command line is wrong. */
  refused: 3,
} as const;

/** Why a signal of the operating system stops the work: the reason that the `AbortSignal` then carries. */
export function stoppedBy(name: NodeJS.Signals): Interrupted {
  return new Interrupted(name);
}

/** 128 and the number of the signal that stopped the work, as shells report it: 143 for SIGTERM, 130 for SIGINT. */
export function interruptedExit(reason: unknown): number {
  return reason instanceof Interrupted && reason.cause === "SIGTERM" ? 143 : 130;
}
