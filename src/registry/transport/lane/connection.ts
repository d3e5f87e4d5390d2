import type { OnReadOpts, Socket } from "node:net";
import type { Clock } from "../../../base/clock.ts";
import type { WireRequest } from "../wire.ts";
import { type AnswerHead, endOfHead, parseHead } from "./answer-head.ts";
import { requestHead } from "./request-head.ts";
import type { Ring, Rings } from "./ring.ts";

/**
 * Room for the first lines of an answer, doubled as long as they do not end: each connection has it, as long as it is.
 */
const headBytes = 4 * 1024;
/**
 * Bytes that one connection may bring in one turn of the event loop. Node goes on reading while there is more, and what
 * is read is hashed and sent on at once, so that a fast host kept everything else waiting for two hundred milliseconds;
 * with this it is a fifth of that. A quarter of it costs a twelfth more of the processor's time.
 */
const turnBytes = 4 * 1024 * 1024;

/** What of an answer's body has not come yet. */
interface Inflow {
  readonly ring: Ring;
  readonly endsWithConnection: boolean;
  /** Infinite when only the content or the connection says where the body ends. */
  missingBytes: number;
}

/** The other side ended the connection where it should not have. */
function closedEarly(): Error {
  return Object.assign(new Error("other side closed"), { code: "ECONNRESET" });
}

/**
 * One connection of the lane, and the exchange that it carries. Reads into memory that is used again, and no faster
 * than the body is taken; writes no faster than the other side takes it.
 *
 * The memory for the next read is asked for right after each read, so it only ever changes inside of `#arrived`.
 */
export class Connection {
  /** To make the socket with. */
  readonly onread: OnReadOpts = { buffer: () => this.#inlet, callback: (bytes) => this.#arrived(bytes) };
  readonly #rings: Rings;
  readonly #clock: Clock;
  #socket: Socket | undefined;
  #head = Buffer.allocUnsafeSlow(headBytes);
  #headFilled = 0;
  #answer: PromiseWithResolvers<AnswerHead> | undefined;
  #inflow: Inflow | undefined;
  /** Of whoever waits for the next piece; `undefined` when nobody does. */
  #waiting: PromiseWithResolvers<void> | undefined;
  #failure: Error | undefined;
  #isStopped = false;
  /** Bytes of a body that came since everything else last had its turn. */
  #broughtBytes = 0;
  #hasEnded = false;
  #hasSentAll = false;
  #hasAnswered = false;
  /** Whether the answer has no body, whatever it says of one. */
  #isBodyless = false;
  /** Whether more came than belongs to the answer. */
  #hasExcess = false;
  #keepsAlive = false;

  constructor(rings: Rings, clock: Clock) {
    this.#rings = rings;
    this.#clock = clock;
  }

  /** Begins to use the socket that was made with `onread`. */
  attach(socket: Socket): this {
    this.#socket = socket;
    socket.on("error", (error) => this.fail(error));
    socket.on("end", () => this.#end());
    socket.on("close", () => this.fail(closedEarly()));
    return this;
  }

  /** Whether the connection can carry another request. */
  get isIdle(): boolean {
    const isDone = this.#answer === undefined && this.#inflow === undefined;
    return isDone && this.#failure === undefined && !this.#hasEnded;
  }

  /** Whether the other side ended it without a byte of an answer. */
  get wasClosedUnread(): boolean {
    return this.#failure !== undefined && this.#headFilled === 0 && !this.#hasAnswered;
  }

  /** Ends the connection, with this for whoever waits for something on it. */
  fail(error: Error): void {
    this.#failure ??= error;
    this.#socket?.destroy();
    this.#answer?.reject(this.#failure);
    this.#answer = undefined;
    this.#wake();
  }

  /** Sends a request and waits for the head of its answer, which may come before all is sent: the rest is not, then. */
  async request(request: WireRequest, host: string): Promise<AnswerHead> {
    const head = requestHead(request, host);
    const answer = this.#begin(request.method === "HEAD");
    this.#send(head, request).catch((thrown: unknown) => this.fail(thrown instanceof Error ? thrown : closedEarly()));
    return await answer;
  }

  /** Sends the lines of a HEAD request and waits for its answer, after which `finish` is due as ever. */
  ask(lines: string): Promise<AnswerHead> {
    const answer = this.#begin(true);
    this.#socket?.write(lines, "latin1");
    this.#hasSentAll = true;
    return answer;
  }

  /** The next piece of the body, `undefined` at its end. See `Ring` for how long it is valid. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const inflow = this.#inflow;
      if (inflow === undefined) return undefined;
      const piece = inflow.ring.take();
      if (this.#isStopped && this.#mayRead(inflow)) this.#goOn();
      if (piece !== undefined) return piece;
      if (inflow.missingBytes === 0 || (this.#hasEnded && inflow.endsWithConnection)) return undefined;
      if (this.#failure !== undefined) throw this.#failure;
      this.#waiting ??= Promise.withResolvers();
      await this.#waiting.promise;
    }
  }

  /**
   * Nothing more of the answer is wanted: its pieces are not valid any more. Whether the connection is as good as
   * new; it is ended otherwise.
   */
  finish(): boolean {
    const inflow = this.#inflow;
    const isWhole = inflow === undefined || inflow.missingBytes === 0;
    if (!isWhole || !this.#hasSentAll || !this.#keepsAlive || this.#hasExcess) this.fail(closedEarly());
    this.#inflow = undefined;
    if (inflow !== undefined) this.#rings.giveBack(inflow.ring);
    return this.isIdle;
  }

  #begin(isBodyless: boolean): Promise<AnswerHead> {
    this.#isBodyless = isBodyless;
    this.#hasSentAll = false;
    this.#hasAnswered = false;
    const answer = Promise.withResolvers<AnswerHead>();
    this.#answer = answer;
    if (this.#failure !== undefined) this.fail(this.#failure);
    return answer.promise;
  }

  async #send(head: string, { body, headers }: WireRequest): Promise<void> {
    const announced = Number(headers["content-length"] ?? 0);
    let sent = 0;
    await this.#write(Buffer.from(head, "latin1"));
    for await (const piece of body === null ? [] : body instanceof Uint8Array ? [body] : body) {
      sent += piece.byteLength;
      if (sent > announced) throw new Error("content is longer than it was said to be");
      if (this.#answer === undefined) return;
      await this.#write(piece);
    }
    if (sent < announced) throw new Error("content is shorter than it was said to be");
    this.#hasSentAll = true;
  }

  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== undefined || this.#socket === undefined) return reject(this.#failure ?? closedEarly());
      this.#socket.write(bytes, (error) => {
        if (error === null || error === undefined) resolve();
        else reject(this.#failure ?? error);
      });
    });
  }

  get #inlet(): Uint8Array {
    if (this.#inflow !== undefined && this.#inflow.missingBytes > 0) return this.#inflow.ring.inlet;
    return this.#head.subarray(this.#headFilled);
  }

  /** Bytes came into the inlet. Whether more may come. */
  #arrived(bytes: number): boolean {
    try {
      if (this.#inflow !== undefined && this.#inflow.missingBytes > 0) return this.#arrivedOf(this.#inflow, bytes);
      this.#headFilled += bytes;
      if (this.#answer === undefined) this.#hasExcess = true;
      if (this.#hasExcess) this.#refuseExcess();
      else this.#readHead();
      return true;
    } catch (thrown) {
      this.fail(thrown instanceof Error ? thrown : closedEarly());
      return true;
    }
  }

  #arrivedOf(inflow: Inflow, bytes: number): boolean {
    const wanted = Math.min(bytes, inflow.missingBytes);
    inflow.missingBytes -= wanted;
    if (wanted < bytes) this.#hasExcess = true;
    inflow.ring.fill(wanted);
    if (this.#broughtBytes === 0) this.#clock.soon(() => this.#endTurn());
    this.#broughtBytes += wanted;
    this.#wake();
    this.#isStopped = inflow.missingBytes > 0 && !this.#mayRead(inflow);
    return !this.#isStopped;
  }

  #mayRead({ ring }: Inflow): boolean {
    return ring.hasRoom && this.#broughtBytes < turnBytes;
  }

  /** Everything else has had its turn. */
  #endTurn(): void {
    this.#broughtBytes = 0;
    if (this.#isStopped && this.#inflow !== undefined && this.#mayRead(this.#inflow)) this.#goOn();
  }

  /** What was not asked for is not kept, and whoever sends it is not asked again. */
  #refuseExcess(): void {
    this.#headFilled = 0;
    if (this.#inflow === undefined) this.fail(closedEarly());
  }

  #readHead(): void {
    for (;;) {
      const received = this.#head.subarray(0, this.#headFilled);
      const end = endOfHead(received);
      if (end === undefined) {
        if (this.#headFilled === this.#head.byteLength) this.#head = Buffer.concat([this.#head], 2 * this.#headFilled);
        return;
      }
      const head = parseHead(received.subarray(0, end));
      const rest = received.subarray(end);
      if (head.status >= 200) {
        this.#beginBody(head, rest);
        return;
      }
      this.#head.copyWithin(0, end, this.#headFilled);
      this.#headFilled -= end;
    }
  }

  #beginBody(head: AnswerHead, rest: Uint8Array): void {
    const { framing } = head;
    const isEmpty = this.#isBodyless || framing.kind === "none";
    const length = isEmpty ? 0 : framing.kind === "length" ? framing.bytes : Number.POSITIVE_INFINITY;
    const early = rest.subarray(0, length);
    this.#hasExcess = early.byteLength < rest.byteLength;
    this.#keepsAlive = head.keepsAlive;
    this.#headFilled = 0;
    if (length > 0) {
      const ring = this.#rings.take();
      ring.copyIn(early);
      const endsWithConnection = framing.kind === "close";
      this.#inflow = { ring, endsWithConnection, missingBytes: length - early.byteLength };
    }
    this.#hasAnswered = true;
    this.#answer?.resolve(head);
    this.#answer = undefined;
  }

  #end(): void {
    this.#hasEnded = true;
    const inflow = this.#inflow;
    const isExpected = inflow !== undefined && (inflow.endsWithConnection || inflow.missingBytes === 0);
    if (isExpected) this.#wake();
    else this.fail(closedEarly());
  }

  #goOn(): void {
    this.#isStopped = false;
    this.#socket?.resume();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
