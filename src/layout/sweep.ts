import { rm } from "node:fs/promises";
import { Interrupted } from "../base/failure.ts";
import type { Digest } from "../oci/digest.ts";
import { blobsOf, childrenOf } from "../oci/manifest-content.ts";
import { isBlobType, isManifestType } from "../oci/media-type.ts";
import { DigestMismatch } from "../oci/mismatch.ts";
import { ManifestInvalid, readManifest } from "../oci/read-manifest.ts";
import type { BlobFiles } from "./blob-files.ts";
import { LayoutInvalid, ManifestOversized, onDisk } from "./failures.ts";
import type { LayoutFolder } from "./folder.ts";
import type { LayoutIndex } from "./index-file.ts";

/** Something a list names, a manifest perhaps. */
interface Named {
  readonly digest: Digest;
  /** `""` when nobody says. */
  readonly mediaType: string;
}

/**
 * Removes every blob that nothing refers to, from the layout's list on down, and files that were never finished.
 * What `spared` names is kept, with all it refers to.
 *
 * Only for who is alone with the layout. Manifests that are missing are no matter. Throws `LAYOUT_INVALID`, before
 * anything is removed, when a manifest is there and cannot be read: what it refers to would be lost.
 * Spec: regsync.md §8.
 */
export async function sweep(
  index: LayoutIndex,
  folder: LayoutFolder,
  spared: Iterable<Digest>,
  signal: AbortSignal,
): Promise<void> {
  const { blobs } = folder;
  const roots = [...index.descriptors, ...Array.from(spared, (digest) => ({ digest, mediaType: "" }))];
  const reached = await reachableFrom(roots, blobs, signal);
  const { digests, unfinished } = await blobs.list();
  for (const path of [...unfinished, ...(await folder.listTemporary())]) await onDisk(path, rm(path, { force: true }));
  const doomed = new Set(digests.filter((digest) => !reached.has(digest)));
  // A manifest whose content is gone would be taken for a complete one, should this end half-way.
  for (const digest of await parentsFirst(doomed, blobs)) {
    if (signal.aborted) throw new Interrupted(signal.reason);
    await blobs.remove(digest);
  }
}

async function reachableFrom(
  roots: readonly Named[],
  blobs: BlobFiles,
  signal: AbortSignal,
): Promise<ReadonlySet<Digest>> {
  const reached = new Set<Digest>();
  const looked = new Set<Digest>();
  const open = [...roots];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (signal.aborted) throw new Interrupted(signal.reason);
    reached.add(next.digest);
    if (looked.has(next.digest)) continue;
    looked.add(next.digest);
    const { children, blobs: content } = await contentOf(next, blobs);
    open.push(...children);
    for (const digest of content) reached.add(digest);
  }
  return reached;
}

/** These digests in an order in which nothing comes before what refers to it. */
async function parentsFirst(digests: ReadonlySet<Digest>, blobs: BlobFiles): Promise<readonly Digest[]> {
  const childrenFirst: Digest[] = [];
  const seen = new Set<Digest>();
  const visit = async (digest: Digest): Promise<void> => {
    if (seen.has(digest) || !digests.has(digest)) return;
    seen.add(digest);
    const { children, blobs: content } = await contentOf({ digest, mediaType: "" }, blobs);
    for (const child of [...children.map((each) => each.digest), ...content]) await visit(child);
    childrenFirst.push(digest);
  };
  for (const digest of digests) await visit(digest);
  return childrenFirst.reverse();
}

interface Content {
  /** Manifests, or what may be one. */
  readonly children: readonly Named[];
  readonly blobs: readonly Digest[];
}

const nothing: Content = { children: [], blobs: [] };

/** What a manifest refers to; nothing for content that is none, or that is missing. */
async function contentOf({ digest, mediaType }: Named, blobs: BlobFiles): Promise<Content> {
  if (isBlobType(mediaType)) return nothing;
  try {
    const bytes = await blobs.read(digest);
    if (bytes === undefined) return nothing;
    const { body } = readManifest(bytes, "", digest);
    return { children: childrenOf(body), blobs: blobsOf(body).map((blob) => blob.digest) };
  } catch (failure) {
    if (
      !(failure instanceof ManifestInvalid || failure instanceof DigestMismatch || failure instanceof ManifestOversized)
    )
      throw failure;
    if (!isManifestType(mediaType)) return nothing;
    const path = blobs.pathOf(digest);
    throw new LayoutInvalid(
      path,
      `is damaged, so nothing was removed that it may refer to: ${failure.message}`,
      failure,
    );
  }
}
