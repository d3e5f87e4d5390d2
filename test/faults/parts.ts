import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Judged } from "./print-matrix.ts";
import type { Case, Observation } from "./run-case.ts";
import { nameOf, type Verdict } from "./verdict.ts";

/** What a part tells of one case, which both sides know by its name. */
export interface PartReport {
  readonly name: string;
  readonly seen: Observation;
  readonly verdict: Verdict;
}

/** Plays cases in so many threads, each with registries of its own. Calls `done` as each ends. */
export async function playInParts(
  cases: readonly Case[],
  parts: number,
  done: (judged: Judged) => void,
): Promise<readonly Judged[]> {
  const byName = new Map(cases.map((each) => [nameOf(each), each]));
  const names = [...byName.keys()];
  const judged: Judged[] = [];
  const playPart = async (part: number): Promise<void> => {
    // Dealt out in turns: neighbours take about the same time.
    const own = names.filter((_, at) => at % parts === part);
    const worker = new Worker(new URL("./play-part.ts", import.meta.url), { workerData: own });
    worker.on("message", ({ name, seen, verdict }: PartReport) => {
      const played = byName.get(name);
      if (played === undefined) return;
      const one = { case: played, seen, verdict };
      judged.push(one);
      done(one);
    });
    await once(worker, "exit");
  };
  await Promise.all(Array.from({ length: parts }, (_, part) => playPart(part)));
  return judged;
}
