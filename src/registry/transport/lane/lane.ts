import type { Clock } from "../../../base/clock.ts";
import { onAbort } from "../../../base/on-abort.ts";
import { orAborted } from "../../../base/together.ts";
import { openSocket, type Way } from "../connector.ts";
import type { Wire, WireBody, WireRequest, WireResponse } from "../wire.ts";
import type { AnswerHead } from "./answer-head.ts";
import { unchunked } from "./chunked.ts";
import { Connection } from "./connection.ts";
import type { Rings } from "./ring.ts";

/** Connections stay open this long for the next request, in milliseconds. */
const keepAliveMs = 30_000;
/** Connections of one way that are kept. */
const mostIdle = 8;

interface Idle {
  readonly connection: Connection;
  readonly sinceMs: number;
}

/**
 * Carries blobs to and from one origin: HTTP/1.1 over connections of its own, through memory that is used again.
 *
 * The pieces of an answer's body are only valid until the second one after them is asked for, and those of a
 * request's body are not looked at any more once the next is asked for.
 */
export class Lane implements Wire {
  readonly copiesPieces = false;
  readonly #way: Way;
  readonly #rings: Rings;
  readonly #clock: Clock;
  readonly #connections = new Set<Connection>();
  #idle: Idle[] = [];
  #isClosed = false;

  constructor(way: Way, rings: Rings, clock: Clock) {
    this.#way = way;
    this.#rings = rings;
    this.#clock = clock;
  }

  async request(request: WireRequest): Promise<WireResponse> {
    for (;;) {
      const kept = this.#takeIdle();
      const connection = kept ?? (await this.#open(request.signal));
      const listening = onAbort(request.signal, () => connection.fail(new Error("the request was aborted")));
      try {
        const head = await connection.request(request, this.#way.origin.host);
        const body = new LaneBody(connection, head, () => {
          listening[Symbol.dispose]();
          this.#takeBack(connection);
        });
        return { statusCode: head.status, headers: head.headers, body };
      } catch (thrown) {
        listening[Symbol.dispose]();
        this.#takeBack(connection);
        // The other side may have closed a kept connection just when it was used again.
        const isWorthAnother = kept !== undefined && request.body === null && connection.wasClosedUnread;
        if (!isWorthAnother || request.signal.aborted) throw thrown;
      }
    }
  }

  /** Ends what is not in use, and the rest when it is not needed any more. */
  close(): void {
    this.#isClosed = true;
    for (const { connection } of this.#idle) connection.fail(new Error("the connection is not needed any more"));
    this.#idle = [];
  }

  /** Ends every connection at once. */
  destroy(): void {
    this.close();
    for (const connection of this.#connections) connection.fail(new Error("the client is closed"));
  }

  async #open(signal: AbortSignal): Promise<Connection> {
    const opening = this.#connect();
    try {
      return await orAborted(opening, signal);
    } catch (thrown) {
      // It may still come, and nobody waits for it any more.
      opening.then(
        (connection) => connection.fail(new Error("the request was aborted")),
        () => undefined,
      );
      throw thrown;
    }
  }

  async #connect(): Promise<Connection> {
    const connection = new Connection(this.#rings, this.#clock);
    const socket = await openSocket(this.#way, connection.onread, this.#clock);
    this.#connections.add(connection);
    socket.once("close", () => this.#connections.delete(connection));
    return connection.attach(socket);
  }

  #takeIdle(): Connection | undefined {
    this.#forgetOld();
    return this.#idle.pop()?.connection;
  }

  #takeBack(connection: Connection): void {
    this.#forgetOld();
    if (!connection.finish()) return;
    if (this.#isClosed || this.#idle.length >= mostIdle) connection.fail(new Error("too many connections are kept"));
    else this.#idle.push({ connection, sinceMs: this.#clock.monotonic() });
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.monotonic() - keepAliveMs;
    const isGood = ({ connection, sinceMs }: Idle): boolean => connection.isIdle && sinceMs > oldestMs;
    const old = this.#idle.filter((idle) => !isGood(idle));
    this.#idle = this.#idle.filter(isGood);
    for (const { connection } of old) connection.fail(new Error("the connection was not used for too long"));
  }
}

/** The body of an answer on the lane. */
class LaneBody implements WireBody {
  readonly #connection: Connection;
  readonly #head: AnswerHead;
  readonly #done: () => void;
  #isDone = false;

  constructor(connection: Connection, head: AnswerHead, done: () => void) {
    this.#connection = connection;
    this.#head = head;
    this.#done = done;
  }

  get destroyed(): boolean {
    return this.#isDone;
  }

  destroy(error?: Error): void {
    if (this.#isDone) return;
    if (error !== undefined) {
      this.#connection.fail(error); // whoever is reading still looks at the pieces
      return;
    }
    this.#isDone = true;
    this.#done();
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const raw = this.#pieces();
    return this.#head.framing.kind === "chunked" ? unchunked(raw) : raw;
  }

  async *#pieces(): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const piece = await this.#connection.next();
      if (piece === undefined) return;
      yield piece;
    }
  }
}
