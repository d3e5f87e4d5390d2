import { isDeepStrictEqual } from "node:util";
import { Secret } from "../base/secret.ts";
import type { Log } from "../observe/log.ts";
import type { DigestListing, HostOptions } from "../oci/host.ts";
import { dockerHub, registryName } from "../oci/registry-name.ts";
import type { HostSettings, Login } from "./settings.ts";

/** What is said about registries, by the place that says it. Within each the later item counts. */
export interface HostSources {
  /** Docker's configuration file. */
  readonly docker: readonly HostOptions[];
  /** `DOCKER_AUTH_CONFIG`, which counts more than the file. */
  readonly env: readonly HostOptions[];
  /** `creds`, which count most. */
  readonly creds: readonly HostOptions[];
  /** For those that none of them says it of. */
  readonly digestListing: DigestListing;
}

/** Where Docker Hub answers. Spec: registry-protocol.md §1.2. */
const dockerHubHostname = "registry-1.docker.io";
/** What Docker Hub is called by credential helpers. */
const dockerHubServer = "https://index.docker.io/v1/";
const defaultCredExpireMs = 60 * 60 * 1_000;
const defaultBlobChunkBytes = 1024 * 1024;
/** Tries one PUT first, whatever the size. */
const defaultBlobMaxBytes = -1;

/**
 * Puts together what all places say about each registry, field by field, and warns where one contradicts another.
 *
 * The answer knows every registry, by any of its names: those that nothing is said about have the defaults. It gives
 * the same object for the same registry. Spec: regsync.md §2.2, §7.4.
 */
export function buildHosts(
  { docker, env, creds, digestListing }: HostSources,
  log: Log,
): (name: string) => HostSettings {
  const merged = new Map<string, HostOptions>();
  for (const said of [...docker, ...env, ...creds]) {
    const name = registryName(said.registry);
    if (name === "") {
      log.warn("Settings that name no registry are ignored");
      continue;
    }
    const options = withSchemeOf(said, name);
    const earlier = merged.get(name);
    const changing = (field: string): void => log.warn("Changing a setting of a registry", { host: name, name: field });
    merged.set(name, earlier === undefined ? options : merge(earlier, options, changing));
  }
  const settings = new Map<string, HostSettings>();
  return (text) => {
    const name = registryName(text);
    const known = settings.get(name);
    if (known !== undefined) return known;
    const made = settingsOf(name, merged.get(name), digestListing);
    settings.set(name, made);
    return made;
  };
}

/** A registry written with `http://` has no TLS, unless the same item says otherwise. Docker Hub always has it. */
function withSchemeOf(options: HostOptions, name: string): HostOptions {
  const isPlain = options.tls === undefined && options.registry.startsWith("http://") && name !== dockerHub;
  return isPlain ? { ...options, tls: "disabled" } : options;
}

/** What two places say together: the later one where it says something. */
function merge(earlier: HostOptions, later: HostOptions, changing: (field: string) => void): HostOptions {
  const merged: Record<string, unknown> = { ...earlier };
  const set = (field: string, value: unknown): void => {
    if (merged[field] !== undefined && !isDeepStrictEqual(plain(merged[field]), plain(value))) changing(field);
    merged[field] = value;
  };
  for (const field of overruledLogin(later)) {
    if (merged[field] !== undefined) set(field, undefined);
  }
  for (const [field, value] of Object.entries(later)) {
    if (value === undefined || field === "registry") continue;
    if (field === "apiOpts") merged[field] = { ...earlier.apiOpts, ...later.apiOpts };
    else if (field !== "repoAuth" || value === true) set(field, value);
  }
  return merged as unknown as HostOptions; // the fields of two of them
}

/** Parts of an earlier login that a later one puts out of use: a helper's, or everything but it. */
function overruledLogin({ user, password, token, credHelper }: HostOptions): readonly (keyof HostOptions)[] {
  if (credHelper !== undefined) {
    return user === undefined && password === undefined && token === undefined ? ["user", "password", "token"] : [];
  }
  if (password === undefined && token === undefined) return [];
  return token === undefined ? ["credHelper", "token"] : ["credHelper"];
}

/** A value in a form that can be compared. */
function plain(value: unknown): unknown {
  return value instanceof Secret ? value.reveal() : value;
}

function settingsOf(name: string, said: HostOptions | undefined, digestListing: DigestListing): HostSettings {
  const hostname = said?.hostname ?? (name === dockerHub ? dockerHubHostname : name);
  return {
    name,
    hostname,
    tls: said?.tls ?? "enabled",
    caPem: said?.caPem ?? "",
    clientCertPem: said?.clientCertPem ?? "",
    clientKeyPem: said?.clientKeyPem,
    pathPrefix: (said?.pathPrefix ?? "").replace(/^\/+|\/+$/g, ""),
    mirrors: said?.mirrors ?? [],
    priority: said?.priority ?? 0,
    repoAuth: said?.repoAuth ?? false,
    login: loginOf(said, name === dockerHub ? dockerHubServer : hostname),
    realms: wordsOf(optionOf(said, "trustedRealm")),
    blobChunkBytes: said?.blobChunkBytes ?? defaultBlobChunkBytes,
    blobMaxBytes: said?.blobMaxBytes ?? defaultBlobMaxBytes,
    requestsPerSecond: said?.requestsPerSecond ?? 0,
    concurrency: said?.concurrency,
    disableHead: optionOf(said, "disableHead") === "true",
    digestListing: said?.digestListing ?? digestListing,
  };
}

function loginOf(said: HostOptions | undefined, defaultServer: string): Login {
  const { credHelper, credHost, credExpireMs, token, user, password } = said ?? {};
  if (credHelper !== undefined) {
    const expireMs = credExpireMs ?? defaultCredExpireMs;
    return { kind: "helper", program: credHelper, serverAddress: credHost ?? defaultServer, expireMs };
  }
  if (token !== undefined) return { kind: "identityToken", token };
  if (user === undefined || password === undefined) return { kind: "anonymous" };
  return { kind: "password", user, password };
}

function optionOf(said: HostOptions | undefined, key: string): string {
  const options = said?.apiOpts ?? {};
  return Object.hasOwn(options, key) ? (options[key] ?? "") : "";
}

function wordsOf(text: string): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
