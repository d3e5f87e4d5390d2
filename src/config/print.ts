import { formatDuration } from "../base/duration.ts";
import { type Secret, secretMask } from "../base/secret.ts";
import type {
  EffectiveConfig,
  EffectiveCreds,
  EffectiveDefaults,
  EffectiveEntry,
  EffectiveHooks,
  EffectiveTimeouts,
} from "./effective.ts";
import { maskLogin } from "./mask.ts";
import { jsonOf, type Section, yamlOf } from "./print-sections.ts";
import type { RawHook, RawReferrerFilter, RawTagSet } from "./raw.ts";

/** How the effective configuration is printed. */
export interface PrintOptions {
  /** Print passwords, tokens and keys instead of `[secret]`. */
  readonly showSecrets: boolean;
  readonly output: "yaml" | "json";
}

/**
 * The effective configuration as text that ends in a line feed, every key in the original's order; in pieces, since that
 * of a large file is many times as long as the file. Spec: regsync.md §2.1.
 */
export function printConfig(config: EffectiveConfig, options: PrintOptions): Iterable<string> {
  const sections = sectionsOf(config, options);
  return options.output === "json" ? jsonOf(sections) : yamlOf(sections);
}

function* sectionsOf(config: EffectiveConfig, options: PrintOptions): Generator<Section> {
  yield { key: "version", value: config.version };
  yield { key: "creds", value: config.creds.map((creds) => printableCreds(creds, options)) };
  yield { key: "defaults", value: printableDefaults(config.defaults) };
  yield { key: "sync", items: printableEntries(config.sync, options) };
  for (const [key, value] of Object.entries(printableServer(config, options))) yield { key, value };
}

function* printableEntries(entries: readonly EffectiveEntry[], options: PrintOptions): Generator<object> {
  for (const entry of entries) yield printableEntry(entry, options);
}

function printableCreds(creds: EffectiveCreds, { showSecrets }: PrintOptions): object {
  const secret = (text: Secret | undefined): string => printableSecret(text, showSecrets);
  const place = (text: string): string => (showSecrets ? text : maskLogin(text));
  const registry = place(creds.registry);
  return {
    ...(registry === "" ? {} : { registry }),
    tls: creds.tls,
    regcert: creds.regcert,
    clientCert: creds.clientCert,
    clientKey: secret(creds.clientKey),
    hostname: place(creds.hostname),
    user: creds.user,
    pass: secret(creds.pass),
    token: secret(creds.token),
    credHelper: creds.credHelper,
    credExpire: wholeNumber(creds.credExpire),
    credHost: creds.credHost,
    pathPrefix: creds.pathPrefix,
    mirrors: creds.mirrors.map(place),
    priority: creds.priority,
    repoAuth: creds.repoAuth,
    api: creds.api,
    apiOpts: sortedByKey(creds.apiOpts),
    blobChunk: creds.blobChunk,
    blobMax: creds.blobMax,
    reqPerSec: creds.reqPerSec,
    reqConcurrent: creds.reqConcurrent,
    scheme: creds.scheme,
    ...printableWord("digestListing", creds.digestListing),
  };
}

function printableSecret(secret: Secret | undefined, showSecrets: boolean): string {
  if (secret === undefined) return "";
  return showSecrets ? secret.reveal() : secretMask;
}

/** Sections that the original does not have are there only when the file has them. */
function printableServer({ server, shutdown }: EffectiveConfig, { showSecrets }: PrintOptions): object {
  const { listen, token, tls, health } = server;
  const written = {
    ...(listen === "" ? {} : { listen }),
    ...(token === undefined ? {} : { token: printableSecret(token, showSecrets) }),
    ...(tls.cert === "" && tls.key === undefined
      ? {}
      : { tls: { cert: tls.cert, key: printableSecret(tls.key, showSecrets) } }),
    ...(health.failOn === "" ? {} : { health: { failOn: health.failOn } }),
  };
  return {
    ...(Object.keys(written).length === 0 ? {} : { server: written }),
    ...(shutdown.grace === undefined ? {} : { shutdown: { grace: formatDuration(shutdown.grace) } }),
  };
}

function printableDefaults(defaults: EffectiveDefaults): object {
  return {
    backup: defaults.backup,
    interval: formatDuration(defaults.interval),
    schedule: defaults.schedule,
    ratelimit: { min: defaults.ratelimit.min, retry: formatDuration(defaults.ratelimit.retry) },
    parallel: defaults.parallel,
    digestTags: defaults.digestTags ?? null,
    referrers: defaults.referrers ?? null,
    referrerFilters: (defaults.referrerFilters ?? []).map(printableFilter),
    referrerSource: defaults.referrerSource,
    referrerTarget: defaults.referrerTarget,
    referrerSlow: defaults.referrerSlow ?? null,
    fastCheck: defaults.fastCheck ?? null,
    forceRecursive: defaults.forceRecursive ?? null,
    includeExternal: defaults.includeExternal ?? null,
    mediaTypes: defaults.mediaTypes,
    hooks: printableHooks(defaults.hooks),
    blobLimit: defaults.blobLimit,
    cacheCount: defaults.cacheCount,
    cacheTime: formatDuration(defaults.cacheTime),
    skipDockerConfig: defaults.skipDockerConfig,
    userAgent: defaults.userAgent,
    ...printableTimeouts(defaults.timeouts),
    ...printableInterval(defaults.verifyInterval),
    ...printableWord("digestListing", defaults.digestListing),
    ...printableWord("stateDir", defaults.stateDir),
    ...(defaults.jitter === "" ? {} : { jitter: defaults.jitter }),
  };
}

/** Like `printableTimeouts`. */
function printableInterval(verifyInterval: bigint): object {
  return verifyInterval === 0n ? {} : { verifyInterval: formatDuration(verifyInterval) };
}

/** Like `printableTimeouts`. */
function printableWord(key: string, word: string): object {
  return word === "" ? {} : { [key]: word };
}

/** A key that the original does not have is there only when the file has it. */
function printableTimeouts(timeouts: EffectiveTimeouts): object {
  const set = Object.entries(timeouts).filter(([, limit]: [string, bigint]) => limit > 0n);
  if (set.length === 0) return {};
  return { timeouts: Object.fromEntries(set.map(([key, limit]: [string, bigint]) => [key, formatDuration(limit)])) };
}

function printableEntry(entry: EffectiveEntry, { showSecrets }: PrintOptions): object {
  const reference = showSecrets ? (text: string) => text : maskLogin;
  return {
    ...(entry.name === "" ? {} : { name: entry.name }),
    source: reference(entry.source),
    target: reference(entry.target),
    ...(entry.targets.length === 0 ? {} : { targets: entry.targets.map(reference) }),
    type: entry.type,
    tags: printableTagSet(entry.tags),
    tagSets: (entry.tagSets ?? []).map(printableTagSet),
    repos: { allow: entry.repos.allow ?? [], deny: entry.repos.deny ?? [] },
    digestTags: entry.digestTags,
    referrers: entry.referrers,
    referrerFilters: (entry.referrerFilters ?? []).map(printableFilter),
    referrerSource: reference(entry.referrerSource),
    referrerTarget: reference(entry.referrerTarget),
    referrerSlow: entry.referrerSlow,
    platform: entry.platform,
    platforms: entry.platforms ?? [],
    fastCheck: entry.fastCheck,
    forceRecursive: entry.forceRecursive,
    includeExternal: entry.includeExternal,
    backup: entry.backup,
    interval: formatDuration(entry.interval),
    schedule: entry.schedule,
    ratelimit: { min: entry.ratelimit.min, retry: formatDuration(entry.ratelimit.retry) },
    mediaTypes: entry.mediaTypes,
    hooks: printableHooks(entry.hooks),
    ...printableInterval(entry.verifyInterval),
  };
}

function printableTagSet({ allow = [], deny = [], semverRange = [], immutable = [] }: RawTagSet): object {
  return {
    allow,
    deny,
    ...(semverRange.length === 0 ? {} : { semverRange }),
    ...(immutable.length === 0 ? {} : { immutable }),
  };
}

function printableFilter({ artifactType = "", annotations = {} }: RawReferrerFilter): object {
  return { artifactType, annotations: sortedByKey(annotations) };
}

function printableHooks({ pre, post, unchanged }: EffectiveHooks): object {
  return { pre: printableHook(pre), post: printableHook(post), unchanged: printableHook(unchanged) };
}

function printableHook(hook: RawHook | undefined): object | null {
  return hook === undefined ? null : { type: hook.type ?? "", params: hook.params ?? [] };
}

/** A mapping of texts with its keys in order; keys such as `__proto__` are keys like all others. */
function sortedByKey(texts: Readonly<Record<string, string>>): object {
  const sorted: Record<string, string> = Object.create(null);
  for (const [key, text] of Object.entries(texts).sort(([a], [b]) => (a < b ? -1 : 1))) sorted[key] = text;
  return sorted;
}

/** Nanoseconds as the number that the file takes; whole seconds are exact. */
function wholeNumber(nanoseconds: bigint): number {
  return Number(nanoseconds);
}
