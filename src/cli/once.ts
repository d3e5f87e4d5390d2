import { levels } from "../observe/level.ts";
import { noProgress } from "../observe/progress.ts";
import { laneFromBytesOf } from "./blob-lane.ts";
import { finish, summarise } from "./finish.ts";
import type { OnceFlags } from "./invocation.ts";
import { LiveView } from "./live-view.ts";
import { readPlan } from "./read-plan.ts";
import { reportJson } from "./report-json.ts";
import type { RunRequest } from "./run.ts";
import { openLog, type Session } from "./session.ts";
import { stateDirOf } from "./state-dir.ts";

/**
 * `once`: one pass over all entries, whatever their schedules. Gives the exit status.
 *
 * Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID`. Spec: regsync.md §1.1.
 */
export async function once(flags: OnceFlags, session: Session): Promise<number> {
  const { env, clock, signal, stdout, stderr, loadEngine } = session.world;
  const plan = await readPlan(flags, session.world, openLog(session));
  const runOnce = await loadEngine();
  const { abortOnError, full, strict } = flags;
  const request: RunRequest = {
    action: flags.missing ? "missing" : "copy",
    abortOnError,
    listUnchanged: flags.output === "json",
    full,
    stateDir: stateDirOf(flags, env, plan),
    laneFromBytes: laneFromBytesOf(flags, env),
    strict,
  };

  using view = openView(session);
  const log = openLog(session, (line) => (view === undefined ? stderr.write(line) : view.print(line)));
  const report = await runOnce(plan, request, { env, clock, log, progress: view ?? noProgress, signal });
  view?.[Symbol.dispose]();

  if (flags.output === "json") for (const text of reportJson(report)) stdout.write(text);
  summarise(report, log, session);
  return finish(report, session);
}

/** The live view, where somebody sits before it: a terminal that can be painted on, and logs for people. */
function openView({ world, logFlags }: Session): LiveView | undefined {
  const { stderr, env, clock, signal } = world;
  const quiet = logFlags.format === "json" || logFlags.level > levels.info;
  if (stderr.size() === undefined || quiet || env["TERM"] === "dumb") return undefined;
  const colours = (env["NO_COLOR"] ?? "") === "";
  return new LiveView(stderr, clock, colours, signal);
}
