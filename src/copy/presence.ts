import type { Descriptor } from "../oci/descriptor.ts";
import type { Repository } from "../oci/store.ts";
import type { BlobCopy } from "./blob.ts";
import type { BlobLedger } from "./ledger.ts";

/** Sending this much costs hardly more than asking whether it is there, and a few of them fit in memory, in bytes. */
const smallBlobBytes = 256 * 1024;

/** Whether a blob is so small that it is sent rather than asked for, and kept in memory until it has arrived. */
export function isSmall({ sizeBytes }: Descriptor): boolean {
  return sizeBytes !== undefined && sizeBytes <= smallBlobBytes;
}

/** Whether the target has a blob: `open` is found out by the request that opens the upload. */
export type Presence = "present" | "absent" | "open";

/**
 * Looks for a blob where that is worth a request.
 *
 * It is not in a repository that was not there when the run began; nor for a small blob; nor on a host that is known to
 * find the blob itself when it is asked to mount it. All of this can be wrong, and costs the bytes of the blob then.
 */
export async function lookFor(
  { blob, target, prospect }: BlobCopy,
  ledger: BlobLedger,
  signal: AbortSignal,
): Promise<Presence> {
  const { mounting } = ledger;
  if (!target.looksAreFree && prospect !== "likely") {
    if (ledger.isNew(target)) return "absent";
    if (isSmall(blob) || mounting.findsOwn(target.host)) return "open";
    const home = mounting.mounts(target.host) ? ledger.homeOf(target, blob.digest) : undefined;
    if (home !== undefined && ledger.isHeld(home, blob.digest)) return "open";
    if (prospect === "many" && (await ledger.askNewness(target, signal))) return "absent";
  }
  if (!(await target.hasBlob(blob, signal))) return "absent";
  ledger.learnNewness(target, false);
  return "present";
}

/**
 * The repository that a blob is to be mounted from: one that has it, or else the target itself where nobody looked;
 * `undefined` leaves it to the host to find one. From nowhere once the target missed the blob after it was brought: what
 * a host says of its own content is not worth much then.
 */
export function mountPlace(
  { blob, source, target }: BlobCopy,
  presence: Presence,
  ledger: BlobLedger,
): Repository | "nowhere" | undefined {
  if (ledger.isToBeSent(target, blob.digest)) return "nowhere";
  if (source.host === target.host) return target.neighbour(source.name) ?? source;
  return ledger.homeOf(target, blob.digest) ?? (presence === "open" ? target : undefined);
}
