import type { Clock } from "../../base/clock.ts";
import type { RequestBody } from "../send.ts";
import type { Watchdog } from "./watchdog.ts";

/** The least and the most that goes out at once, in bytes: whether it moves can only be seen in between. */
const leastPartBytes = 64 * 1024;
const mostPartBytes = 1024 * 1024;
/** A host that takes a part within this gets twice as much at once, in milliseconds. */
const quickMs = 100;
/** A host that takes longer than this for a part gets the least again, in milliseconds. */
const slowMs = 1_000;

/** Limits and alarm for a body that is sent piece by piece. */
export interface Sending {
  readonly clock: Clock;
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
      if (body.bytes.byteLength <= leastPartBytes) return unwatched(body.bytes, headers);
      return new WatchedBody(inOnePiece(body.bytes), headers, sending);
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
    return this.#parts();
  }

  /** A part is asked for when the connection took the one before: in between, it is the host that is waited for. */
  async *#parts(): AsyncGenerator<Uint8Array, void> {
    const { clock, copies, watchdog, stallMs, answerMs, stalled } = this.#sending;
    let partBytes = leastPartBytes;
    try {
      for await (const piece of this.#source) {
        for (let at = 0; at < piece.byteLength; ) {
          const part = piece.subarray(at, at + partBytes);
          at += part.byteLength;
          const givenAtMs = clock.monotonic();
          watchdog.expect(stallMs, () => stalled("taken a byte of what is sent", stallMs));
          yield copies ? Buffer.from(part) : part;
          watchdog.rest();
          const tookMs = clock.monotonic() - givenAtMs;
          if (tookMs > slowMs) partBytes = leastPartBytes;
          else if (tookMs < quickMs) partBytes = Math.min(2 * partBytes, mostPartBytes);
        }
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

function inOnePiece(bytes: Uint8Array): AsyncIterable<Uint8Array> & AsyncDisposable {
  return Object.assign(alone(bytes), { [Symbol.asyncDispose]: () => Promise.resolve() });
}

async function* alone(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  yield bytes;
}
