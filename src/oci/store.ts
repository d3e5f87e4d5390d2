import { Failure } from "../base/failure.ts";
import type { Lease, Limiter } from "../base/limiter.ts";
import type { Descriptor } from "./descriptor.ts";
import type { Digest } from "./digest.ts";
import type { Manifest } from "./manifest.ts";
import type { Reference } from "./reference.ts";

/** What a manifest is asked for by: a tag, or a digest (the only one of the two that holds a colon). */
export type ManifestName = string;

/** What the host says is left of its quota. Spec: regsync.md §5.9. */
export interface RateLimit {
  readonly limit: number;
  readonly remaining: number;
}

/** What a manifest's name stands for now, learned without downloading it. */
export interface ManifestHead {
  readonly digest: Digest;
  readonly mediaType: string;
  /** As the host announces it, in bytes; `undefined` when it does not. */
  readonly sizeBytes: number | undefined;
  /** `undefined` when the host says nothing about a quota. */
  readonly rateLimit: RateLimit | undefined;
}

/** Bytes on their way from a store. Disposing ends the transfer, whether it was finished or not. */
export interface Download extends AsyncDisposable {
  /**
   * The content in pieces, in order. A failure of the store is thrown from here.
   *
   * A piece is lent: it is valid until the second one after it is asked for, or the download is disposed. So one may be
   * held back while the next is looked at; whoever keeps pieces longer copies them.
   */
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Opens the same content from its first byte, as often as attempts need it. What it yields is already verified; a piece of
 * it is valid until the next is asked for. Its first `unsentBytes`, none unless told, are only read to be checked: the
 * target has them.
 */
export type OpenContent = (signal: AbortSignal, unsentBytes?: number) => Promise<Download>;

/** How a blob came to be in the target. */
export type BlobWrite =
  /** The host had it in another repository. */
  | { readonly kind: "mounted" }
  /** It was sent. */
  | { readonly kind: "uploaded" }
  /** An upload that had stopped before was gone on with: what the host had of it was not sent again. */
  | { readonly kind: "resumed" };

/** The manifests that refer to another one, and where that was learned. */
export interface Referrers {
  readonly descriptors: readonly Descriptor[];
  /** The fallback tag (`sha256-…`) that listed them, or `undefined` when the host's referrers API did. */
  readonly fallbackTag: string | undefined;
}

/** The host answered 401 or 403 although it was given every credential there is for it. */
export abstract class Denied extends Failure {
  readonly code = "REGISTRY_DENIED";
}

/** Whether a look was refused: several hosts answer so for what does not exist yet. Spec: registry-protocol.md §4.8. */
export function isDenied(failure: unknown): failure is Denied {
  return failure instanceof Denied;
}

/** The target refuses a manifest because content that the manifest names is not there. */
export class TargetIncomplete extends Failure {
  readonly code = "TARGET_INCOMPLETE";
}

/** Reads manifests by tag or digest. */
export interface ManifestSource {
  /** `undefined` when there is no such manifest. Throws `Denied` when the host does not let look. */
  headManifest(name: ManifestName, signal: AbortSignal): Promise<ManifestHead | undefined>;
  /** Verified against the digest asked for (or announced). `undefined` when there is no such manifest. */
  getManifest(name: ManifestName, signal: AbortSignal): Promise<Manifest | undefined>;
}

/** Reads blobs. */
interface BlobSource {
  /** Throws `BLOB_NOT_FOUND`. Broken transfers are resumed inside; the chunks are not verified. */
  openBlob(blob: Descriptor, lease: Lease, signal: AbortSignal): Promise<Download>;
}

/** The tags of a repository, and what its host says they stand for when that takes less than asking for each. */
export interface TagListing {
  /** In the order of the host. */
  readonly tags: readonly string[];
  /**
   * Digests by tag, for as many of those that are wanted as the host tells. Good for finding that nothing changed, and
   * for nothing else. Trouble is no failure: then there are none, or fewer. Throws `INTERRUPTED`.
   */
  digestsOf(wanted: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Digest>>;
}

/** Lists what a repository holds. */
export interface Listing {
  /** `undefined` when there is no such repository. */
  listTagsAndDigests(signal: AbortSignal): Promise<TagListing | undefined>;
  /** Every tag in the order of the host; `undefined` when there is no such repository. */
  listTags(signal: AbortSignal): Promise<readonly string[] | undefined>;
  /** Unfiltered. Empty when nothing refers to the digest. Throws when it could not be told. */
  listReferrers(subject: Digest, signal: AbortSignal): Promise<Referrers>;
}

/** How a manifest is written. */
export interface PutOptions {
  /** Part of another image: a layout does not list it. */
  readonly child: boolean;
}

/** Writes manifests and keeps the list of referrers that a manifest with a subject belongs to. */
interface ManifestTarget {
  /** Throws `TargetIncomplete` when the host says that content the manifest names is missing. */
  putManifest(name: ManifestName, manifest: Manifest, options: PutOptions, signal: AbortSignal): Promise<void>;
  /** What the list that is kept of a manifest's referrers names; `undefined` where the host itself lists what it has. */
  listedReferrers(subject: Digest, signal: AbortSignal): Promise<ReadonlySet<Digest> | undefined>;
}

/** Writes blobs. */
interface BlobTarget {
  hasBlob(blob: Descriptor, signal: AbortSignal): Promise<boolean>;
  /** Whether `hasBlob` costs nothing worth saving, as on a disk. */
  readonly looksAreFree: boolean;
  /** Whether it is certain that there is no such repository yet, and so no blob in it. */
  isAbsent(signal: AbortSignal): Promise<boolean>;
  /**
   * Brings one blob in. With `mountFrom` (a repository on the same host, or this one, which may have the blob) it is
   * taken from there when the host agrees, with `undefined` from wherever the host finds it, and with `"nowhere"` it is
   * sent in any case; then `open` is called once per attempt, after the host agreed to an upload.
   */
  writeBlob(
    blob: Descriptor,
    mountFrom: Repository | "nowhere" | undefined,
    open: OpenContent,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<BlobWrite>;
}

/**
 * One repository on a registry, or one folder on disk.
 *
 * `copy/` and `sync/` know stores by these interfaces alone.
 */
export interface Repository extends ManifestSource, ManifestTarget, BlobSource, BlobTarget, Listing {
  /** `registry/repository` or `ocidir://path`: equal names are the same place. */
  readonly name: string;
  /** Repositories with the same host can give blobs to each other without sending them. */
  readonly host: string;
  /** Whether its host had trouble, so that a request to it would have to wait. */
  readonly isTroubled: boolean;
  /** The slots that reading a blob from here takes (a registry's mirrors have their own). */
  readonly readLimiters: readonly Limiter[];
  /** The slots that writing a blob here takes. */
  readonly writeLimiters: readonly Limiter[];
  /** Another repository of the same host by its name, to mount from; `undefined` where a name is not enough. */
  neighbour(name: string): Repository | undefined;
  /** Keeps `tidy` away for as long as the answer is not disposed: images are being written. */
  pin(signal: AbortSignal): Promise<AsyncDisposable>;
  /** Removes what nothing refers to any more, if this process wrote here. A registry does nothing. */
  tidy(signal: AbortSignal): Promise<void>;
}

/** Opens the places that references name. */
export interface Stores {
  /** The repository or layout a reference is in; its tag and digest do not matter. */
  repository(at: Reference): Repository;
  /** Every repository of a registry, in the order it lists them. */
  listRepositories(registry: string, signal: AbortSignal): Promise<readonly string[]>;
}
