import { parseDuration } from "../base/duration.ts";
import { currentManifests } from "../oci/media-type.ts";
import type { EffectiveDefaults, EffectiveEntry, EffectiveHooks, EffectiveRateLimit } from "./effective.ts";
import type { RawDefaults, RawEntry, RawHooks, RawInheritable, RawRateLimit } from "./raw.ts";

/** The shortest wait before a quota is looked at again, in nanoseconds. Spec: regsync.md §0.17. */
export const shortestRetry = 5n * 60n * 1_000_000_000n;

/** What stands for lists and mappings that are not written: one for all, since nobody changes it. */
const noTexts: readonly string[] = [];
const nothing = {};

/** `defaults` with nothing left out. Spec: regsync.md §2.3. */
export function completeDefaults(raw: RawDefaults): EffectiveDefaults {
  return {
    backup: raw.backup ?? "",
    interval: nanoseconds(raw.interval),
    schedule: raw.schedule ?? "",
    ratelimit: { min: raw.ratelimit?.min ?? 0, retry: atLeastShortest(nanoseconds(raw.ratelimit?.retry)) },
    parallel: raw.parallel ?? 0,
    digestTags: raw.digestTags,
    referrers: raw.referrers,
    referrerFilters: raw.referrerFilters,
    referrerSource: raw.referrerSource ?? "",
    referrerTarget: raw.referrerTarget ?? "",
    referrerSlow: raw.referrerSlow,
    fastCheck: fastCheckOf(raw),
    forceRecursive: raw.forceRecursive,
    includeExternal: raw.includeExternal,
    mediaTypes: raw.mediaTypes ?? [],
    hooks: completeHooks(raw.hooks),
    blobLimit: raw.blobLimit ?? 0,
    cacheCount: raw.cacheCount ?? 0,
    cacheTime: nanoseconds(raw.cacheTime),
    skipDockerConfig: raw.skipDockerConfig ?? false,
    userAgent: raw.userAgent ?? "",
    timeouts: {
      connect: nanoseconds(raw.timeouts?.connect),
      tls: nanoseconds(raw.timeouts?.tls),
      answer: nanoseconds(raw.timeouts?.answer),
      commit: nanoseconds(raw.timeouts?.commit),
      stall: nanoseconds(raw.timeouts?.stall),
    },
    verifyInterval: nanoseconds(raw.verifyInterval),
    digestListing: raw.digestListing ?? "",
    stateDir: raw.stateDir ?? "",
    jitter: raw.jitter ?? "",
  };
}

/** An entry with what it leaves out taken from `defaults`; templates stay as they are. Spec: regsync.md §2.3. */
export function completeEntry(raw: RawEntry, defaults: EffectiveDefaults): EffectiveEntry {
  const { interval, schedule } = timing(raw, defaults);
  return {
    name: raw.name ?? "",
    source: raw.source ?? "",
    target: raw.target ?? "",
    targets: raw.targets ?? noTexts,
    type: raw.type ?? "",
    tags: raw.tags ?? nothing,
    tagSets: raw.tagSets,
    repos: raw.repos ?? nothing,
    digestTags: raw.digestTags ?? defaults.digestTags ?? false,
    referrers: raw.referrers ?? defaults.referrers ?? false,
    referrerFilters: raw.referrerFilters ?? defaults.referrerFilters,
    referrerSource: raw.referrerSource || defaults.referrerSource,
    referrerTarget: raw.referrerTarget || defaults.referrerTarget,
    referrerSlow: raw.referrerSlow ?? defaults.referrerSlow ?? false,
    platform: raw.platform ?? "",
    platforms: raw.platforms,
    fastCheck: fastCheckOf(raw) ?? defaults.fastCheck ?? false,
    forceRecursive: raw.forceRecursive ?? defaults.forceRecursive ?? false,
    includeExternal: raw.includeExternal ?? defaults.includeExternal ?? false,
    backup: raw.backup || defaults.backup,
    interval,
    schedule,
    ratelimit: raw.ratelimit === undefined ? defaults.ratelimit : rateLimit(raw.ratelimit, defaults.ratelimit),
    // Spec: regsync.md §2.4.
    mediaTypes: firstOf(raw.mediaTypes, defaults.mediaTypes) ?? currentManifests,
    hooks: raw.hooks === undefined ? defaults.hooks : hooks(raw.hooks, defaults.hooks),
    verifyInterval: nanoseconds(raw.verifyInterval) || defaults.verifyInterval,
  };
}

/** The length of a duration in nanoseconds; 0 when there is none. The text was checked before. */
export function nanoseconds(text: string | undefined): bigint {
  return text === undefined ? 0n : parseDuration(text);
}

/** An entry that says when it runs takes nothing from `defaults`; there, a schedule wins over an interval. */
function timing(raw: RawEntry, defaults: EffectiveDefaults): Pick<EffectiveEntry, "interval" | "schedule"> {
  const schedule = raw.schedule ?? "";
  const interval = nanoseconds(raw.interval);
  if (schedule !== "" || interval !== 0n) return { interval, schedule };
  return defaults.schedule === ""
    ? { interval: defaults.interval, schedule: "" }
    : { interval: 0n, schedule: defaults.schedule };
}

function rateLimit(raw: RawRateLimit, defaults: EffectiveRateLimit): EffectiveRateLimit {
  const retry = nanoseconds(raw.retry);
  return { min: raw.min || defaults.min, retry: retry === 0n ? defaults.retry : atLeastShortest(retry) };
}

/** The first list with anything in it. */
function firstOf(...lists: readonly (readonly string[] | undefined)[]): readonly string[] | undefined {
  return lists.find((list) => list !== undefined && list.length > 0);
}

function atLeastShortest(retry: bigint): bigint {
  return retry < shortestRetry ? shortestRetry : retry;
}

/** `fastCopy` is what the documentation calls it. Spec: regsync.md §0.1. */
function fastCheckOf(raw: RawInheritable): boolean | undefined {
  return raw.fastCheck ?? raw.fastCopy;
}

function completeHooks(raw: RawHooks = {}): EffectiveHooks {
  return { pre: raw.pre, post: raw.post, unchanged: raw.unchanged };
}

function hooks(raw: RawHooks, defaults: EffectiveHooks): EffectiveHooks {
  return {
    pre: raw.pre ?? defaults.pre,
    post: raw.post ?? defaults.post,
    unchanged: raw.unchanged ?? defaults.unchanged,
  };
}
