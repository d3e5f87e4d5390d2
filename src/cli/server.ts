import { createHash } from "node:crypto";
import { join } from "node:path";
import { Failure, Interrupted } from "../base/failure.ts";
import type { LoadedConfig } from "../server/reloader.ts";
import { machineFiles } from "../server/machine-files.ts";
import { laneFromBytesOf } from "./blob-lane.ts";
import { exitCode } from "./exit-code.ts";
import type { ServerFlags } from "./invocation.ts";
import { listenAddress } from "./listen-setting.ts";
import { canBeReadAgain, inputName } from "./read-input.ts";
import { logComplaints, readConfig } from "./read-plan.ts";
import { openLog, type Session } from "./session.ts";
import { stateDirOf } from "./state-dir.ts";
import type { World } from "./world.ts";

/** Standard input, or a pipe, was read to its end already. */
class ReadOnce extends Failure {
  readonly code = "CONFIG_UNREADABLE";

  constructor(path: string) {
    super(
      `the configuration came from ${inputName(path)}, which cannot be read again; name a file to be able to reload it`,
    );
  }
}

/** A file that said something says nothing any more: whoever writes it has not got further, or had no room to. */
class Emptied extends Failure {
  readonly code = "CONFIG_UNREADABLE";

  constructor(path: string) {
    super(`the configuration ${path} has become empty; write "sync: []" to mirror nothing`);
  }
}

/**
 * `server`: mirrors every entry at its own times until a signal ends it. Gives the exit status: 0 for a signal, whatever
 * failed meanwhile; 1 when `--abort-on-error` ended it.
 *
 * Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID`, `USAGE_INVALID`, and why it cannot listen. Spec: regsync.md §1.5.
 */
export async function server(flags: ServerFlags, session: Session): Promise<number> {
  const { env, clock, machine, signal, loadServer, onSignal, stayAwake, mayTakeToEnd } = session.world;
  // Until the server listens to them: what they would do otherwise is end the process, and wake up Node's debugger.
  using _hangUp = onSignal("SIGHUP", () => undefined);
  using _dump = onSignal("SIGUSR1", () => undefined);
  const log = openLog(session);
  const templateFiles = new Set<string>();
  const logins = dockerLogins(session.world);
  let readsDocker = true;
  let wasEmpty = true;

  const load = async (): Promise<LoadedConfig> => {
    const files = new Set<string>();
    const { plan, text } = await readConfig(flags, session.world, files).catch((refusal: unknown) => {
      // What it lacks may come with one of them.
      for (const file of files) templateFiles.add(file);
      throw refusal;
    });
    const isEmpty = text.trim() === "";
    if (isEmpty && !wasEmpty) throw new Emptied(flags.config);
    wasEmpty = isEmpty;
    logComplaints(plan, log);
    templateFiles.clear();
    for (const file of files) templateFiles.add(file);
    readsDocker = !plan.skipDockerConfig;
    const loginsHash = readsDocker && logins !== undefined ? await machineFiles.hash(logins) : "";
    return { plan, hash: createHash("sha256").update(text).digest("hex"), loginsHash };
  };
  const first = await load();
  const listen = listenAddress({ flag: flags.listen, variable: env["REGSYNC_LISTEN"], file: first.plan.server.listen });

  const runServer = await loadServer();
  const isFile = canBeReadAgain(flags.config);
  const request = {
    first,
    load: isFile ? load : () => Promise.reject(new ReadOnce(flags.config)),
    abortOnError: flags.abortOnError,
    listen,
    stateDir: stateDirOf(flags, env, first.plan),
    laneFromBytes: laneFromBytesOf(flags, env),
    strict: flags.strict,
    full: flags.full,
    file: isFile ? flags.config : undefined,
    otherFiles: () => [...templateFiles, ...(readsDocker && logins !== undefined ? [logins] : [])],
  };
  const { nodeVersion } = machine;
  const surroundings = { env, clock, log, localZone: machine.timeZone(env["TZ"]), nodeVersion, signal };
  const end = await runServer(request, { ...surroundings, onSignal, stayAwake, mayTakeToEnd });
  if (end === "stopped" && signal.reason instanceof Interrupted) return exitCode.fine;
  return exitCode.failed;
}

/** The file that Docker keeps its logins in; `undefined` when there is no place for it. */
function dockerLogins({ env }: World): string | undefined {
  const home = env["HOME"] ?? "";
  const folder = env["DOCKER_CONFIG"] || (home && join(home, ".docker"));
  return folder === "" ? undefined : join(folder, "config.json");
}
