// Plays the cases whose names it is given, in a thread of its own, and tells what became of each.

import { parentPort, workerData } from "node:worker_threads";
import { cases, untroubled } from "./matrix.ts";
import type { PartReport } from "./parts.ts";
import { play } from "./play.ts";
import { openStage } from "./stage.ts";
import { nameOf } from "./verdict.ts";

const names = new Set<unknown>(Array.isArray(workerData) ? workerData : []);
const own = [...untroubled, ...cases].filter((each) => names.has(nameOf(each)));

await using stage = await openStage();
await play(stage, own, new AbortController().signal, ({ case: played, seen, verdict }) => {
  // The log is only shown for what is wrong.
  const told = verdict.faults.length > 0 ? seen : { ...seen, log: "" };
  const report: PartReport = { name: nameOf(played), seen: told, verdict };
  parentPort?.postMessage(report, []);
});
