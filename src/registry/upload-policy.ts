import { Failure } from "../base/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { DigestMismatch } from "../oci/mismatch.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { refusalOf } from "./status.ts";
import type { UploadSession } from "./upload-session.ts";

/** How content is sent: in one request, in several that are held in memory, or in several that are not. */
export type Mode = "whole" | "pieces" | "stretches";

/** Blobs of so many stretches are worth going on with after a process was killed. */
const resumableStretches = 2;

/** Sessions that are opened for one blob at most. */
const mostAttempts = 4;

/**
 * How a blob is sent first: in one request unless the user or the host will not have it so, or in stretches when it
 * is large and somebody remembers uploads.
 */
export function firstMode(
  { host, remembersUploads, stretchBytes }: RepositoryAccess,
  { sizeBytes }: Descriptor,
  { chunkMaxBytes = Number.POSITIVE_INFINITY }: UploadSession,
): Mode {
  if (sizeBytes === undefined) return "pieces";
  if (host.blobMaxBytes >= 0 && sizeBytes > host.blobMaxBytes) return "pieces";
  const isResumable = remembersUploads && sizeBytes >= resumableStretches * stretchBytes;
  if (isResumable && chunkMaxBytes >= stretchBytes) return "stretches";
  return sizeBytes > chunkMaxBytes ? "pieces" : "whole";
}

/** How large the pieces of an upload are, in bytes: as the user says, within what the host takes. */
export function pieceBytes({ host, pieceLimitBytes }: RepositoryAccess, session: UploadSession): number {
  const wanted = Math.max(host.blobChunkBytes, session.chunkMinBytes ?? 0);
  return Math.max(1, Math.min(wanted, session.chunkMaxBytes ?? wanted, pieceLimitBytes));
}

/** Refusals of a body for its size or form, which smaller ones may escape. */
const unfitStatuses: ReadonlySet<number> = new Set([405, 411, 413, 501]);
/** Codes for a session that came to nothing, where another one may work. */
const lostCodes: ReadonlySet<string> = new Set(["BLOB_UPLOAD_INVALID", "BLOB_UPLOAD_UNKNOWN", "DIGEST_INVALID"]);

/** Whether the same may go well a little later. */
export function isPassing(failure: unknown): boolean {
  return failure instanceof Failure && failure.retryable && !(failure instanceof DigestMismatch);
}

/**
 * Whether it is a refusal in which no registry speaks: something in front of it refused, and may have done so for the
 * size. What asks for a login, or says that there is nothing, is not about the body.
 */
function isFromOutside(failure: unknown): boolean {
  const { status = 0, codes = [] } = refusalOf(failure) ?? {};
  return status >= 400 && ![401, 404].includes(status) && codes.length === 0 && !isPassing(failure);
}

/** How to go on after a failure; `undefined` when it would only fail again. */
export function nextMode(failure: unknown, mode: Mode, attempt: number): Mode | undefined {
  if (attempt === mostAttempts) return undefined;
  const { status = 0, codes = [] } = refusalOf(failure) ?? {};
  if (mode === "whole" && (unfitStatuses.has(status) || isFromOutside(failure))) return "pieces";
  // Hosts that take no such parts answer in many ways, and may take the whole.
  if (mode === "stretches" && !isPassing(failure) && status >= 400 && ![401, 403, 404].includes(status)) return "whole";
  const isLost = status === 404 || status === 416 || codes.some((code) => lostCodes.has(code));
  if (!isPassing(failure) && !isLost) return undefined;
  return mode !== "pieces" && attempt === 1 ? mode : "pieces";
}
