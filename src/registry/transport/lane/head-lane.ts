import type { Clock } from "../../../base/clock.ts";
import { onAbort } from "../../../base/on-abort.ts";
import { orAborted } from "../../../base/together.ts";
import { openSocket, type Way } from "../connector.ts";
import type { AnswerHead } from "./answer-head.ts";
import { Connection } from "./connection.ts";
import { headerLines, requestLine } from "./request-head.ts";
import type { Rings } from "./ring.ts";
import { Seat } from "./seat.ts";

/** A HEAD request as it goes out. */
export interface HeadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** From asking to the answer. */
  readonly limitMs: number;
  /** What is thrown when it takes longer. */
  readonly stalled: () => Error;
  readonly signal: AbortSignal;
}

/**
 * Carries HEAD requests to one origin, one at a time on each connection: most of what a mirror asks that is up to
 * date. There are as many connections as requests were under way at once; the one used last is used first.
 */
export class HeadLane {
  readonly #way: Way;
  readonly #rings: Rings;
  readonly #clock: Clock;
  readonly #seats = new Set<Seat>();
  /** Those that nothing is asked on, the one used last at the end. */
  #idle: Seat[] = [];
  #isClosed = false;
  /** The headers of the last request, and what was written for them: those of the next are likely to be the same. */
  #written: { readonly headers: HeadRequest["headers"]; readonly lines: string } | undefined;

  constructor(way: Way, rings: Rings, clock: Clock) {
    this.#way = way;
    this.#rings = rings;
    this.#clock = clock;
  }

  /** Throws the errors of the connection as they are, and any error once the signal aborted. */
  async ask({ path, headers, limitMs, stalled, signal }: HeadRequest): Promise<AnswerHead> {
    const lines = requestLine("HEAD", path) + this.#linesOf(headers);
    const seat = this.#takeIdle() ?? (await this.#open(signal));
    const listening = onAbort(signal, () => seat.giveUp(new Error("the request was aborted")));
    try {
      return await seat.ask(lines, limitMs, stalled);
    } finally {
      listening[Symbol.dispose]();
      this.#takeBack(seat);
    }
  }

  /** Ends what is not in use, and the rest when it is not needed any more. */
  close(): void {
    this.#isClosed = true;
    for (const seat of this.#idle) seat.giveUp(new Error("the connection is not needed any more"));
    this.#idle = [];
  }

  /** Ends every connection at once. */
  destroy(): void {
    this.close();
    for (const seat of this.#seats) seat.giveUp(new Error("the client is closed"));
  }

  #linesOf(headers: HeadRequest["headers"]): string {
    if (this.#written?.headers === headers) return this.#written.lines;
    const lines = headerLines(headers, this.#way.origin.host);
    this.#written = { headers, lines };
    return lines;
  }

  async #open(signal: AbortSignal): Promise<Seat> {
    const opening = this.#connect();
    try {
      return await orAborted(opening, signal);
    } catch (thrown) {
      // Somebody else may use it if it still comes.
      opening.then(
        (seat) => this.#takeBack(seat),
        () => undefined,
      );
      throw thrown;
    }
  }

  async #connect(): Promise<Seat> {
    const connection = new Connection(this.#rings, this.#clock);
    const socket = await openSocket(this.#way, connection.onread, this.#clock);
    const seat = new Seat(connection.attach(socket), this.#clock);
    this.#seats.add(seat);
    socket.once("close", () => {
      this.#seats.delete(seat);
      seat[Symbol.dispose]();
    });
    return seat;
  }

  #takeIdle(): Seat | undefined {
    for (;;) {
      const seat = this.#idle.pop();
      if (seat === undefined || seat.isGood) return seat;
      seat.giveUp(new Error("the connection was not used for too long"));
    }
  }

  #takeBack(seat: Seat): void {
    if (!seat.rest()) return;
    if (this.#isClosed) seat.giveUp(new Error("the connection is not needed any more"));
    else this.#idle.push(seat);
  }
}
