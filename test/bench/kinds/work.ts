import type { Job } from "../contestants.ts";
import type { Recipe } from "../registry/recipe.ts";

/** One line of work that everybody is given. */
export interface Work {
  /** What it is called on the command line: `noop`. */
  readonly kind: string;
  /** Says which of its kind it is: `300 tags, 20 ms`. */
  readonly name: string;
  readonly recipe: Recipe;
  /** How long every answer of every registry waits. */
  readonly delayMs: number;
  readonly tls: boolean;
  /** Uploads are only counted and their length checked. */
  readonly countsOnly: boolean;
  /** Bytes of blobs that leave the source, and that come to each target, in a second; `undefined` for as many as can. */
  readonly bytesPerSecond: number | undefined;
  /** What the targets have before: everything, nothing, or what a run before left there. */
  readonly before: "everything" | "nothing" | "a run";
  readonly job: Job;
  /** How often we do it. */
  readonly repeats: number;
  /** How often others do it. */
  readonly peerRepeats: number;
  /** Families that are left out, since they cannot, or would take minutes. */
  readonly without: readonly ("regsync" | "skopeo")[];
}

/** What was selected on the command line; `undefined` leaves it to the kind. */
export interface Selection {
  /** Less of everything. */
  readonly quick: boolean;
  readonly tags?: number | undefined;
  readonly delayMs?: number | undefined;
  readonly repeats?: number | undefined;
}

/** What most work has in common. */
export const usualWork = {
  delayMs: 0,
  tls: false,
  countsOnly: false,
  bytesPerSecond: undefined,
  job: {},
  without: [],
} as const satisfies Partial<Work>;

/** How often something is done that takes seconds: its middle result counts. */
export function repeatsOf({ quick, repeats }: Selection): { readonly repeats: number; readonly peerRepeats: number } {
  const times = repeats ?? (quick ? 1 : 3);
  return { repeats: times, peerRepeats: times };
}

export const mebibyte = 1024 * 1024;
