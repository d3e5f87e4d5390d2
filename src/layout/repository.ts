import { join } from "node:path";
import type { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import { Failure, Interrupted } from "../base/failure.ts";
import { type Lease, Limiter } from "../base/limiter.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, digestOf, parseDigest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { blobsOf, childrenOf } from "../oci/manifest-content.ts";
import { mediaTypes } from "../oci/media-type.ts";
import { DigestMismatch } from "../oci/mismatch.ts";
import { readManifest } from "../oci/read-manifest.ts";
import { isReferrersList, referrersTag, withReferrer } from "../oci/referrers-list.ts";
import {
  type BlobWrite,
  type Download,
  type ManifestHead,
  type ManifestName,
  type OpenContent,
  type PutOptions,
  type Referrers,
  type Repository,
  type TagListing,
  TargetIncomplete,
} from "../oci/store.ts";
import { BlobMissing } from "./failures.ts";
import { type KnownIndex, LayoutFolder } from "./folder.ts";
import { LayoutIndex } from "./index-file.ts";
import { LockFile } from "./lock.ts";
import { Presence } from "./presence.ts";
import { sweep } from "./sweep.ts";
import { Unfinished } from "./unfinished.ts";

/** Blobs written to one layout at once. Spec: regsync.md §8. */
const writers = 3;

/** What all layouts share. */
export interface LayoutContext {
  readonly clock: Clock;
  /** When images say they were listed, in epoch milliseconds; `undefined` is the time they are. */
  readonly createdMs: number | undefined;
  readonly known: LRUCache<string, KnownIndex>;
}

/** What a name stands for. */
interface Found {
  readonly digest: Digest;
  /** `""` when the list does not say. */
  readonly mediaType: string;
  readonly sizeBytes: number | undefined;
}

/**
 * One OCI layout on disk. A folder that is missing is a repository that is not there; writing makes it.
 *
 * Reading takes no lock and changes nothing. `README.md` of this folder says how writers get along. Everything
 * throws `LAYOUT_INVALID`, `DISK_REFUSED` and, when writing, `DISK_FULL` and `LAYOUT_LOCKED`. Spec: regsync.md §8.
 */
export class LayoutRepository implements Repository {
  readonly name: string;
  /** All layouts are on the same machine: a blob in one is brought to another without any network. */
  readonly host = "ocidir";
  readonly isTroubled = false;
  readonly looksAreFree = true;
  readonly readLimiters: readonly Limiter[] = [];
  readonly #slots = new Limiter(writers);
  readonly writeLimiters: readonly Limiter[] = [this.#slots];
  readonly #folder: LayoutFolder;
  readonly #presence: Presence;
  readonly #unfinished: Unfinished;
  readonly #context: LayoutContext;
  #modified = false;
  /** Whether something was taken off the list since this process last tidied. */
  #litter = false;
  /** The list as this process left it; another one means that others were at work, and may have left litter. */
  #last: LayoutIndex | undefined;

  /** `root` is the real path, `text` the path as people wrote it. */
  constructor(root: string, text: string, context: LayoutContext) {
    this.name = `ocidir://${text}`;
    this.#folder = new LayoutFolder(root, context.known);
    const own = join(root, ".regsync");
    this.#presence = new Presence(this.#folder, new LockFile(join(own, "lock"), context.clock));
    this.#unfinished = new Unfinished(own);
    this.#context = context;
  }

  /** A manifest whose file is missing or damaged is not there, so that it is brought again. */
  async headManifest(name: ManifestName, signal: AbortSignal): Promise<ManifestHead | undefined> {
    await this.#presence.join(signal);
    const found = await this.#find(name);
    if (found === undefined || !(await this.#folder.blobs.has(found))) return undefined;
    const { digest, mediaType, sizeBytes } = found;
    if (mediaType !== "") return { digest, mediaType, sizeBytes, rateLimit: undefined };
    try {
      const manifest = await this.#read(found);
      if (manifest === undefined) return undefined;
      return { digest, mediaType: manifest.mediaType, sizeBytes: manifest.bytes.byteLength, rateLimit: undefined };
    } catch (failure) {
      if (failure instanceof DigestMismatch) return undefined;
      throw failure;
    }
  }

  async getManifest(name: ManifestName, _signal: AbortSignal): Promise<Manifest | undefined> {
    const found = await this.#find(name);
    return found === undefined ? undefined : await this.#read(found);
  }

  async listTags(_signal: AbortSignal): Promise<readonly string[] | undefined> {
    return (await this.#folder.readIndex())?.tags;
  }

  /** Nothing is saved by knowing digests beforehand where every question is a look at the disk. */
  async listTagsAndDigests(signal: AbortSignal): Promise<TagListing | undefined> {
    const tags = await this.listTags(signal);
    return tags === undefined ? undefined : { tags, digestsOf: () => Promise.resolve(new Map()) };
  }

  async listReferrers(subject: Digest, signal: AbortSignal): Promise<Referrers> {
    const fallbackTag = referrersTag(subject);
    const list = await this.getManifest(fallbackTag, signal);
    if (list === undefined || !isReferrersList(list) || list.digest === subject) {
      return { descriptors: [], fallbackTag: undefined };
    }
    return { descriptors: list.body.manifests, fallbackTag };
  }

  async hasBlob(blob: Descriptor, signal: AbortSignal): Promise<boolean> {
    await this.#presence.join(signal);
    return await this.#folder.blobs.has(blob);
  }

  /** Looking for each blob is free, and sees what an interrupted copy left. */
  isAbsent(): Promise<boolean> {
    return Promise.resolve(false);
  }

  /** Which folder a name means depends on where it was written. */
  neighbour(): undefined {
    return undefined;
  }

  async openBlob(blob: Descriptor, _lease: Lease, signal: AbortSignal): Promise<Download> {
    const download = await this.#folder.blobs.open(blob, signal);
    if (download === undefined) throw new BlobMissing(this.#folder.root, blob.digest);
    return download;
  }

  async writeBlob(
    blob: Descriptor,
    mountFrom: Repository | "nowhere" | undefined,
    open: OpenContent,
    lease: Lease,
    signal: AbortSignal,
  ): Promise<BlobWrite> {
    using _slot = lease.covers(this.#slots) ? undefined : await this.#slots.take(signal, "large");
    using _pin = await this.#beginWriting(signal);
    await this.#unfinished.add(blob.digest);
    if (mountFrom instanceof LayoutRepository && (await this.#bringFrom(mountFrom, blob, signal))) {
      return { kind: "mounted" };
    }
    await using download = await open(signal);
    await this.#folder.blobs.write(blob, download.chunks, signal);
    return { kind: "uploaded" };
  }

  async putManifest(name: ManifestName, manifest: Manifest, options: PutOptions, signal: AbortSignal): Promise<void> {
    if (name.includes(":") && name !== manifest.digest) throw new DigestMismatch(parseDigest(name), manifest.digest);
    using _pin = await this.#beginWriting(signal);
    await this.#refuseIncomplete(manifest);
    await this.#unfinished.add(manifest.digest);
    await this.#place(manifest, signal);
    const { body } = manifest;
    await this.#unfinished.settle([...blobsOf(body), ...childrenOf(body)].map(({ digest }) => digest));
    const { subject } = body;
    if (options.child && subject === undefined) return;
    await this.#changeIndex(async (before) => {
      let index = before;
      if (subject !== undefined) index = await this.#withReferrer(index, subject.digest, manifest, signal);
      return options.child ? index : this.#listed(index, manifest, name.includes(":") ? "" : name);
    }, signal);
    await this.#unfinished.settle([manifest.digest]);
  }

  async listedReferrers(subject: Digest, signal: AbortSignal): Promise<ReadonlySet<Digest>> {
    return new Set((await this.listReferrers(subject, signal)).descriptors.map(({ digest }) => digest));
  }

  async pin(signal: AbortSignal): Promise<AsyncDisposable> {
    const pinned = await this.#presence.pin(signal);
    return { [Symbol.asyncDispose]: async () => pinned[Symbol.dispose]() };
  }

  /**
   * Does nothing while images are being written, here or by another process, and when there is nothing to remove.
   * Throws `LAYOUT_INVALID`, with nothing removed, when a manifest that is listed cannot be read.
   */
  async tidy(signal: AbortSignal): Promise<void> {
    if (!this.#modified) return;
    using alone = await this.#presence.alone(signal);
    if (alone === undefined) return;
    const index = await this.#folder.readIndexToChange();
    // What lies in a layout that lists nothing yet is the beginning of its first image.
    if (index === undefined || index.descriptors.length === 0) return;
    if (index !== this.#last || this.#litter || !this.#unfinished.isEmpty) {
      const spared = await this.#unfinished.leftByOthers(this.#context.clock.now());
      await sweep(index, this.#folder, spared, signal);
      this.#last = index;
      this.#litter = false;
    }
    await this.#unfinished.settleAll();
  }

  /** Lets go of the layout: other processes may tidy it. */
  close(): void {
    this.#presence.leave();
  }

  async #beginWriting(signal: AbortSignal): Promise<Disposable> {
    await this.#folder.create();
    const pinned = await this.#presence.pin(signal);
    this.#modified = true;
    return pinned;
  }

  async #find(name: ManifestName): Promise<Found | undefined> {
    const index = await this.#folder.readIndex();
    const listed = index?.find(name || "latest");
    if (index === undefined || listed !== undefined || !name.includes(":")) return listed;
    // A digest that is not listed may be part of an image that is.
    return { digest: parseDigest(name), mediaType: "", sizeBytes: undefined };
  }

  async #read({ digest, mediaType }: Found): Promise<Manifest | undefined> {
    const bytes = await this.#folder.blobs.read(digest);
    return bytes === undefined ? undefined : readManifest(bytes, mediaType, digest);
  }

  /** Whether the other layout had the blob, whole. */
  async #bringFrom(other: LayoutRepository, blob: Descriptor, signal: AbortSignal): Promise<boolean> {
    try {
      await using download = await other.#folder.blobs.open(blob, signal);
      if (download === undefined) return false;
      await this.#folder.blobs.write(blob, download.chunks, signal);
      return true;
    } catch (failure) {
      if (!(failure instanceof Failure) || failure instanceof Interrupted) throw failure;
      return false;
    }
  }

  /** Children of an index may be left out on purpose; blobs may not, but for those that can be had elsewhere. */
  async #refuseIncomplete({ digest, body }: Manifest): Promise<void> {
    const { root, blobs } = this.#folder;
    for (const blob of blobsOf(body)) {
      if (blob.urls.length > 0 || (await blobs.has(blob))) continue;
      throw new TargetIncomplete(`${root} lacks the blob ${blob.digest}, which the manifest ${digest} names`);
    }
  }

  /** Makes the manifest's file, after all names it refers to are on the disk. */
  async #place(manifest: Manifest, signal: AbortSignal): Promise<void> {
    const { blobs } = this.#folder;
    await blobs.settle(signal);
    const identity = { digest: manifest.digest, sizeBytes: manifest.bytes.byteLength };
    if (!(await blobs.has(identity))) await blobs.writeManifest(manifest);
  }

  async #changeIndex(change: (index: LayoutIndex) => Promise<LayoutIndex>, signal: AbortSignal): Promise<void> {
    using _right = await this.#presence.list(signal);
    const before = (await this.#folder.readIndexToChange()) ?? LayoutIndex.empty;
    const after = await change(before);
    await this.#folder.blobs.settle(signal);
    if (after === before) return;
    await this.#folder.writeIndex(after);
    if (before.descriptors.some(({ digest }) => after.find(digest) === undefined)) this.#litter = true;
    if (before === this.#last) this.#last = after;
  }

  async #withReferrer(
    index: LayoutIndex,
    subject: Digest,
    referrer: Manifest,
    signal: AbortSignal,
  ): Promise<LayoutIndex> {
    const tag = referrersTag(subject);
    const listed = index.find(tag);
    const bytes = withReferrer(listed === undefined ? undefined : await this.#read(listed), referrer);
    if (bytes === undefined) return index;
    const list = readManifest(bytes, mediaTypes.ociIndex, digestOf(bytes));
    await this.#place(list, signal);
    return this.#listed(index, list, tag);
  }

  #listed(index: LayoutIndex, { mediaType, digest, bytes }: Manifest, tag: string): LayoutIndex {
    const createdMs = this.#context.createdMs ?? this.#context.clock.now();
    return index.with({ mediaType, digest, sizeBytes: bytes.byteLength, tag, createdMs });
  }
}
