import type { Digest } from "../oci/digest.ts";
import type { ManifestHead, ManifestName, Repository } from "../oci/store.ts";
import type { CopyContext } from "./blob.ts";
import { type Carrier, carryAlone } from "./carrier.ts";
import { ImageGraph } from "./graph.ts";
import type { CopyOptions } from "./options.ts";
import { type CopyResult, Tally } from "./tally.ts";

/** One image to copy, with what deciding on it has already shown. */
export interface ImageCopy {
  readonly source: Repository;
  readonly sourceName: ManifestName;
  /** What the name stands for on the source. */
  readonly digest: Digest;
  readonly target: Repository;
  readonly targetName: ManifestName;
  /** What the target has under the name now; `undefined` when there is nothing. */
  readonly there: ManifestHead | undefined;
  readonly options: CopyOptions;
}

/**
 * Copies one image from any store to any other: every manifest and blob of its graph, what refers to it when that
 * is wanted, and the name last. Gives what was moved, and what the name stands for then.
 *
 * Throws what the stores throw, `DIGEST_MISMATCH`, `SIZE_MISMATCH`, `MANIFEST_NOT_FOUND`, `PLATFORM_NOT_FOUND`,
 * `INTERRUPTED`; the name on the target is then as it was. Spec: regsync.md §6.
 */
export async function copyImage(image: ImageCopy, context: CopyContext, signal: AbortSignal): Promise<CopyResult> {
  return await copyImageBy(carryAlone(context), image, context, signal);
}

/** As `copyImage`, with what is read and carried left to `carrier`. */
export async function copyImageBy(
  carrier: Carrier,
  image: ImageCopy,
  context: CopyContext,
  signal: AbortSignal,
): Promise<CopyResult> {
  const tally = new Tally(image.targetName, image.digest);
  await using _target = await image.target.pin(signal);
  await using _referrers = await (image.options.referrerTarget ?? image.target).pin(signal);
  using graph = new ImageGraph(image.options, context, carrier, tally, signal);
  await graph.copy({
    source: image.source,
    name: image.sourceName,
    target: image.target,
    targetName: image.targetName,
    digest: image.digest,
    descriptor: undefined,
    child: false,
    there: image.there,
    refersTo: undefined,
  });
  return tally.result();
}
