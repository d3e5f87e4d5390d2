import { Interrupted } from "../base/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { RequestBody } from "./send.ts";
import type { UploadContent } from "./upload-content.ts";
import { Recovery } from "./upload-recovery.ts";
import type { UploadSession } from "./upload-session.ts";

/** An upload in stretches. */
export interface StretchedUpload {
  readonly session: UploadSession;
  readonly blob: Descriptor & { readonly sizeBytes: number };
  readonly content: UploadContent;
  /** Bytes that the host has already. */
  readonly place: number;
  readonly stretchBytes: number;
  /** Told how far the host has come, after each stretch. */
  readonly confirmed: (bytes: number) => void;
}

/**
 * Uploads content in stretches that pass through without being held, each confirmed by the host: whoever knows the
 * address of the upload can go on behind the last of them. Answers as `commit` does.
 *
 * The content is always read from its first byte, so that all of it is verified; what the host has is not sent.
 * After a failure the host is asked how far it has come, as with pieces. Spec: registry-protocol.md §7.5.
 */
export async function sendInStretches(upload: StretchedUpload, signal: AbortSignal): Promise<boolean> {
  const { session, blob, content, stretchBytes, confirmed } = upload;
  const recovery = new Recovery(session, (failure) => failure === content.failure?.thrown);
  await using reader = new StretchReader(content, signal);
  for (let at = upload.place; at < blob.sizeBytes; ) {
    const end = Math.min(at + stretchBytes, blob.sizeBytes);
    at = await recovery.advance(
      () => session.patch(reader.body(at, end), at, end, signal),
      { at, start: 0, end },
      signal,
    );
    confirmed(at);
  }
  // All of it was sent by somebody else: it is read all the same, since nobody here has seen that it is right.
  await reader.finish(blob.sizeBytes);
  return await session.commit(blob, { kind: "none" }, signal);
}

/** Reads content stretch by stretch, and anew from the first byte when another place is wanted than the next one. */
class StretchReader implements AsyncDisposable {
  readonly #content: UploadContent;
  /** Of the whole upload: the content outlives the request that opened it. */
  readonly #signal: AbortSignal;
  #source: (AsyncIterable<Uint8Array> & AsyncDisposable) | undefined;
  #chunks: AsyncIterator<Uint8Array> | undefined;
  /** What was read of the content and not handed out. */
  #rest: Uint8Array = new Uint8Array();
  #place = 0;

  constructor(content: UploadContent, signal: AbortSignal) {
    this.#content = content;
    this.#signal = signal;
  }

  /** The bytes from `start` to before `end`, as the body of a request. */
  body(start: number, end: number): RequestBody {
    return {
      kind: "stream",
      sizeBytes: end - start,
      mediaType: "application/octet-stream",
      open: async () => {
        await this.#moveTo(start);
        const taken = this.#take(end - start);
        return Object.assign(taken, { [Symbol.asyncDispose]: () => Promise.resolve() });
      },
    };
  }

  /** Reads to the end, so that the content has checked itself. */
  async finish(sizeBytes: number): Promise<void> {
    await this.#moveTo(sizeBytes);
    for await (const excess of this.#take(Number.POSITIVE_INFINITY)) {
      if (excess.byteLength > 0) throw new Error("content is longer than it was said to be");
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    await source?.[Symbol.asyncDispose]();
  }

  async #moveTo(place: number): Promise<void> {
    if (this.#source === undefined || this.#place !== place) {
      await this[Symbol.asyncDispose]();
      this.#source = await this.#content.open(this.#signal, place);
      this.#chunks = this.#source[Symbol.asyncIterator]();
      this.#rest = new Uint8Array();
      this.#place = 0;
    }
    for await (const _skipped of this.#take(place - this.#place)) {
      if (this.#signal.aborted) throw new Interrupted(this.#signal.reason);
    }
  }

  /** The next bytes, so many of them unless the content ends before. */
  async *#take(bytes: number): AsyncGenerator<Uint8Array, void> {
    let missing = bytes;
    while (missing > 0) {
      if (this.#rest.byteLength === 0) {
        const next = await this.#chunks?.next();
        if (next === undefined || next.done === true) return;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, Math.min(missing, this.#rest.byteLength));
      this.#rest = this.#rest.subarray(part.byteLength);
      this.#place += part.byteLength;
      missing -= part.byteLength;
      yield part;
    }
  }
}
