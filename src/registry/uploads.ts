import { Failure, Interrupted } from "../base/failure.ts";
import type { Lease } from "../base/limiter.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { BlobWrite, OpenContent } from "../oci/store.ts";
import { hasBlob } from "./blobs.ts";
import { RegistryAnswerInvalid } from "./failures.ts";
import { sendInPieces } from "./pieces.ts";
import { question, type RepositoryAccess } from "./repository-access.ts";
import { RegistryStatus } from "./status.ts";
import { UploadContent } from "./upload-content.ts";
import { sendInStretches } from "./stretches.ts";
import { firstMode, isPassing, type Mode, nextMode, pieceBytes } from "./upload-policy.ts";
import { type Opening, UploadSession } from "./upload-session.ts";

/** Where the host may take a blob from instead of being sent it: a repository, or any when that is `undefined`. */
type Mount = "never" | { readonly from: string | undefined };

/**
 * Brings a blob into a repository: mounted when it may be and the host has it there, uploaded otherwise, from where an
 * earlier upload of it had stopped if that is still known.
 *
 * `open` is called once per attempt, only after the host agreed to an upload. An upload that fails is cancelled, and
 * tried again in a session of its own when the failure may pass; in pieces when in one request it will not go. What
 * the content itself throws is thrown as it is. Throws `REGISTRY_DENIED`, `REGISTRY_STATUS` and so on.
 * Spec: regsync.md §6.4, registry-protocol.md §1.7, §7.5, §10.2.
 */
export async function writeBlob(
  access: RepositoryAccess,
  blob: Descriptor,
  mount: Mount,
  open: OpenContent,
  lease: Lease,
  signal: AbortSignal,
): Promise<BlobWrite> {
  const isThere = (): Promise<boolean> => hasBlob(access, blob, lease, signal);
  let upload = await resumeUpload(access, blob, lease, signal);
  if (upload === undefined) {
    const opening = await tryMount(access, blob, mount, lease, signal);
    if (opening?.kind === "mounted") return { kind: "mounted" };
    upload = begun(opening?.session ?? (await UploadSession.start(access, blob, lease, signal)));
  }
  let mode = firstMode(access, blob, upload.session);
  for (let attempt = 1; ; attempt++) {
    const content = new UploadContent(open);
    try {
      const isSure = await sendIn(mode, upload, access, blob, content, signal);
      if (!isSure && !(await isThere())) throw notThere(access, blob);
      access.forgetUpload(blob.digest);
      return sent(upload);
    } catch (failure) {
      // The host may have everything, and only its answer got lost.
      if (content.isRead && isPassing(failure) && (await isThere().catch(() => false))) {
        access.forgetUpload(blob.digest);
        return sent(upload);
      }
      const isKept = signal.aborted && access.findUpload(blob.digest) !== undefined;
      if (!isKept) await forsake(upload.session, access, blob);
      if (signal.aborted) throw new Interrupted(signal.reason);
      const next = nextMode(failure, mode, attempt);
      if (next === undefined || failure === content.failure?.thrown) throw failure;
      mode = next;
    }
    upload = begun(await UploadSession.start(access, blob, lease, signal));
  }
}

/** An upload, and how many bytes of the blob the host had when we came to it. */
interface Upload {
  readonly session: UploadSession;
  readonly place: number;
}

function begun(session: UploadSession): Upload {
  return { session, place: 0 };
}

/** How a blob came to be there by an upload that is through. */
function sent({ place }: Upload): BlobWrite {
  return { kind: place > 0 ? "resumed" : "uploaded" };
}

async function forsake(session: UploadSession, access: RepositoryAccess, blob: Descriptor): Promise<void> {
  access.forgetUpload(blob.digest);
  await session.cancel();
}

/** The upload that an earlier process left, if the host still knows it and how far it came. */
async function resumeUpload(
  access: RepositoryAccess,
  blob: Descriptor,
  lease: Lease,
  signal: AbortSignal,
): Promise<Upload | undefined> {
  const kept = access.findUpload(blob.digest);
  if (kept === undefined) return undefined;
  const facts = { target: access.name, digest: blob.digest };
  const session = UploadSession.at(kept.location, access, lease);
  try {
    const place = await session?.progress(signal);
    if (session !== undefined && place !== undefined && place <= (blob.sizeBytes ?? 0)) {
      access.log.info("Upload goes on where it stopped", { ...facts, bytes: place });
      return { session, place };
    }
  } catch (failure) {
    if (signal.aborted || !(failure instanceof Failure)) throw failure;
    access.log.debug("Upload cannot be gone on with", { ...facts, err: failure.message });
  }
  access.log.info("Upload starts over, the registry has forgotten what was sent of it", facts);
  access.forgetUpload(blob.digest);
  return undefined;
}

function sendIn(
  mode: Mode,
  { session, place }: Upload,
  access: RepositoryAccess,
  blob: Descriptor,
  content: UploadContent,
  signal: AbortSignal,
): Promise<boolean> {
  const { sizeBytes } = blob;
  if (sizeBytes === undefined || (mode === "pieces" && place === 0)) {
    return sendInPieces(session, blob, content, pieceBytes(access, session), signal);
  }
  if (mode === "stretches" || place > 0) {
    const confirmed = (offsetBytes: number): void => {
      access.noteUpload(blob.digest, { location: session.location, offsetBytes });
    };
    const { stretchBytes } = access;
    return sendInStretches({ session, blob: { ...blob, sizeBytes }, content, place, stretchBytes, confirmed }, signal);
  }
  const open = (opening: AbortSignal) => content.open(opening);
  const body = { kind: "stream", sizeBytes, mediaType: "application/octet-stream", open } as const;
  return session.commit(blob, body, signal);
}

/** A mount that does not work is no failure: the blob is uploaded then. */
async function tryMount(
  access: RepositoryAccess,
  blob: Descriptor,
  mount: Mount,
  lease: Lease,
  signal: AbortSignal,
): Promise<Opening | undefined> {
  if (mount === "never") return undefined;
  const { from } = mount;
  if (from === undefined && !access.mountsAnonymously) return undefined;
  try {
    return await UploadSession.mount(access, blob, from, lease, signal);
  } catch (failure) {
    if (signal.aborted || !(failure instanceof Failure)) throw failure;
    if (from === undefined && isLastingRefusal(failure)) access.forgoAnonymousMounts();
    return undefined;
  }
}

/** Whether the host would refuse the same of every other blob and repository. */
function isLastingRefusal(failure: Failure): boolean {
  return failure instanceof RegistryStatus && !failure.retryable && failure.refusal.status !== 404;
}

function notThere(access: RepositoryAccess, blob: Descriptor): RegistryAnswerInvalid {
  const { url } = access.requestTo(question("PUT", `blobs/${blob.digest}`));
  return new RegistryAnswerInvalid("PUT", url, "the upload was accepted, and the blob is not there");
}
