/**
 * The file as it was written, each value of its type and with nothing filled in. `config/regsync.schema.json` says the
 * same.
 */
export interface RawConfig {
  readonly version?: number;
  readonly creds?: readonly RawCreds[];
  readonly defaults?: RawDefaults;
  readonly sync?: readonly RawEntry[];
  readonly server?: RawServer;
  readonly shutdown?: RawShutdown;
}

/** Where a server can be asked how it is, and told what to do. */
export interface RawServer {
  readonly listen?: string;
  readonly token?: string;
  readonly tls?: RawServerTls;
  readonly health?: RawHealth;
}

/** PEM texts. */
export interface RawServerTls {
  readonly cert?: string;
  readonly key?: string;
}

/** When a server says that something is wrong. */
export interface RawHealth {
  readonly failOn?: string;
}

/** How a server ends. */
export interface RawShutdown {
  readonly grace?: string;
}

/** Spec: regsync.md §2.2. */
export interface RawCreds {
  readonly registry?: string;
  readonly tls?: string;
  readonly regcert?: string;
  readonly clientCert?: string;
  readonly clientKey?: string;
  readonly hostname?: string;
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly credHelper?: string;
  /** A duration; a number in the file is here as so many `ns`. */
  readonly credExpire?: string;
  readonly credHost?: string;
  readonly pathPrefix?: string;
  readonly mirrors?: readonly string[];
  readonly priority?: number;
  readonly repoAuth?: boolean;
  readonly api?: string;
  readonly apiOpts?: Readonly<Record<string, string>>;
  readonly blobChunk?: number;
  readonly blobMax?: number;
  readonly reqPerSec?: number;
  readonly reqConcurrent?: number;
  readonly digestListing?: string;
  readonly scheme?: string;
}

/** What an entry may leave to `defaults`. Spec: regsync.md §2.3. */
export interface RawInheritable {
  readonly backup?: string;
  readonly interval?: string;
  readonly schedule?: string;
  readonly ratelimit?: RawRateLimit;
  readonly digestTags?: boolean;
  readonly referrers?: boolean;
  readonly referrerFilters?: readonly RawReferrerFilter[];
  readonly referrerSource?: string;
  readonly referrerTarget?: string;
  readonly referrerSlow?: boolean;
  readonly fastCheck?: boolean;
  readonly fastCopy?: boolean;
  readonly forceRecursive?: boolean;
  readonly includeExternal?: boolean;
  readonly mediaTypes?: readonly string[];
  readonly hooks?: RawHooks;
  readonly verifyInterval?: string;
}

/** What entries inherit, and settings of the whole program. Spec: regsync.md §2.3. */
export interface RawDefaults extends RawInheritable {
  readonly parallel?: number;
  readonly blobLimit?: number;
  readonly cacheCount?: number;
  readonly cacheTime?: string;
  readonly skipDockerConfig?: boolean;
  readonly userAgent?: string;
  readonly timeouts?: RawTimeouts;
  readonly digestListing?: string;
  readonly stateDir?: string;
  /** A duration, or `off`. */
  readonly jitter?: string;
}

/** How long a registry may take; durations above zero. Spec: regsync.md row 0.14. */
export interface RawTimeouts {
  readonly connect?: string;
  readonly tls?: string;
  readonly answer?: string;
  readonly commit?: string;
  readonly stall?: string;
}

/** Spec: regsync.md §2.4. */
export interface RawEntry extends RawInheritable {
  readonly name?: string;
  readonly source?: string;
  readonly target?: string;
  readonly targets?: readonly string[];
  readonly type?: string;
  readonly tags?: RawTagSet;
  readonly tagSets?: readonly RawTagSet[];
  readonly repos?: RawRepos;
  readonly platform?: string;
  readonly platforms?: readonly string[];
}

/** Which repositories of a registry are wanted. */
export interface RawRepos {
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
}

/** Which tags are wanted. Spec: regsync.md §5.5. */
export interface RawTagSet extends RawRepos {
  readonly semverRange?: readonly string[];
  /** Chooses nothing: says which tags never change. */
  readonly immutable?: readonly string[];
}

/** Which referrers are wanted. Spec: regsync.md §6.6. */
export interface RawReferrerFilter {
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What is read of a quota, and when again. */
export interface RawRateLimit {
  readonly min?: number;
  readonly retry?: string;
}

/** Programs that the original reads about and never runs. */
export interface RawHooks {
  readonly pre?: RawHook;
  readonly post?: RawHook;
  readonly unchanged?: RawHook;
}

/** One such program. */
export interface RawHook {
  readonly type?: string;
  readonly params?: readonly string[];
}
