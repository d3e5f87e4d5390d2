import { faults } from "./faults.ts";
import { usesLane, type Kind, kinds } from "./kinds.ts";
import type { Case, Lane } from "./run-case.ts";

/** A combination that is left out, and why. */
export interface Senseless {
  readonly kind: string;
  readonly fault: string;
  readonly reason: string;
}

/** A column of the matrix: a kind of request, and what HEADs and blobs of the run travel on. */
export interface Column {
  readonly kind: Kind;
  readonly lane: Lane;
}

/** Every kind of request as usual, and those that have a lane of their own without it as well. */
export const columns: readonly Column[] = [
  ...kinds.map((kind): Column => ({ kind, lane: "own" })),
  ...kinds.filter((kind) => usesLane(kind)).map((kind): Column => ({ kind, lane: "undici" })),
];

/** A run of every kind without a fault: what all others are compared with. */
export const untroubled: readonly Case[] = columns.map((column) => ({
  ...column,
  fault: undefined,
  persistence: "once",
}));

/** Every fault with every kind of request, once and always; those that make no sense apart. */
export const cases: readonly Case[] = columns.flatMap((column) =>
  faults
    .filter((fault) => fault.senseless(column.kind) === undefined)
    .flatMap((fault) => (["once", "always"] as const).map((persistence): Case => ({ ...column, fault, persistence }))),
);

/** What is left out. */
export const senseless: readonly Senseless[] = kinds.flatMap((kind) =>
  faults.flatMap((fault) => {
    const reason = fault.senseless(kind);
    return reason === undefined ? [] : [{ kind: kind.id, fault: fault.id, reason }];
  }),
);

/** Some cases of each kind of request: always the same for the same seed. Faults that take real time are left out. */
export function sampleOf(all: readonly Case[], casesOfKind: number, seed: number): readonly Case[] {
  return kinds
    .flatMap((kind, position) => {
      const own = all.filter((each) => each.kind === kind && each.fault?.stalls !== true);
      // A step that has no factor in common with most lengths goes round all of them before it repeats.
      return Array.from(
        { length: casesOfKind },
        (_, at) => own[((seed * casesOfKind + at) * 37 + position * 11) % own.length],
      );
    })
    .filter((each) => each !== undefined);
}
