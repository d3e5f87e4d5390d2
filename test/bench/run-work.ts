import { join } from "node:path";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { callFor, type Contestant } from "./contestants.ts";
import type { Work } from "./kinds/work.ts";
import { type Measured, measure } from "./measure.ts";
import { Stage } from "./registry/stage.ts";
import { type Result, resultOf, type Traffic } from "./result.ts";

/** Nothing takes longer. */
const limitMs = 300_000;

/** How much is shown of what somebody said who failed. */
const shownLines = 10;

interface Turn {
  readonly measured: Measured;
  readonly traffic: Traffic;
}

/**
 * Gives everybody the same work, in turns. Who fails or leaves tags undone is left out of the rest of it, and said to
 * `complain`.
 */
export async function runWork(
  work: Work,
  everybody: readonly Contestant[],
  complain: (contestant: Contestant, message: string) => void,
): Promise<readonly Result[]> {
  const contestants = everybody.filter(({ family }) => family === "ours" || !work.without.includes(family));
  const certificates = work.tls ? await makeCertificates() : undefined;
  await using folder = await makeTempFolder("bench");
  await using stage = await Stage.start({ ...work, tls: certificates?.server });
  const turns = new Map<Contestant, Turn[]>(contestants.map((contestant) => [contestant, []]));
  const most = Math.max(work.repeats, work.peerRepeats);
  for (let round = 0; round < most; round++) {
    for (const [contestant, done] of turns) {
      if (round >= (contestant.family === "ours" ? work.repeats : work.peerRepeats)) continue;
      try {
        done.push(await takeTurn(work, contestant, stage, certificates, join(folder.path, contestant.name)));
      } catch (thrown) {
        if (!(thrown instanceof WorkUndone)) throw thrown;
        complain(contestant, thrown.message);
        turns.delete(contestant);
      }
    }
  }
  return [...turns].map(([contestant, done]) =>
    resultOf(
      { kind: work.kind, work: work.name, contestant: contestant.name },
      done.map(({ measured }) => measured),
      done.at(-1)?.traffic,
    ),
  );
}

/** Somebody did not do what was asked. */
class WorkUndone extends Error {
  constructor(what: string, { output }: Measured) {
    super([what, ...output.trimEnd().split("\n").slice(-shownLines)].join("\n  "));
  }
}

async function takeTurn(
  work: Work,
  contestant: Contestant,
  stage: Stage,
  certificates: Certificates | undefined,
  home: string,
): Promise<Turn> {
  const call = await callFor(contestant, work.job, stage.place, certificates?.authority, home);
  await (work.before === "everything" ? stage.fill() : stage.empty());
  if (work.before === "a run") failUnlessFine(await measure(call, limitMs));
  await stage.forget();
  const measured = await measure(call, limitMs);
  failUnlessFine(measured);
  const { uniqueBytes, tags } = stage.place;
  for (const side of work.job.bothTargets === true ? (["target", "second"] as const) : (["target"] as const)) {
    const matching = await stage.matching(side);
    if (matching !== tags) {
      throw new WorkUndone(`only ${matching} of ${tags} tags are right`, measured);
    }
  }
  const { sides, cpuSeconds } = await stage.counts();
  return { measured, traffic: { sides, registryCpuSeconds: cpuSeconds, uniqueBytes, tags } };
}

function failUnlessFine(measured: Measured): void {
  if (measured.exit !== 0) throw new WorkUndone(`ended with ${measured.exit}`, measured);
}
