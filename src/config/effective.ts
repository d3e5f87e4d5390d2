import type { Secret } from "../base/secret.ts";
import type { RawHook, RawReferrerFilter, RawRepos, RawTagSet } from "./raw.ts";

/**
 * What a file comes to: defaults filled in and templates expanded, as `regsync config` prints it. Durations are in
 * nanoseconds; an `undefined` list, mapping or boolean was not written, which templates can tell from an empty one.
 * Spec: regsync.md §2.1, §2.3, §3.1.
 */
export interface EffectiveConfig {
  readonly version: number;
  readonly creds: readonly EffectiveCreds[];
  readonly defaults: EffectiveDefaults;
  readonly sync: readonly EffectiveEntry[];
  readonly server: EffectiveServer;
  readonly shutdown: EffectiveShutdown;
}

/** `server`; `""` says nothing. */
export interface EffectiveServer {
  readonly listen: string;
  readonly token: Secret | undefined;
  readonly tls: { readonly cert: string; readonly key: Secret | undefined };
  readonly health: { readonly failOn: string };
}

/** `shutdown`; `undefined` was not written. */
export interface EffectiveShutdown {
  readonly grace: bigint | undefined;
}

/** An item of `creds`. `""`, 0 and an empty list say nothing. Spec: regsync.md §2.2. */
export interface EffectiveCreds {
  readonly registry: string;
  readonly tls: string;
  readonly regcert: string;
  readonly clientCert: string;
  readonly clientKey: Secret | undefined;
  readonly hostname: string;
  readonly user: string;
  readonly pass: Secret | undefined;
  readonly token: Secret | undefined;
  readonly credHelper: string;
  readonly credExpire: bigint;
  readonly credHost: string;
  readonly pathPrefix: string;
  readonly mirrors: readonly string[];
  readonly priority: number;
  readonly repoAuth: boolean;
  readonly api: string;
  readonly apiOpts: Readonly<Record<string, string>>;
  readonly blobChunk: number;
  readonly blobMax: number;
  readonly reqPerSec: number;
  readonly reqConcurrent: number;
  /** `off`, `auto`, `api`, or `""` for what `defaults` says. */
  readonly digestListing: string;
  readonly scheme: string;
}

/** How many pulls must be left, and how long to wait before looking again. Spec: regsync.md §5.9. */
export interface EffectiveRateLimit {
  readonly min: number;
  readonly retry: bigint;
}

/** Programs that the original reads about and never runs. */
export interface EffectiveHooks {
  readonly pre: RawHook | undefined;
  readonly post: RawHook | undefined;
  readonly unchanged: RawHook | undefined;
}

/** How long a registry may take; 0 leaves it to the built-in limit. Spec: regsync.md row 0.14. */
export interface EffectiveTimeouts {
  readonly connect: bigint;
  readonly tls: bigint;
  readonly answer: bigint;
  readonly commit: bigint;
  readonly stall: bigint;
}

/** `defaults`; an `undefined` boolean leaves the choice to the entry. Spec: regsync.md §2.3. */
export interface EffectiveDefaults {
  readonly backup: string;
  readonly interval: bigint;
  readonly schedule: string;
  readonly ratelimit: EffectiveRateLimit;
  readonly parallel: number;
  readonly digestTags: boolean | undefined;
  readonly referrers: boolean | undefined;
  readonly referrerFilters: readonly RawReferrerFilter[] | undefined;
  readonly referrerSource: string;
  readonly referrerTarget: string;
  readonly referrerSlow: boolean | undefined;
  readonly fastCheck: boolean | undefined;
  readonly forceRecursive: boolean | undefined;
  readonly includeExternal: boolean | undefined;
  readonly mediaTypes: readonly string[];
  readonly hooks: EffectiveHooks;
  readonly blobLimit: number;
  readonly cacheCount: number;
  readonly cacheTime: bigint;
  readonly skipDockerConfig: boolean;
  readonly userAgent: string;
  readonly timeouts: EffectiveTimeouts;
  /** 0 leaves it to the built-in interval, and to each entry. */
  readonly verifyInterval: bigint;
  readonly digestListing: string;
  readonly stateDir: string;
  /** `""` says nothing. */
  readonly jitter: string;
}

/** An item of `sync` with what it takes from `defaults`. Spec: regsync.md §2.4. */
export interface EffectiveEntry {
  /** `""` when the file gives it none. */
  readonly name: string;
  readonly source: string;
  readonly target: string;
  /** Empty when `target` says it. */
  readonly targets: readonly string[];
  readonly type: string;
  readonly tags: RawTagSet;
  readonly tagSets: readonly RawTagSet[] | undefined;
  readonly repos: RawRepos;
  readonly digestTags: boolean;
  readonly referrers: boolean;
  readonly referrerFilters: readonly RawReferrerFilter[] | undefined;
  readonly referrerSource: string;
  readonly referrerTarget: string;
  readonly referrerSlow: boolean;
  readonly platform: string;
  readonly platforms: readonly string[] | undefined;
  readonly fastCheck: boolean;
  readonly forceRecursive: boolean;
  readonly includeExternal: boolean;
  /** A template still: it is run each time a backup is made. */
  readonly backup: string;
  readonly interval: bigint;
  readonly schedule: string;
  readonly ratelimit: EffectiveRateLimit;
  readonly mediaTypes: readonly string[];
  readonly hooks: EffectiveHooks;
  /** 0 leaves it to the built-in interval. */
  readonly verifyInterval: bigint;
}
