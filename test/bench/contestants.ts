import { accessSync, constants } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { configText } from "../support/config-text.ts";
import type { ProgramCall } from "./measure.ts";
import { type Place, targetName } from "./registry/protocol.ts";

/** Somebody who can do the work. */
export interface Contestant {
  /** As it stands in the table. */
  readonly name: string;
  /** Which files and flags it takes. */
  readonly family: "ours" | "regsync" | "skopeo";
  readonly path: string;
}

/** What is to be done, in the words of a `regsync.yml`. */
export interface Job {
  /** `once` unless told. */
  readonly command?: "once" | "check";
  /** Only this tag of each repository, each in an entry of `type: image`. */
  readonly tag?: string;
  /** Keys of every entry besides `source`, `target`, `targets` and `type`. */
  readonly entry?: Readonly<Record<string, unknown>>;
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Whether both targets are written: `targets:` instead of `target:`. */
  readonly bothTargets?: boolean;
  /** Further flags of `once`. */
  readonly flags?: readonly string[];
}

const bundle = fileURLToPath(new URL("../../dist/main.js", import.meta.url));

/**
 * Everybody who is here: this project's own bundle, whatever `REGSYNC_PEER` or `REGSYNC_PEER_<NAME>` names (a program
 * that takes regsync's file, or the bundle of another version of this one), `SKOPEO_PEER` and `SKOPEO_PEER_<NAME>`, and
 * the `skopeo` on the PATH.
 */
export function findContestants(environment: NodeJS.ProcessEnv): readonly Contestant[] {
  const named = (["regsync", "skopeo"] as const).flatMap((family) =>
    Object.entries(environment).flatMap(([variable, path]) => {
      const match = new RegExp(`^${family.toUpperCase()}_PEER(?:_(\\w+))?$`).exec(variable);
      if (match === null || path === undefined || path === "") return [];
      const name = match[1] === undefined ? family : `${family}-${match[1].toLowerCase()}`;
      return [{ name, family: path.endsWith(".js") ? ("ours" as const) : family, path }];
    }),
  );
  const skopeo = onPath("skopeo", environment);
  const usual = named.some(({ name }) => name === "skopeo") || skopeo === undefined ? [] : [skopeo];
  return [
    { name: "ours", family: "ours", path: bundle },
    ...named,
    ...usual.map((path) => ({ name: "skopeo", family: "skopeo" as const, path })),
  ];
}

function onPath(program: string, environment: NodeJS.ProcessEnv): string | undefined {
  return (environment["PATH"] ?? "")
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** How somebody is told to do a job. Writes the files it needs into `folder`, which is its home too. */
export async function callFor(
  contestant: Contestant,
  job: Job,
  place: Place,
  authority: string | undefined,
  folder: string,
): Promise<ProgramCall> {
  const env = environmentFor(folder);
  await mkdir(folder, { recursive: true });
  if (contestant.family === "skopeo") {
    const args = await skopeoArguments(job, place, authority, folder);
    return { program: contestant.path, args, env, cwd: folder };
  }
  const config = join(folder, "regsync.yml");
  await writeFile(config, configFor(job, place, authority));
  const args = [job.command ?? "once", "-c", config, ...(job.flags ?? [])];
  return programCall(contestant, args, env, folder);
}

/** The variables of every program that is measured, besides `PATH`. */
export function environmentFor(home: string): Readonly<Record<string, string>> {
  return { HOME: home, TZ: "UTC" };
}

/** How somebody is called; ours runs on the Node that runs this. */
export function programCall(
  { family, path }: Contestant,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): ProgramCall {
  return family === "ours"
    ? { program: process.execPath, args: [path, ...args], env, cwd }
    : { program: path, args, env, cwd };
}

function configFor({ entry, defaults, bothTargets, tag }: Job, place: Place, authority: string | undefined): string {
  const { source, target, second } = place.hosts;
  return configText({
    creds: [source, target, ...(bothTargets === true ? [second] : [])].map((registry) =>
      authority === undefined ? { registry, tls: "disabled" } : { registry, tls: "enabled", regcert: authority },
    ),
    ...(defaults === undefined ? {} : { defaults }),
    sync: place.repositories.map((name) => {
      const suffix = tag === undefined ? "" : `:${tag}`;
      const [first, other] = [target, second].map((host) => `${host}/${targetName(name)}${suffix}`);
      return {
        source: `${source}/${name}${suffix}`,
        ...(bothTargets === true ? { targets: [first, other] } : { target: first }),
        type: tag === undefined ? "repository" : "image",
        ...entry,
      };
    }),
  });
}

/** `skopeo sync` names repositories on the target by the last part of their name below the target's path. */
async function skopeoArguments(
  { tag }: Job,
  { hosts, repositories }: Place,
  authority: string | undefined,
  folder: string,
): Promise<string[]> {
  const images = Object.fromEntries(repositories.map((name) => [name, tag === undefined ? [] : [tag]]));
  const certificates = join(folder, "certificates");
  await mkdir(certificates, { recursive: true });
  if (authority !== undefined) await writeFile(join(certificates, "ca.crt"), authority);
  const access = authority === undefined ? { "tls-verify": false } : { "cert-dir": certificates };
  const list = join(folder, "skopeo.yml");
  await writeFile(list, JSON.stringify({ [hosts.source]: { ...access, images } })); // JSON is YAML
  const trust = authority === undefined ? "--dest-tls-verify=false" : `--dest-cert-dir=${certificates}`;
  const target = `${hosts.target}/${targetName("")}`.replace(/\/$/, "");
  const same = ["--all", "--preserve-digests"];
  return ["--insecure-policy", "sync", ...same, "--src", "yaml", "--dest", "docker", trust, list, target];
}
