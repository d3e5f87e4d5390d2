import { Interrupted } from "../base/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { refusalOf, RegistryDenied } from "./status.ts";
import type { UploadContent } from "./upload-content.ts";
import type { UploadSession } from "./upload-session.ts";

/** Times an upload finds its place again, beyond one for every piece that went well. Spec: regsync.md §6.4. */
const mostRecoveries = 10;

/**
 * Uploads content in pieces of `pieceBytes`, each held in memory until the host has it. Answers as `commit` does.
 *
 * After a failure the host is asked how far it has come, and the rest of the piece is sent from there; when it does
 * not know any more, or what it says cannot be, the failure is thrown: the upload is lost. Spec: registry-protocol.md
 * §1.7 C, §7.5.
 */
export async function sendInPieces(
  session: UploadSession,
  blob: Descriptor,
  content: UploadContent,
  pieceBytes: number,
  signal: AbortSignal,
): Promise<boolean> {
  await using source = await content.open(signal);
  const sender = new PieceSender(session, signal);
  const buffer = Buffer.allocUnsafe(Math.min(pieceBytes, blob.sizeBytes ?? pieceBytes));
  let filled = 0;
  for await (const chunk of source) {
    for (let taken = 0; taken < chunk.byteLength; ) {
      const part = chunk.subarray(taken, taken + buffer.byteLength - filled);
      buffer.set(part, filled);
      taken += part.byteLength;
      filled += part.byteLength;
      if (filled < buffer.byteLength) continue;
      await sender.send(buffer);
      filled = 0;
    }
  }
  if (filled > 0) await sender.send(buffer.subarray(0, filled));
  return await session.commit(blob, { kind: "none" }, signal);
}

/** Sends pieces one after another, and knows where in the blob the next one begins. */
class PieceSender {
  readonly #session: UploadSession;
  readonly #signal: AbortSignal;
  #sentBytes = 0;
  #recoveries = 0;

  constructor(session: UploadSession, signal: AbortSignal) {
    this.#session = session;
    this.#signal = signal;
  }

  /** Sends a piece until the host has all of it. */
  async send(piece: Uint8Array): Promise<void> {
    const start = this.#sentBytes;
    const end = start + piece.byteLength;
    for (let at = start; at < end; ) at = await this.#advance(piece.subarray(at - start), at, start, end);
    this.#sentBytes = end;
  }

  /** Sends from `at` to the end of the piece; answers where the host stands then. */
  async #advance(rest: Uint8Array, at: number, start: number, end: number): Promise<number> {
    try {
      const confirmed = await this.#session.patch(rest, at, this.#signal);
      this.#recoveries = Math.max(0, this.#recoveries - 1);
      // A host may take less than it was sent. A place before what it just took means that it does not count.
      return confirmed !== undefined && confirmed > at && confirmed < end ? confirmed : end;
    } catch (failure) {
      if (!isRecoverable(failure) || this.#recoveries === mostRecoveries) throw failure;
      this.#recoveries += 1;
      const place = await this.#session.progress(this.#signal).catch(() => undefined);
      if (place === undefined || place < start || place > end) throw failure;
      return place;
    }
  }
}

/** Whether the host may still know the upload. */
function isRecoverable(failure: unknown): boolean {
  if (failure instanceof Interrupted || failure instanceof RegistryDenied) return false;
  return refusalOf(failure)?.status !== 404;
}
