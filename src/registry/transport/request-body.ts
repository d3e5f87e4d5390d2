import type { RequestBody } from "../send.ts";
import type { Watchdog } from "./watchdog.ts";

/** Bytes above this go out in pieces, so that it can be seen whether they move. */
const pieceBytes = 64 * 1024;

/** Limits and alarm for a body that is sent piece by piece. */
export interface Sending {
  /** Whether pieces are needed longer than the source lets them be. */
  readonly copies: boolean;
  readonly watchdog: Watchdog;
  /** The host took nothing for this long. */
  readonly stallMs: number;
  /** The host has everything and does not answer. */
  readonly answerMs: number;
  /** Called when one of the limits is reached. */
  readonly stalled: (what: string, limitMs: number) => void;
}

/** A request's body on its way out. Dispose it when there is an answer, or none will come. */
export interface OutgoingBody extends AsyncDisposable {
  readonly content: Uint8Array | AsyncIterable<Uint8Array> | null;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the wait for the answer is watched here. */
  readonly watched: boolean;
  /** What the content itself failed with, which is no failure of the host. */
  readonly failure: { readonly thrown: unknown } | undefined;
}

/** Opens the body of a request, anew for each attempt. */
export async function openBody(body: RequestBody, sending: Sending, signal: AbortSignal): Promise<OutgoingBody> {
  switch (body.kind) {
    case "none":
      return unwatched(null, {});
    case "bytes": {
      const headers = headersOf(body.mediaType, body.bytes.byteLength);
      if (body.bytes.byteLength <= pieceBytes) return unwatched(body.bytes, headers);
      return new WatchedBody(inPieces(body.bytes), headers, sending);
    }
    case "stream": {
      const source = await body.open(signal);
      const watched = new WatchedBody(source, headersOf(body.mediaType, body.sizeBytes), sending);
      return body.sizeBytes === 0 ? await emptied(watched) : watched;
    }
  }
}

class WatchedBody implements OutgoingBody {
  readonly #source: AsyncIterable<Uint8Array> & AsyncDisposable;
  readonly #sending: Sending;
  readonly headers: Readonly<Record<string, string>>;
  readonly watched = true;
  failure: { readonly thrown: unknown } | undefined;

  constructor(
    source: AsyncIterable<Uint8Array> & AsyncDisposable,
    headers: Readonly<Record<string, string>>,
    sending: Sending,
  ) {
    this.#source = source;
    this.headers = headers;
    this.#sending = sending;
  }

  get content(): AsyncIterable<Uint8Array> {
    return this.#pieces();
  }

  /** A piece is asked for when the connection took the one before: in between, it is the host that is waited for. */
  async *#pieces(): AsyncGenerator<Uint8Array, void> {
    const { copies, watchdog, stallMs, answerMs, stalled } = this.#sending;
    try {
      for await (const piece of this.#source) {
        watchdog.expect(stallMs, () => stalled("taken a byte of what is sent", stallMs));
        yield copies ? Buffer.from(piece) : piece;
        watchdog.rest();
      }
    } catch (thrown) {
      this.failure = { thrown };
      throw thrown;
    }
    watchdog.expect(answerMs, () => stalled("answered what was sent", answerMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source[Symbol.asyncDispose]();
  }
}

/** Lets a source of no bytes check that it has none. */
async function emptied(body: WatchedBody): Promise<OutgoingBody> {
  await using source = body;
  for await (const piece of source.content) {
    if (piece.byteLength > 0) throw new Error("content was said to be empty and is not");
  }
  return unwatched(new Uint8Array(), body.headers);
}

function unwatched(content: Uint8Array | null, headers: Readonly<Record<string, string>>): OutgoingBody {
  return { content, headers, watched: false, failure: undefined, [Symbol.asyncDispose]: () => Promise.resolve() };
}

function headersOf(mediaType: string, sizeBytes: number): Readonly<Record<string, string>> {
  return { "content-type": mediaType, "content-length": String(sizeBytes) };
}

function inPieces(bytes: Uint8Array): AsyncIterable<Uint8Array> & AsyncDisposable {
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    for (let at = 0; at < bytes.byteLength; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
  }
  return Object.assign(pieces(), { [Symbol.asyncDispose]: () => Promise.resolve() });
}
