// Plays the whole matrix of faults, prints it, and fails when anything is not as it must be.
// usage: node test/faults/run-matrix.ts [WORDS]    only cases whose name has these words; with their logs when few fail

import { matrixText } from "./print-matrix.ts";
import { cases, untroubled } from "./matrix.ts";
import { play } from "./play.ts";
import { openStage } from "./stage.ts";
import { nameOf } from "./verdict.ts";

const words = process.argv.slice(2).join(" ");
const wanted = [...untroubled, ...cases].filter((each) => nameOf(each).includes(words));
const startedMs = Date.now();
let ended = 0;

await using stage = await openStage();
const judged = await play(stage, wanted, new AbortController().signal, ({ case: played, verdict }) => {
  ended += 1;
  for (const fault of verdict.faults) console.log(`${nameOf(played)}: ${fault}`);
  if (ended % 100 === 0)
    console.log(`${ended} of ${wanted.length} cases, ${Math.round((Date.now() - startedMs) / 1_000)} s`);
});
const wrong = judged.filter(({ verdict }) => verdict.faults.length > 0);
if (words !== "" && wrong.length > 0 && wrong.length <= 3) for (const { seen } of wrong) console.log(seen.log);
console.log(`${matrixText(judged)}, ${Math.round((Date.now() - startedMs) / 1_000)} s`);
process.exitCode = judged.length > 0 && wrong.length === 0 ? 0 : 1;
