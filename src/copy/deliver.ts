import { messageOf } from "../base/failure.ts";
import type { Lease } from "../base/limiter.ts";
import { DigestMismatch, SizeMismatch } from "../oci/mismatch.ts";
import type { OpenContent, Repository } from "../oci/store.ts";
import { tapped } from "./blob-content.ts";
import type { BlobCopy, CopyContext } from "./blob.ts";
import type { BlobArrival, BlobLedger } from "./ledger.ts";
import { mountPlace, type Presence } from "./presence.ts";

/**
 * Writes a blob to its target: mounted where that works, or else with the content that `open` gives. Content that came
 * whole and wrong is opened once more. What a mount tells of the host is noted.
 *
 * The slots of the target must be held by `lease`. Throws what the target throws, and what opening throws.
 */
export async function deliver(
  copy: BlobCopy,
  presence: Presence,
  open: OpenContent,
  { log, ledger, progress, counted }: CopyContext,
  lease: Lease,
  signal: AbortSignal,
): Promise<BlobArrival> {
  const { blob, role, source, target } = copy;
  const names = { source: source.name, target: target.name };
  if (role === "config") log.info("Copy config", { ...names, digest: blob.digest });
  else log.info("Copy layer", { ...names, layer: blob.digest });
  using transfer = progress.blob(blob.digest, blob.sizeBytes);
  const content: OpenContent = async (opening, unsentBytes = 0) => {
    const written = counted.passage("written", target.host);
    let unsent = unsentBytes;
    const onMoved = (bytes: number): void => {
      transfer.moved(bytes);
      const skipped = Math.min(unsent, bytes);
      unsent -= skipped;
      written.add(bytes - skipped);
    };
    return tapped(await open(opening), onMoved, written);
  };
  const from = mountPlace(copy, presence, ledger);
  try {
    const { kind } = await target.writeBlob(blob, from, content, lease, signal);
    if (from !== undefined && from !== "nowhere") noteMount(copy, from, kind === "mounted", ledger);
    return from === target && kind === "mounted" ? "present" : kind;
  } catch (failure) {
    if (!isDamage(failure)) throw failure;
    log.warn("Content is damaged, fetching it once more", { digest: blob.digest, err: messageOf(failure) });
    return (await target.writeBlob(blob, undefined, content, lease, signal)).kind;
  }
}

/** Whether the content is wrong, rather than on its way. */
function isDamage(failure: unknown): boolean {
  return failure instanceof DigestMismatch || failure instanceof SizeMismatch;
}

function noteMount({ blob, source, target }: BlobCopy, from: Repository, mounted: boolean, ledger: BlobLedger): void {
  if (from === target) {
    if (mounted) ledger.mounting.foundOwn(target.host);
    return;
  }
  const wasSure = from.name === source.name || ledger.isHeld(from, blob.digest);
  if (mounted || wasSure) ledger.mounting.crossed(target.host, mounted);
  else ledger.forget(from, blob.digest);
}
