import { durationMs } from "../base/duration.ts";
import { Secret } from "../base/secret.ts";
import type { DigestListing, HostOptions, TlsMode } from "../oci/host.ts";
import { dockerHub, registryName } from "../oci/registry-name.ts";
import { goNil } from "../template/value.ts";
import type { EffectiveCreds } from "./effective.ts";
import type { Expander } from "./expand.ts";
import type { Findings } from "./findings.ts";
import { nanoseconds } from "./inherit.ts";
import { maskLogin } from "./mask.ts";
import type { Path } from "./path.ts";
import type { RawCreds } from "./raw.ts";

/**
 * An item of `creds` with its templates expanded, in the order that the original expands them. Spec: regsync.md §3.1.
 */
export function completeCreds(raw: RawCreds, path: Path, expander: Expander): EffectiveCreds {
  const expand = (key: "registry" | "user" | "regcert" | "clientCert"): string =>
    expander.expand(raw[key] ?? "", () => goNil, [...path, key]) ?? "";
  const expandSecret = (key: "pass" | "clientKey"): Secret | undefined =>
    secretOf(expander.expand(raw[key] ?? "", () => goNil, [...path, key], true));
  const literal = (key: "hostname" | "token" | "credHelper" | "credHost" | "pathPrefix"): string =>
    expander.literal(raw[key] ?? "", [...path, key], key === "token");
  const registry = expand("registry");
  const user = expand("user");
  const pass = expandSecret("pass");
  const regcert = expand("regcert");
  const clientCert = expand("clientCert");
  const clientKey = expandSecret("clientKey");
  return {
    registry,
    tls: raw.tls ?? "",
    regcert,
    clientCert,
    clientKey,
    hostname: literal("hostname"),
    user,
    pass,
    token: secretOf(literal("token")),
    credHelper: literal("credHelper"),
    credExpire: nanoseconds(raw.credExpire),
    credHost: literal("credHost"),
    pathPrefix: literal("pathPrefix"),
    mirrors: raw.mirrors ?? [],
    priority: raw.priority ?? 0,
    repoAuth: raw.repoAuth ?? false,
    api: raw.api ?? "",
    apiOpts: raw.apiOpts ?? {},
    blobChunk: raw.blobChunk ?? 0,
    blobMax: raw.blobMax ?? 0,
    reqPerSec: raw.reqPerSec ?? 0,
    reqConcurrent: raw.reqConcurrent ?? 0,
    digestListing: raw.digestListing ?? "",
    scheme: raw.scheme ?? "",
  };
}

/** What is doubtful about an item of `creds`: the file is usable all the same. */
export function warnAboutCreds(raw: RawCreds, creds: EffectiveCreds, path: Path, findings: Findings): void {
  if (creds.registry === "") {
    findings.warn(path, "names no registry and is ignored; add registry:");
    return;
  }
  const [host = "", ...folders] = creds.registry
    .replace(/^https?:\/\//, "")
    .replace(/\/$/, "")
    .split("/");
  if (folders.length > 0 && registryName(host) !== dockerHub) {
    const message = `${JSON.stringify(maskLogin(creds.registry))} has a path, and settings are for whole registries; write ${maskLogin(host)}`;
    findings.warn([...path, "registry"], message);
  }
  warnAboutLogin(raw, creds, path, findings);
  for (const [one, other] of [
    ["clientCert", "clientKey"],
    ["clientKey", "clientCert"],
  ] as const) {
    if (isSet(raw[one]) && !isSet(raw[other])) findings.warn([...path, one], `has no effect without ${other}`);
  }
}

/** The settings of a registry; `undefined` where the item says nothing. `undefined` when it names no registry. */
export function hostOptions(creds: EffectiveCreds): HostOptions | undefined {
  if (creds.registry === "") return undefined;
  return {
    registry: creds.registry,
    hostname: creds.hostname || undefined,
    user: creds.user || undefined,
    password: creds.pass,
    token: creds.token,
    credHelper: creds.credHelper || undefined,
    credExpireMs: durationMs(creds.credExpire) || undefined,
    credHost: creds.credHost || undefined,
    tls: creds.tls === "" ? undefined : (creds.tls as TlsMode), // the schema lists the words
    caPem: creds.regcert || undefined,
    clientCertPem: creds.clientCert || undefined,
    clientKeyPem: creds.clientKey,
    pathPrefix: creds.pathPrefix || undefined,
    mirrors: creds.mirrors.length === 0 ? undefined : creds.mirrors,
    priority: creds.priority || undefined,
    repoAuth: creds.repoAuth || undefined,
    blobChunkBytes: positive(creds.blobChunk),
    blobMaxBytes: creds.blobMax || undefined,
    requestsPerSecond: positive(creds.reqPerSec),
    concurrency: positive(creds.reqConcurrent),
    digestListing: creds.digestListing === "" ? undefined : (creds.digestListing as DigestListing), // the schema lists the words
    apiOpts: Object.keys(creds.apiOpts).length === 0 ? undefined : creds.apiOpts,
  };
}

/** A login of which one half is missing is not used, and mostly a variable that is not set. */
function warnAboutLogin(raw: RawCreds, creds: EffectiveCreds, path: Path, findings: Findings): void {
  if (findings.refused || creds.token !== undefined || creds.credHelper !== "") return;
  const missing = [
    ...(creds.user === "" ? (["user"] as const) : []),
    ...(creds.pass === undefined ? (["pass"] as const) : []),
  ];
  for (const key of missing) {
    const other = key === "user" ? "pass" : "user";
    if (isSet(raw[key]))
      findings.warn(
        [...path, key],
        "comes out empty, so that this login is not used; is the variable set, or the file there?",
      );
    else if (missing.length === 1) findings.warn([...path, other], `has no effect without ${key}`);
  }
}

function secretOf(text: string | undefined): Secret | undefined {
  return text === undefined || text === "" ? undefined : new Secret(text);
}

function isSet(text: string | undefined): boolean {
  return text !== undefined && text !== "";
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined;
}
