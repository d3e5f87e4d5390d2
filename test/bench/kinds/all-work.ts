import { cold, large, secondRun, twoTargets } from "./cold.ts";
import { manyRepositories, manyTags, noop, platforms, referrers } from "./no-op.ts";
import { smallCheck } from "./start-up.ts";
import type { Selection, Work } from "./work.ts";

/** Everything that is measured between registries, in the order of the table. */
export function allWork(selection: Selection): readonly Work[] {
  return [
    noop,
    manyRepositories,
    platforms,
    referrers,
    cold,
    large,
    twoTargets,
    secondRun,
    manyTags,
    smallCheck,
  ].flatMap((kind) => kind(selection));
}
