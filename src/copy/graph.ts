import { Failure, messageOf } from "../base/failure.ts";
import { LinkedController, orAborted, type Task, together } from "../base/together.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import { blobsOf } from "../oci/manifest-content.ts";
import { isBlobType, isIndexType, isManifestType } from "../oci/media-type.ts";
import { type ManifestHead, type ManifestName, type Repository, TargetIncomplete } from "../oci/store.ts";
import { readManifest } from "../oci/read-manifest.ts";
import { isWantedReferrer } from "../oci/referrer-filter.ts";
import type { BlobRole, CopyContext, Prospect } from "./blob.ts";
import type { Carrier, DocumentSource } from "./carrier.ts";
import { digestTagPrefix } from "./digest-tags.ts";
import { Extent } from "./extent.ts";
import { ContentMissing, NestedTooDeep } from "./failures.ts";
import { headTarget } from "./head-target.ts";
import { InProgress, Loop, type Step } from "./in-progress.ts";
import { ListedReferrers } from "./listed-referrers.ts";
import type { CopyOptions } from "./options.ts";
import { selectChildren } from "./platforms.ts";
import { isSmall } from "./presence.ts";
import type { Tally } from "./tally.ts";

/** Manifests inside manifests, referrers of referrers: deeper than this is an attack or a mistake. */
const deepestNesting = 32;

/** One manifest to bring over, with what is already known of it. */
export interface ManifestCopy {
  readonly source: Repository;
  /** What to ask the source for. */
  readonly name: ManifestName;
  readonly target: Repository;
  /** What to write it under. */
  readonly targetName: ManifestName;
  readonly digest: Digest;
  /** The descriptor that led here, for content it may carry; `undefined` when a tag did. */
  readonly descriptor: Descriptor | undefined;
  /** Part of another image: a layout does not list it. */
  readonly child: boolean;
  /** What the target has under the name: `"unknown"` asks it. */
  readonly there: ManifestHead | undefined | "unknown";
  /** The manifest that it was found to refer to; `undefined` when something else led here. */
  readonly refersTo: Digest | undefined;
}

/**
 * The copy of one image: its manifests and blobs, what refers to them, the name last.
 *
 * Children come before the manifest that lists them and referrers before their subject, so that whatever a name on
 * the target stands for is whole. Spec: regsync.md §6.
 */
export class ImageGraph implements Disposable {
  readonly #options: CopyOptions;
  readonly #context: CopyContext;
  readonly #carrier: Carrier;
  readonly #tally: Tally;
  readonly #work: LinkedController;
  readonly #steps = new InProgress();
  readonly #postponed: ManifestCopy[] = [];
  readonly #lists: ListedReferrers;
  readonly #extent = new Extent();
  #sourceTags: Promise<readonly string[]> | undefined;

  constructor(options: CopyOptions, context: CopyContext, carrier: Carrier, tally: Tally, signal: AbortSignal) {
    this.#options = options;
    this.#context = context;
    this.#carrier = carrier;
    this.#tally = tally;
    this.#work = new LinkedController(signal);
    this.#lists = new ListedReferrers(context.log, this.#work.signal);
  }

  /** Copies the image, then what had to wait because it refers to the image itself. */
  async copy(image: ManifestCopy): Promise<void> {
    try {
      for (let next: ManifestCopy | undefined = image; next !== undefined; next = this.#postponed.shift()) {
        await this.#once(next, undefined, this.#work.signal);
        // What nobody waits for any more may still be at work, and would close circles with what comes late.
        await this.#steps.idle();
      }
    } catch (failure) {
      this.#work.abort(failure);
      throw failure;
    } finally {
      await this.#steps.idle();
    }
  }

  [Symbol.dispose](): void {
    this.#work[Symbol.dispose]();
  }

  async #once(copy: ManifestCopy, parent: Step | undefined, signal: AbortSignal): Promise<void> {
    const tag = copy.targetName === copy.digest ? "" : copy.targetName;
    await this.#steps.once(
      keyOf(copy.target, tag, copy.digest),
      parent,
      (step) => this.#bring(copy, step, this.#work.signal),
      signal,
    );
  }

  async #bring(copy: ManifestCopy, step: Step, signal: AbortSignal): Promise<void> {
    if (step.depth > deepestNesting) throw new NestedTooDeep(copy.source.name, copy.digest, deepestNesting);
    this.#extent.begin(copy.source.name);
    const { fastCheck, forceRecursive, referrers, digestTags } = this.#options;
    const { target, targetName, digest, refersTo } = copy;
    const there = copy.there === "unknown" ? await headTarget(target, targetName, signal) : copy.there;
    const equal = there?.digest === digest;
    const mayBeUnlisted = equal && !forceRecursive && refersTo !== undefined;
    const isListed = !mayBeUnlisted || (await this.#lists.has(target, refersTo, digest, signal));
    const isDone = equal && isListed && (fastCheck || !(forceRecursive || referrers || digestTags));
    const isWhole = isDone || (equal && isListed && !forceRecursive && namesBlobs(there.mediaType));
    this.#carrier.reach(copy.digest, isWhole ? "whole" : equal ? "there" : "new");
    if (isDone) return;
    if (isWhole) return await this.#beside(copy.digest, copy, step, signal);

    const manifest = await this.#read(copy, signal);
    this.#extent.read(copy.source.name, manifest.bytes.byteLength);
    // A source may list what says nothing of the subject: no list of ours ever will.
    const joinsList = !isListed && manifest.body.subject?.digest === refersTo;
    const put = !equal || forceRecursive || joinsList || manifest.digest !== copy.digest;
    const isThere = equal ? "there" : "new";
    const content = copy.source.name === copy.target.name ? [] : this.#contentOf(manifest, isThere, copy, step);
    await together([...content, (inner) => this.#beside(manifest.digest, copy, step, inner)], signal);
    if (put) await this.#put(manifest, copy, step, signal);
  }

  async #read(copy: ManifestCopy, signal: AbortSignal): Promise<Manifest> {
    const data = copy.descriptor?.data;
    if (copy.descriptor !== undefined && data !== undefined) {
      return readManifest(data, copy.descriptor.mediaType, copy.digest);
    }
    const source = this.#carrier.documentsOf(copy.source);
    const byDigest = await source.getManifest(copy.digest, signal);
    if (byDigest !== undefined) return byDigest;
    // A tag that moved since it was looked up: what it stands for now is what is wanted.
    const byTag = copy.name === copy.digest ? undefined : await source.getManifest(copy.name, signal);
    if (byTag === undefined) throw new ContentMissing("manifest", copy.digest, copy.source.name);
    return byTag;
  }

  /** Writes the manifest; when the target says that content is missing after all, brings that again, once. */
  async #put(manifest: Manifest, copy: ManifestCopy, step: Step, signal: AbortSignal): Promise<void> {
    const name = copy.targetName === copy.digest ? manifest.digest : copy.targetName;
    try {
      await copy.target.putManifest(name, manifest, { child: copy.child }, signal);
    } catch (failure) {
      if (!(failure instanceof TargetIncomplete) || copy.source.name === copy.target.name) throw failure;
      this.#context.log.warn("Target misses content it was thought to have, sending it again", {
        target: copy.target.name,
        digest: manifest.digest,
        err: messageOf(failure),
      });
      for (const blob of blobsOf(manifest.body)) this.#context.ledger.missed(copy.target, blob.digest);
      const children = manifest.body.kind === "index" ? manifest.body.manifests : [];
      for (const child of children) this.#steps.forget(keyOf(copy.target, "", child.digest));
      await together(this.#contentOf(manifest, "there", copy, step), signal);
      await copy.target.putManifest(name, manifest, { child: copy.child }, signal);
    }
    this.#tally.manifestSent(name, manifest);
  }

  /** `there` has the blobs looked for: the target has, or should have, the manifest. */
  #contentOf(manifest: Manifest, isThere: "there" | "new", copy: ManifestCopy, step: Step): Task[] {
    if (manifest.body.kind === "index") {
      return selectChildren(manifest.body.manifests, this.#options.platforms, step.depth === 0).map(
        (child) => (signal) => this.#child(child, copy, step, signal),
      );
    }
    const blobs = blobsOf(manifest.body).filter((blob) => blob.urls.length === 0 || this.#options.includeExternal);
    const prospect = isThere === "there" ? "likely" : this.#prospectOf(blobs, copy.target);
    return blobs.map(
      (blob) => (signal) => this.#blob(blob, roleOf(blob, manifest), prospect, manifest.digest, copy, signal),
    );
  }

  #prospectOf(blobs: readonly Descriptor[], target: Repository): Prospect {
    const inDoubt = blobs.filter((blob) => !isSmall(blob) && !this.#context.ledger.isHeld(target, blob.digest));
    return new Set(inDoubt.map(({ digest }) => digest)).size > 1 ? "many" : "open";
  }

  async #child(child: Descriptor, copy: ManifestCopy, step: Step, signal: AbortSignal): Promise<void> {
    if (isBlobType(child.mediaType)) return await this.#blob(child, "layer", "open", copy.digest, copy, signal);
    const asManifest: ManifestCopy = {
      ...copy,
      name: child.digest,
      targetName: child.digest,
      digest: child.digest,
      descriptor: child,
      child: true,
      there: "unknown",
      refersTo: undefined,
    };
    if (isManifestType(child.mediaType)) return await this.#once(asManifest, step, signal);
    try {
      await this.#once(asManifest, step, signal);
    } catch (failure) {
      if (!(failure instanceof Failure) || failure instanceof Loop || signal.aborted) throw failure;
      this.#context.log.debug("Child is no manifest, copying it as a blob", {
        digest: child.digest,
        mediaType: child.mediaType,
        err: messageOf(failure),
      });
      await this.#blob(child, "layer", "open", copy.digest, copy, signal);
    }
  }

  async #blob(
    blob: Descriptor,
    role: BlobRole,
    prospect: Prospect,
    manifest: Digest,
    { source, target }: ManifestCopy,
    signal: AbortSignal,
  ): Promise<void> {
    try {
      const how = await this.#carrier.bring({ blob, role, source, target, prospect }, manifest, signal);
      this.#tally.blobArrived(how, blob.sizeBytes);
    } catch (failure) {
      if (!signal.aborted) {
        const facts = { source: source.name, target: target.name, err: messageOf(failure) };
        if (role === "config") this.#context.log.warn("Failed to copy config", { ...facts, digest: blob.digest });
        else this.#context.log.warn("Failed to copy layer", { ...facts, layer: blob.digest });
      }
      throw failure;
    }
  }

  /** What refers to the manifest, and the tags that are named after it. */
  async #beside(digest: Digest, copy: ManifestCopy, step: Step, signal: AbortSignal): Promise<void> {
    const { referrers, referrerFilters, referrerSource = copy.source, referrerTarget = copy.target } = this.#options;
    const lists = this.#carrier.documentsOf(referrerSource);
    const listed = referrers ? await lists.listReferrers(digest, signal) : undefined;
    const wanted = listed?.descriptors.filter((referrer) => isWantedReferrer(referrer, referrerFilters)) ?? [];
    const tags = await this.#tagsNamedAfter(digest, copy, signal);
    await together(
      [
        ...wanted.map((referrer) => (inner: AbortSignal) => {
          const { digest: name } = referrer;
          const places = { source: referrerSource, target: referrerTarget };
          const names = { name, targetName: name, digest: name, descriptor: referrer };
          return this.#orLater({ ...places, ...names, child: true, there: "unknown", refersTo: digest }, step, inner);
        }),
        // The list of referrers itself: the target keeps its own of what was copied.
        ...tags.filter((tag) => tag !== listed?.fallbackTag).map((tag) => this.#digestTag(tag, copy, step)),
      ],
      signal,
    );
  }

  async #tagsNamedAfter(digest: Digest, copy: ManifestCopy, signal: AbortSignal): Promise<readonly string[]> {
    if (!this.#options.digestTags) return [];
    this.#sourceTags ??= listAll(this.#carrier.documentsOf(copy.source), this.#work.signal);
    const prefix = digestTagPrefix(digest);
    const tags = await orAborted(this.#sourceTags, signal);
    return tags.filter((tag) => tag.startsWith(prefix) && tag !== copy.targetName);
  }

  #digestTag(tag: string, copy: ManifestCopy, step: Step): Task {
    return async (signal) => {
      const head = await this.#carrier.documentsOf(copy.source).headManifest(tag, signal);
      if (head === undefined) return;
      const names = { name: tag, targetName: tag, digest: head.digest, descriptor: undefined };
      await this.#orLater({ ...copy, ...names, child: false, there: "unknown", refersTo: undefined }, step, signal);
    };
  }

  /** A copy beside the image; one that refers back to what is being copied waits until that is there. */
  async #orLater(copy: ManifestCopy, step: Step, signal: AbortSignal): Promise<void> {
    try {
      await this.#once(copy, step, signal);
    } catch (failure) {
      if (!(failure instanceof Loop)) throw failure;
      this.#postponed.push({ ...copy, there: "unknown" });
    }
  }
}

/** Names what is done once in an image: a manifest in its place, under its tag or none. */
function keyOf(target: Repository, tag: string, digest: Digest): string {
  return `${target.name}:${tag}@${digest}`;
}

/**
 * Whether a manifest that a target has is all there is to look at: its blobs came before it. Below a list there may be
 * others, with referrers of their own.
 */
function namesBlobs(mediaType: string): boolean {
  return isManifestType(mediaType) && !isIndexType(mediaType);
}

async function listAll(repository: DocumentSource, signal: AbortSignal): Promise<readonly string[]> {
  return (await repository.listTags(signal)) ?? [];
}

function roleOf(blob: Descriptor, { body }: Manifest): BlobRole {
  return body.kind === "image" && blob === body.config ? "config" : "layer";
}
