import { faults } from "./faults.ts";
import { type Column, columns, senseless } from "./matrix.ts";
import type { Case, Observation } from "./run-case.ts";
import type { Verdict } from "./verdict.ts";

/** One case with what became of it. */
export interface Judged {
  readonly case: Case;
  readonly seen: Observation;
  readonly verdict: Verdict;
}

/** The matrix for people: a line for each fault, a column for each kind of request, and the sums. */
export function matrixText(judged: readonly Judged[]): string {
  const width = Math.max(...faults.map(({ id }) => id.length));
  const legend = columns.map((column, at) => `${String(at + 1).padStart(3)}  ${titleOf(column)}`);
  const head = ["".padEnd(width), ...columns.map((_, at) => String(at + 1).padStart(2))].join(" ");
  const lines = faults.map((fault) => {
    const cells = columns.map(({ kind, lane }) =>
      cellOf(judged.filter(({ case: of }) => of.fault === fault && of.kind === kind && of.lane === lane)),
    );
    return [fault.id.padEnd(width), ...cells].join(" ");
  });
  return [
    "Requests:",
    ...legend,
    "",
    "Each cell: what became of the image when the fault happened once, and when it happened every time.",
    "r recovered, f failed cleanly, ! not as it must be, . no sense in it or not tried",
    "",
    head,
    ...lines,
    "",
    "Left out, because there is no sense in it:",
    ...reasons(),
    "",
    sumsOf(judged),
  ].join("\n");
}

function titleOf({ kind, lane }: Column): string {
  return lane === "own" ? kind.id : `${kind.id}, on undici`;
}

function cellOf(judged: readonly Judged[]): string {
  return (["once", "always"] as const)
    .map((persistence) => {
      const found = judged.find((each) => each.case.persistence === persistence);
      if (found === undefined) return ".";
      if (found.verdict.faults.length > 0) return "!";
      return found.verdict.ended === "recovered" ? "r" : "f";
    })
    .join("");
}

function reasons(): string[] {
  const counts = Map.groupBy(senseless, ({ reason }) => reason);
  return Array.from(counts, ([reason, all]) => `${String(all.length).padStart(5)}  ${reason}`);
}

function sumsOf(judged: readonly Judged[]): string {
  const count = (counts: (each: Judged) => boolean): number => judged.filter(counts).length;
  const sums = {
    tried: judged.length,
    recovered: count(({ verdict }) => verdict.ended === "recovered"),
    "failed cleanly": count(({ verdict }) => verdict.ended === "failed cleanly"),
    lost: count(({ seen }) => seen.lost.length > 0),
    leaked: count(({ seen }) => seen.leaked.length > 0),
    hung: count(({ seen }) => seen.hung.length > 0),
    "not as the rules say": count(({ verdict }) => verdict.faults.length > 0),
  };
  return Object.entries(sums)
    .map(([name, sum]) => `${sum} ${name}`)
    .join(", ");
}
