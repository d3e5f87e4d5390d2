import type { Descriptor } from "../oci/descriptor.ts";
import type { UploadContent } from "./upload-content.ts";
import { Recovery } from "./upload-recovery.ts";
import type { UploadSession } from "./upload-session.ts";

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
  readonly #recovery: Recovery;
  readonly #signal: AbortSignal;
  #sentBytes = 0;

  constructor(session: UploadSession, signal: AbortSignal) {
    this.#session = session;
    this.#recovery = new Recovery(session);
    this.#signal = signal;
  }

  /** Sends a piece until the host has all of it. */
  async send(piece: Uint8Array): Promise<void> {
    const start = this.#sentBytes;
    const end = start + piece.byteLength;
    for (let at = start; at < end; ) {
      const body = { kind: "bytes", bytes: piece.subarray(at - start), mediaType: "application/octet-stream" } as const;
      const send = () => this.#session.patch(body, at, end, this.#signal);
      at = await this.#recovery.advance(send, { at, start, end }, this.#signal);
    }
    this.#sentBytes = end;
  }
}
