import { join } from "node:path";
import { Interrupted, messageOf, systemCodeOf } from "../../base/failure.ts";
import { readFile } from "../../base/read-files.ts";
import type { Log } from "../../observe/log.ts";
import type { HostOptions } from "../../oci/host.ts";
import { registryName } from "../../oci/registry-name.ts";
import type { HostSources } from "../hosts.ts";
import { listHelper } from "./ask-helper.ts";
import { helperLogin, isRegistryKey, readDockerLogins } from "./docker-logins.ts";
import type { HelperRules } from "./run-helper.ts";

/** Where docker keeps its logins. Texts are `""` when the variable is not set. */
export interface DockerPlaces {
  /** `DOCKER_CONFIG`: the folder that holds `config.json`. */
  readonly configFolder: string;
  /** `HOME`, in which the folder is otherwise. */
  readonly home: string;
  /** `DOCKER_AUTH_CONFIG`: the same document, as it is. */
  readonly authConfig: string;
}

const variable = "DOCKER_AUTH_CONFIG";

/**
 * What docker's configuration says about registries. Nothing of it is ever a failure: what cannot be read is written
 * to the log and left out.
 *
 * A store of logins is asked which registries it knows, and for a login only when that is needed. Throws
 * `INTERRUPTED` alone. Spec: regsync.md §7.4.
 */
export async function readDockerHosts(
  places: DockerPlaces,
  rules: HelperRules,
  log: Log,
  signal: AbortSignal,
): Promise<Pick<HostSources, "docker" | "env">> {
  const folder = places.configFolder || (places.home && join(places.home, ".docker"));
  const file = folder === "" ? "" : join(folder, "config.json");
  const text = file === "" ? undefined : await readIfThere(file, log);
  return {
    docker: text === undefined ? [] : await hostsIn(text, file, rules, log, signal),
    env: places.authConfig === "" ? [] : await hostsIn(places.authConfig, variable, rules, log, signal),
  };
}

async function readIfThere(file: string, log: Log): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (thrown) {
    if (systemCodeOf(thrown) !== "ENOENT") warn(log, file, messageOf(thrown));
    return undefined;
  }
}

async function hostsIn(
  text: string,
  file: string,
  rules: HelperRules,
  log: Log,
  signal: AbortSignal,
): Promise<readonly HostOptions[]> {
  try {
    const { hosts, store } = readDockerLogins(text, (key, reason) => {
      log.warn("Entry of docker's configuration cannot be used", { file, name: key, err: reason });
    });
    const stored = store === "" ? [] : await storedHosts(store, file, rules, log, signal);
    // A helper for one registry counts more than the store, and the store more than the file.
    const ofStore = new Set(stored.map(({ registry }) => registryName(registry)));
    const own = hosts.filter(
      ({ registry, credHelper }) => credHelper !== undefined || !ofStore.has(registryName(registry)),
    );
    const ofOwn = new Set(own.map(({ registry }) => registryName(registry)));
    return [...own, ...stored.filter(({ registry }) => !ofOwn.has(registryName(registry)))];
  } catch (thrown) {
    if (thrown instanceof Interrupted) throw thrown;
    warn(log, file, messageOf(thrown));
    return [];
  }
}

async function storedHosts(
  program: string,
  file: string,
  rules: HelperRules,
  log: Log,
  signal: AbortSignal,
): Promise<readonly HostOptions[]> {
  try {
    const keys = await listHelper(program, rules, signal);
    return keys.filter(isRegistryKey).map((key) => helperLogin(key, program));
  } catch (thrown) {
    if (thrown instanceof Interrupted) throw thrown;
    warn(log, file, messageOf(thrown));
    return [];
  }
}

function warn(log: Log, file: string, reason: string): void {
  log.warn("Logins of docker cannot be read", { file, err: reason });
}
