import { describe, expect } from "vitest";
import { chooseMoments } from "../crash/moments.ts";
import { measure, playRound, type Stage, startStage } from "../crash/rounds.ts";
import { testOn } from "../support/shared.ts";
import { haveTools } from "../support/tools.ts";

// A few of the moments that `npm run test:crash` tries by the hundred.

const test = testOn((): Promise<Stage> => startStage());

describe.skipIf(!haveTools("dockerRegistry", "skopeo"))("killed at any moment, and started again,", () => {
  test.for(["registry", "layout"] as const)(
    "no tag in a %s is ever without its content, and nothing that was finished is sent again",
    async (target, { stage }) => {
      const course = { target, withState: true };
      const moments = await measure(stage, course, `${target}-undisturbed`);
      expect(moments).toBeGreaterThan(50);

      for (const round of [1, 2]) {
        const result = await playRound(stage, course, `${target}-${round}`, chooseMoments(round, 3, moments));

        expect(result).toEqual({ kills: expect.toSatisfy((kills: number) => kills > 0), faults: [] });
      }
    },
  );
});
