// Plays the whole matrix of faults, prints it, and fails when anything is not as it must be.
// usage: node test/faults/run-matrix.ts [WORDS]    only cases whose name has these words; with their logs when few fail

import { availableParallelism } from "node:os";
import { cases, untroubled } from "./matrix.ts";
import { playInParts } from "./parts.ts";
import { matrixText } from "./print-matrix.ts";
import { nameOf } from "./verdict.ts";

const words = process.argv.slice(2).join(" ");
const wanted = [...untroubled, ...cases].filter((each) => nameOf(each).includes(words));
const startedMs = Date.now();
const seconds = (): number => Math.round((Date.now() - startedMs) / 1_000);
let ended = 0;

const judged = await playInParts(wanted, availableParallelism(), ({ case: played, verdict }) => {
  ended += 1;
  for (const fault of verdict.faults) console.log(`${nameOf(played)}: ${fault}`);
  if (ended % 100 === 0) console.log(`${ended} of ${wanted.length} cases, ${seconds()} s`);
});
const wrong = judged.filter(({ verdict }) => verdict.faults.length > 0);
if (words !== "" && wrong.length > 0 && wrong.length <= 3) for (const { seen } of wrong) console.log(seen.log);
console.log(`${matrixText(judged)}, ${seconds()} s`);
process.exitCode = judged.length > 0 && judged.length === wanted.length && wrong.length === 0 ? 0 : 1;
