import { forEachBounded } from "../../src/base/together.ts";
import type { Judged } from "./print-matrix.ts";
import { type Case, runCase } from "./run-case.ts";
import type { Stage } from "./stage.ts";
import { judge } from "./verdict.ts";

/** Cases that are played at once. They mostly wait. */
const casesAtOnce = 6;

/** Plays cases and judges each. Calls `done` as each ends. */
export async function play(
  stage: Stage,
  cases: readonly Case[],
  signal: AbortSignal,
  done: (judged: Judged) => void = () => undefined,
): Promise<readonly Judged[]> {
  const judged: Judged[] = [];
  await forEachBounded(
    cases,
    casesAtOnce,
    async (each) => {
      const seen = await runCase(stage, each);
      const one = { case: each, seen, verdict: judge(each, seen) };
      judged.push(one);
      done(one);
    },
    signal,
  );
  return judged;
}
