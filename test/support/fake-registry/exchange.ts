import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { TLSSocket } from "node:tls";
import type { Answer, Reply } from "./reply.ts";

/** What a fake host remembers of a request. */
export interface RecordedRequest {
  readonly method: string;
  /** `http://127.0.0.1:5000`, as the client called the host. */
  readonly origin: string;
  /** Path and query, byte for byte as they were sent. */
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  /** Which connection it came on: 1 is the first that was opened. */
  readonly connection: number;
  /** Bytes of its body that have arrived. */
  readonly bodyBytes: number;
  /** What was answered, or `undefined` as long as nothing was, or when the connection was broken instead. */
  readonly status: number | undefined;
}

/** A request whose body may still be on its way. */
export interface Incoming {
  readonly request: RecordedRequest;
  /**
   * The request's body, or what has arrived of it once `leastBytes` are there. Reading it again gives it again.
   * Rejects when the client breaks off before that.
   */
  readBody(leastBytes?: number): Promise<Uint8Array>;
  /** Whatever arrived of the body so far. */
  bodySoFar(): Uint8Array;
}

/** One request, as the function that a test gives to answer it sees it. */
export interface Exchange extends Incoming {
  /** What the host does by nature, as if the body had been `body` when that is given. */
  usual(body?: Uint8Array): Promise<Reply>;
}

/**
 * Answers one request: always the same, or as the function says. (An `async` function whose only answer is a word
 * needs `: Promise<Answer>` behind its parameters, or the word is taken for any text.)
 */
export type Handler = Answer | ((exchange: Exchange) => Answer | Promise<Answer>);

/** What a host does by nature. */
export type Behaviour = (incoming: Incoming) => Reply | Promise<Reply>;

/** The answer that a handler gives. */
export async function play(handler: Handler, nature: Behaviour, incoming: Incoming): Promise<Answer> {
  if (typeof handler !== "function") return handler;
  const { request } = incoming;
  return await handler({
    request,
    readBody: (leastBytes) => incoming.readBody(leastBytes),
    bodySoFar: () => incoming.bodySoFar(),
    usual: async (body) => await nature(body === undefined ? incoming : withBody(request, body)),
  });
}

function withBody(request: RecordedRequest, body: Uint8Array): Incoming {
  return { request, readBody: () => Promise.resolve(body), bodySoFar: () => body };
}

/** The record of a request while it is still growing. */
export class ServerRequest implements RecordedRequest {
  readonly method: string;
  readonly origin: string;
  readonly target: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly connection: number;
  bodyBytes = 0;
  status: number | undefined;

  constructor(message: IncomingMessage, connection: number) {
    this.method = message.method ?? "";
    this.origin = `${message.socket instanceof TLSSocket ? "https" : "http"}://${message.headers.host}`;
    this.target = message.url ?? "";
    const [path = "", ...search] = this.target.split("?");
    this.path = path;
    this.query = new URLSearchParams(search.join("?"));
    this.headers = message.headers;
    this.connection = connection;
  }
}

/** A request that comes over a real connection. */
export class ServerIncoming implements Incoming {
  readonly request: ServerRequest;
  readonly #arriving: AsyncIterator<Buffer>;
  #chunks: Buffer[] = [];
  #ended = false;

  constructor(request: ServerRequest, message: IncomingMessage) {
    this.request = request;
    this.#arriving = message[Symbol.asyncIterator]();
  }

  async readBody(leastBytes = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    while (!this.#ended && this.request.bodyBytes < leastBytes) {
      const { done, value } = await this.#arriving.next();
      if (done === true) {
        this.#ended = true;
      } else {
        this.#chunks.push(value);
        this.request.bodyBytes += value.byteLength;
      }
    }
    return this.bodySoFar();
  }

  bodySoFar(): Uint8Array {
    this.#chunks = [Buffer.concat(this.#chunks)];
    return this.#chunks[0] ?? Buffer.alloc(0);
  }

  /** Takes the rest of a body that was read in part, so that the connection can be used again. */
  async drain(): Promise<void> {
    if (this.request.bodyBytes > 0) await this.readBody();
  }
}
