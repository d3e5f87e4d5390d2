import { messageOf } from "../../base/failure.ts";
import { Secret } from "../../base/secret.ts";
import { emptyHostOptions, type HostOptions } from "../../oci/host.ts";
import { asObject, fieldOf, parseJson, type RawObject, textField, textMapField } from "../../oci/raw.ts";
import { dockerHub, registryName } from "../../oci/registry-name.ts";

/** What docker's configuration says about logins. */
export interface DockerLogins {
  /** Of single registries: one item for each. */
  readonly hosts: readonly HostOptions[];
  /** The program that holds all others, or `""`. */
  readonly store: string;
}

/** Keys of the file are registries; only this one of Docker Hub has a path that does not make it something else. */
const dockerHubKey = /^(?:https?:\/\/)?index\.docker\.io\/v1\/?$/;
const usualDockerHubKey = "https://index.docker.io/v1/";

/**
 * Reads docker's configuration. A helper counts more than what the file itself holds, as for docker.
 *
 * `ignored` is told of every entry that cannot be used. Throws an `Error` with a sentence when it is not the JSON it
 * should be. Spec: regsync.md §7.4, registry-protocol.md §5.1.
 */
export function readDockerLogins(text: string, ignored: (key: string, reason: string) => void): DockerLogins {
  const config = asObject(parseJson(Buffer.from(text)), "the document");
  const auths = asObject(fieldOf(config, "auths") ?? {}, "auths");
  const hosts = new Map<string, HostOptions>();
  for (const [key, entry] of Object.entries(auths)) {
    try {
      const host = loginIn(key, asObject(entry, "the entry"));
      const name = registryName(key);
      if (host !== undefined && (isUsualKey(key) || !hosts.has(name))) hosts.set(name, host);
    } catch (thrown) {
      ignored(key, messageOf(thrown));
    }
  }
  for (const [key, suffix] of Object.entries(textMapField(config, "credHelpers"))) {
    if (suffix === "") continue;
    if (isProgramSuffix(suffix)) hosts.set(registryName(key), helperLogin(key, programOf(suffix)));
    else ignored(key, "its helper has no usable name");
  }
  const suffix = textField(config, "credsStore");
  if (suffix !== "" && !isProgramSuffix(suffix)) ignored("credsStore", "it is no usable name");
  return { hosts: [...hosts.values()], store: isProgramSuffix(suffix) ? programOf(suffix) : "" };
}

/** Whether docker itself would look a registry up by this key; others for the same registry count less. */
function isUsualKey(key: string): boolean {
  const name = registryName(key);
  return key === (name === dockerHub ? usualDockerHubKey : name);
}

/** Whether a key stands for a whole registry. */
export function isRegistryKey(key: string): boolean {
  const [name = "", ...path] = key.replace(/^https?:\/\//, "").split("/");
  return dockerHubKey.test(key) || (name !== "" && path.every((part) => part === ""));
}

/** A registry whose login a helper knows under this key. */
export function helperLogin(key: string, program: string): HostOptions {
  // Docker Hub is asked for under its usual name, whichever the file has.
  const credHost = registryName(key) === dockerHub ? undefined : key;
  return { ...emptyHostOptions(key), credHelper: program, credHost };
}

/** The login of one entry; `undefined` when it holds none, or is not about a registry. */
function loginIn(key: string, entry: RawObject): HostOptions | undefined {
  if (!isRegistryKey(key)) return undefined;
  const token = textField(entry, "identitytoken");
  if (token !== "") return { ...emptyHostOptions(key), token: new Secret(token) };
  const [user, password] = userAndPassword(entry);
  if (user === "" || password === "") return undefined;
  return { ...emptyHostOptions(key), user, password: new Secret(password) };
}

function userAndPassword(entry: RawObject): readonly [string, string] {
  // Programs that make base64 break it into lines, which means nothing in it.
  const auth = textField(entry, "auth")
    .replaceAll(/[\r\n]/g, "")
    .trim();
  if (auth === "") return [textField(entry, "username"), textField(entry, "password")];
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(auth)) throw new Error("auth is not base64");
  const [user = "", ...password] = Buffer.from(auth, "base64").toString("utf8").split(":");
  return [user, password.join(":").replace(/\0+$/, "")];
}

/** What is put into the name of a program may not lead anywhere else. */
function isProgramSuffix(suffix: string): boolean {
  return /^[A-Za-z0-9._-]+$/.test(suffix);
}

function programOf(suffix: string): string {
  return `docker-credential-${suffix}`;
}
