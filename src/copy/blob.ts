import { Interrupted } from "../base/failure.ts";
import { takeAll, type Urgency } from "../base/limiter.ts";
import type { Log } from "../observe/log.ts";
import type { ImageProgress } from "../observe/progress.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Repository } from "../oci/store.ts";
import { contentOf } from "./blob-content.ts";
import type { CopyMetrics } from "./copy-metrics.ts";
import { deliver } from "./deliver.ts";
import type { BlobArrival, BlobLedger } from "./ledger.ts";
import { lookFor, type Presence } from "./presence.ts";

/** What a blob is to the manifest that names it. */
export type BlobRole = "config" | "layer";

/** One blob to bring over. */
export interface BlobCopy {
  readonly blob: Descriptor;
  readonly role: BlobRole;
  readonly source: Repository;
  readonly target: Repository;
  /** What is known of the target before it is asked. */
  readonly prospect: Prospect;
}

/**
 * How likely the target has a blob: `likely` when it has the manifest that names it; `open` when nothing is known;
 * `many` when besides this one other large blobs are in doubt, so that one question about the repository is cheaper
 * than one about each.
 */
export type Prospect = "likely" | "open" | "many";

/** What every blob and manifest of one image's copy shares. */
export interface CopyContext {
  readonly log: Log;
  readonly ledger: BlobLedger;
  readonly progress: ImageProgress;
  readonly counted: CopyMetrics;
}

/** Blobs above this wait behind smaller requests for their hosts' slots, in bytes. */
const largeBlobBytes = 4 * 1024 * 1024;

/**
 * Brings one blob from a repository to another: left alone when it is there, mounted when the target's host has it
 * elsewhere, streamed otherwise.
 *
 * The target gets the last byte only after every byte matched the descriptor; content that came whole and wrong is
 * fetched once more. Throws what the two stores throw, `DIGEST_MISMATCH` and `SIZE_MISMATCH`.
 * Spec: regsync.md §6.3.
 */
export async function copyBlob(copy: BlobCopy, context: CopyContext, signal: AbortSignal): Promise<BlobArrival> {
  const { blob, target } = copy;
  const { counted, ledger } = context;
  const bring = async (): Promise<BlobArrival> => {
    const presence = await lookFor(copy, ledger, signal);
    if (presence === "present") return "present";
    return await ledger.send(target, blob.digest, () => carry(copy, presence, context, signal), signal);
  };
  return await countArrival(ledger.arrive(target, blob.digest, bring, signal), target.host, counted, signal);
}

/** Counts what became of a blob. */
export async function countArrival(
  arrival: Promise<BlobArrival>,
  host: string,
  counted: CopyMetrics,
  signal: AbortSignal,
): Promise<BlobArrival> {
  try {
    const how = await arrival;
    counted.arrived(host, how);
    return how;
  } catch (failure) {
    if (!(failure instanceof Interrupted) && !signal.aborted) counted.failed(host);
    throw failure;
  }
}

/** Carries a blob that was looked for, when its hosts have room. Otherwise as `copyBlob`. */
export async function carry(
  copy: BlobCopy,
  presence: Presence,
  context: CopyContext,
  signal: AbortSignal,
): Promise<BlobArrival> {
  const { blob, source, target } = copy;
  using lease = await takeAll([...source.readLimiters, ...target.writeLimiters], signal, urgencyOf(blob));
  return await deliver(copy, presence, contentOf(blob, source, context, lease), context, lease, signal);
}

/** Who goes first when several wait for the same hosts. */
export function urgencyOf({ sizeBytes = largeBlobBytes }: Descriptor): Urgency {
  return sizeBytes < largeBlobBytes ? "small" : "large";
}
