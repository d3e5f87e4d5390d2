import type { HealthPolicy } from "../base/health-policy.ts";
import type { Secret } from "../base/secret.ts";
import type { DigestListing, HostOptions } from "../oci/host.ts";
import type { Platform } from "../oci/platform.ts";
import type { Reference } from "../oci/reference.ts";
import type { ReferrerFilter } from "../oci/referrer-filter.ts";

/** One place in a configuration file that is wrong or doubtful, and what to write instead. */
export interface Complaint {
  readonly severity: "error" | "warning";
  readonly file: string;
  /** From 1; 0 when the complaint is about the file as a whole. */
  readonly line: number;
  /** From 1. */
  readonly column: number;
  /** `sync[2].tags.allow[0]`, or `""` for the whole file. */
  readonly path: string;
  /** What is wrong and what to write instead, one sentence. */
  readonly message: string;
}

/** The criteria of one tag set; all are texts that were checked at load. Spec: regsync.md §5.5. */
export interface TagSet {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
  readonly semverRange: readonly string[];
  /** Tags that never change; says nothing about which are wanted. */
  readonly immutable: readonly string[];
}

/** What an entry mirrors, and to where: one target at least, no two of them the same. */
export type EntryRoute =
  | { readonly kind: "image"; readonly source: Reference; readonly targets: readonly Reference[] }
  /** References without tag and digest that count; every tag that passes the filters is copied. */
  | { readonly kind: "repository"; readonly source: Reference; readonly targets: readonly Reference[] }
  /** `source` is a registry name; a target is a registry name with an optional path, or `ocidir://folder`. */
  | { readonly kind: "registry"; readonly source: string; readonly targets: readonly string[] };

/** One entry of `sync`, with defaults filled in, templates expanded and every text checked. */
export interface Entry {
  /** Position in the file's `sync` list, from 0. */
  readonly index: number;
  /** Of letters, digits, dots, underscores and hyphens; no other entry of the file has it. */
  readonly name: string;
  /** Expanded texts as they stand in the file, for logs; several targets with commas between them. */
  readonly sourceText: string;
  readonly targetText: string;
  readonly route: EntryRoute;
  readonly tags: TagSet;
  readonly tagSets: readonly TagSet[];
  readonly repos: { readonly allow: readonly string[]; readonly deny: readonly string[] };
  readonly digestTags: boolean;
  readonly referrers: boolean;
  readonly referrerFilters: readonly ReferrerFilter[];
  readonly referrerSource: Reference | undefined;
  readonly referrerTarget: Reference | undefined;
  readonly platform: Platform | undefined;
  /** Empty means all. `"none"` stands for children without a platform (`""` in the file). */
  readonly platforms: readonly (Platform | "none")[];
  readonly fastCheck: boolean;
  readonly forceRecursive: boolean;
  readonly includeExternal: boolean;
  /** The template of the backup's name; `""` when no backup is wanted. */
  readonly backup: string;
  /** Renders the backup's name for the target about to be replaced; `undefined` when no backup is wanted. */
  readonly renderBackup: ((target: Reference) => string) | undefined;
  /** Milliseconds; 0 when there is none. */
  readonly intervalMs: number;
  /** `""` when there is none. */
  readonly schedule: string;
  /** Whether a schedule was written that is none: `schedule` is empty then, and so is `intervalMs`. */
  readonly isMistimed: boolean;
  /** Whole milliseconds. */
  readonly rateLimit: { readonly min: number; readonly retryMs: number };
  readonly mediaTypes: readonly string[];
  /** After so long a tag is asked for again whatever is known of it, in milliseconds. */
  readonly verifyIntervalMs: number;
}

/** An entry as the plan holds it: ready to run, or refused with every reason. */
export type PlannedEntry =
  | { readonly kind: "ready"; readonly entry: Entry }
  | {
      readonly kind: "refused";
      readonly index: number;
      readonly name: string;
      /** `image` when the file does not say any that there is. */
      readonly type: EntryRoute["kind"];
      readonly sourceText: string;
      readonly targetText: string;
      readonly complaints: readonly Complaint[];
    };

/** How long a registry may take, in whole milliseconds that timers can count; `undefined` is the built-in limit. */
export interface PlannedTimeLimits {
  readonly connectMs: number | undefined;
  readonly tlsMs: number | undefined;
  /** From asking to the head of the answer. */
  readonly headersMs: number | undefined;
  /** The same after an upload. */
  readonly commitMs: number | undefined;
  /** Without a byte of a body. */
  readonly stallMs: number | undefined;
}

/** What a server is told by its file. */
export interface PlannedServer {
  /** An address that was checked, or `off`; `undefined` when the file does not say. */
  readonly listen: string | undefined;
  /** What callers that change something must show; without one nothing can be changed. */
  readonly token: Secret | undefined;
  /** PEM texts; `undefined` serves plain HTTP. */
  readonly tls: { readonly certPem: string; readonly keyPem: Secret } | undefined;
  readonly failOn: HealthPolicy;
  /** How long what is being copied may take to the end once the server is told to stop. */
  readonly graceMs: number;
  /** How far runs of equal intervals are moved apart at most; `undefined` leaves it to the interval. */
  readonly jitterMs: number | undefined;
}

/** Everything a file asks for, checked and complete. Immutable: a reload makes a new one. */
export interface Plan {
  /** In file order: later items about the same registry win field by field. */
  readonly hosts: readonly HostOptions[];
  readonly skipDockerConfig: boolean;
  /** Images copied at once; 0 or less runs the entries one after another. Spec: regsync.md §5.2. */
  readonly parallel: number;
  /** Manifests kept in memory, and for how long; 0 of either keeps none. */
  readonly cacheCount: number;
  readonly cacheTimeMs: number;
  /** Cap for chunk sizes that a host asks for, in bytes; `undefined` is the built-in cap. */
  readonly blobLimitBytes: number | undefined;
  /** `""` is this program's own. */
  readonly userAgent: string;
  readonly timeLimits: PlannedTimeLimits;
  /** For hosts that say nothing of their own. */
  readonly digestListing: DigestListing;
  /** Where memory is kept; `""` keeps none. */
  readonly stateDir: string;
  readonly server: PlannedServer;
  readonly entries: readonly PlannedEntry[];
  /** Everything doubtful or wrong that did not make the file unusable, in file order. */
  readonly complaints: readonly Complaint[];
}
