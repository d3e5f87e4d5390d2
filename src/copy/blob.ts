import { Interrupted, messageOf } from "../base/failure.ts";
import { takeAll } from "../base/limiter.ts";
import type { Log } from "../observe/log.ts";
import type { ImageProgress } from "../observe/progress.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { DigestMismatch, SizeMismatch } from "../oci/mismatch.ts";
import type { Download, OpenContent, Repository } from "../oci/store.ts";
import type { CopyMetrics } from "./copy-metrics.ts";
import type { BlobArrival, BlobLedger } from "./ledger.ts";
import { verified } from "./verify.ts";

/** What a blob is to the manifest that names it. */
export type BlobRole = "config" | "layer";

/** One blob to bring over. */
export interface BlobCopy {
  readonly blob: Descriptor;
  readonly role: BlobRole;
  readonly source: Repository;
  readonly target: Repository;
}

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
    if (await target.hasBlob(blob, signal)) return "present";
    return await ledger.send(target, blob.digest, () => send(copy, context, signal), signal);
  };
  try {
    const how = await ledger.arrive(target, blob.digest, bring, signal);
    counted.arrived(target.host, how);
    return how;
  } catch (failure) {
    if (!(failure instanceof Interrupted) && !signal.aborted) counted.failed(target.host);
    throw failure;
  }
}

async function send(
  { blob, role, source, target }: BlobCopy,
  context: CopyContext,
  signal: AbortSignal,
): Promise<BlobArrival> {
  const mountFrom = source.host === target.host ? source : context.ledger.homeOf(target, blob.digest);
  const urgency = (blob.sizeBytes ?? largeBlobBytes) < largeBlobBytes ? "small" : "large";
  using lease = await takeAll([...source.readLimiters, ...target.writeLimiters], signal, urgency);
  const names = { source: source.name, target: target.name };
  if (role === "config") context.log.info("Copy config", { ...names, digest: blob.digest });
  else context.log.info("Copy layer", { ...names, layer: blob.digest });
  using progress = context.progress.blob(blob.digest, blob.sizeBytes);
  const open: OpenContent = async (opening) => {
    const download = blob.data === undefined ? await source.openBlob(blob, lease, opening) : embedded(blob.data);
    const passed = context.counted.transfer(blob.data === undefined ? source.host : undefined, target.host);
    const counted = counting(download.chunks, (bytes) => {
      progress.moved(bytes);
      passed.add(bytes);
    });
    const close = async (): Promise<void> => {
      passed[Symbol.dispose]();
      await download[Symbol.asyncDispose]();
    };
    return { chunks: verified(blob, counted), [Symbol.asyncDispose]: close };
  };
  try {
    return (await target.writeBlob(blob, mountFrom, open, lease, signal)).kind;
  } catch (failure) {
    if (!isDamage(failure)) throw failure;
    context.log.warn("Content is damaged, fetching it once more", { digest: blob.digest, err: messageOf(failure) });
    return (await target.writeBlob(blob, undefined, open, lease, signal)).kind;
  }
}

/** Whether the content is wrong, rather than on its way. */
function isDamage(failure: unknown): boolean {
  return failure instanceof DigestMismatch || failure instanceof SizeMismatch;
}

function embedded(data: Uint8Array): Download {
  async function* one(): AsyncGenerator<Uint8Array, void> {
    yield data;
  }
  return { chunks: one(), [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function* counting(
  chunks: AsyncIterable<Uint8Array>,
  moved: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    moved(chunk.byteLength);
    yield chunk;
  }
}
