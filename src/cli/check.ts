import { noProgress } from "../observe/progress.ts";
import { laneFromBytesOf } from "./blob-lane.ts";
import { exitCode } from "./exit-code.ts";
import { finish } from "./finish.ts";
import type { CheckFlags } from "./invocation.ts";
import { readPlan } from "./read-plan.ts";
import { reportJson } from "./report-json.ts";
import type { RunRequest } from "./run.ts";
import { openLog, type Session } from "./session.ts";
import { stateDirOf } from "./state-dir.ts";
import { staleLines } from "./stale-lines.ts";
import { tallyOf } from "./tally.ts";

/**
 * `check`: what a copying pass would do and why, one line on standard output for each image that it would copy.
 * Gives the exit status; images to copy change it only with `--exit-code`, and a failure goes before them.
 *
 * Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID`. Spec: regsync.md §1.1, §5.10.
 */
export async function check(flags: CheckFlags, session: Session): Promise<number> {
  const { env, clock, signal, stdout, loadEngine } = session.world;
  const plan = await readPlan(flags, session.world, openLog(session));
  const runOnce = await loadEngine();
  const { abortOnError, full, strict } = flags;
  const request: RunRequest = {
    action: "check",
    abortOnError,
    listUnchanged: flags.output === "json",
    full,
    stateDir: stateDirOf(flags, env, plan),
    laneFromBytes: laneFromBytesOf({ blobLane: undefined }, env),
    strict,
  };

  const log = openLog(session);
  const report = await runOnce(plan, request, { env, clock, log, progress: noProgress, signal });

  if (flags.output === "json") for (const text of reportJson(report)) stdout.write(text);
  else for (const line of staleLines(report)) stdout.write(`${line}\n`);
  const exit = finish(report, session);
  return exit === exitCode.fine && flags.exitCode && tallyOf(report).stale > 0 ? exitCode.drift : exit;
}
