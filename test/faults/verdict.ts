import { type Expectation, expectationOf } from "./expectation.ts";
import type { Kind } from "./kinds.ts";
import type { Case, Observation } from "./run-case.ts";

/** How a case ended, compared with what the rules say. */
export interface Verdict {
  readonly ended: "recovered" | "failed cleanly";
  /** Everything that is not as it must be, in words; empty for a case as it should be. */
  readonly faults: readonly string[];
}

/** Judges one case. */
export function judge({ kind, fault, persistence }: Case, seen: Observation): Verdict {
  const { outcome, requests, lost, leaked, hung, harmed } = seen;
  const wrong: string[] = [
    ...lost.map((what) => `lost: ${what}`),
    ...leaked.map((what) => `leaked: ${what}`),
    ...hung.map((what) => `hung: ${what}`),
    ...harmed.map((what) => `another image came to harm: ${what}`),
  ];
  const expected = fault === undefined ? untroubled(kind) : expectationOf(kind, fault, persistence);
  const [least, most] = expected.extra;
  // A run without faults makes one such request.
  const extra = requests - 1;
  if (outcome !== expected.outcome) wrong.push(`ended with ${outcome} instead of ${expected.outcome}`);
  if (extra < least || extra > most) {
    wrong.push(`took ${extra} requests more than usual instead of ${least === most ? least : `${least} to ${most}`}`);
  }
  return { ended: outcome === "copied" ? "recovered" : "failed cleanly", faults: wrong };
}

function untroubled({ isCounted }: Kind): Expectation {
  return { outcome: "copied", extra: isCounted ? [0, 0] : [0, 60] };
}

/** The case in a few words: `503 | blob, GET | always | own`. */
export function nameOf({ kind, lane, fault, persistence }: Case): string {
  return `${fault?.id ?? "no fault"} | ${kind.id} | ${persistence} | ${lane}`;
}
