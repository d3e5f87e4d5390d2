import type { Clock } from "../../../base/clock.ts";
import type { AnswerHead } from "./answer-head.ts";
import type { Connection } from "./connection.ts";

/** A connection stays open this long for the next request, in milliseconds. */
const keepAliveMs = 30_000;

/**
 * A connection that requests without a body use one after another, with one alarm for all of them: it moves on to what
 * is due when it rings, in place of being set anew for each.
 */
export class Seat implements Disposable {
  readonly #connection: Connection;
  readonly #clock: Clock;
  #alarm: Disposable | undefined;
  #alarmAtMs = Number.POSITIVE_INFINITY;
  #dueAtMs = 0;
  #overdue: () => Error = tooOld;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Whether another request may go out: nothing is under way, and it was in use not long ago. */
  get isGood(): boolean {
    return this.#connection.isIdle && this.#clock.monotonic() < this.#dueAtMs;
  }

  /** Sends the lines of a HEAD request. Rejects with `overdue` when no answer comes in time. Then `rest` is due. */
  ask(lines: string, limitMs: number, overdue: () => Error): Promise<AnswerHead> {
    this.#expect(limitMs, overdue);
    if (this.#dueAtMs < this.#alarmAtMs) this.#setAlarm();
    return this.#connection.ask(lines);
  }

  /** Nothing is asked for now. Whether another request may go out later. */
  rest(): boolean {
    this.#expect(keepAliveMs, tooOld);
    return this.#connection.finish();
  }

  /** Ends the connection, with this for whoever waits for an answer. */
  giveUp(failure: Error): void {
    this.#connection.fail(failure);
  }

  /** Nothing is due any more. */
  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
  }

  #expect(limitMs: number, overdue: () => Error): void {
    this.#dueAtMs = this.#clock.monotonic() + limitMs;
    this.#overdue = overdue;
  }

  #setAlarm(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarmAtMs = this.#dueAtMs;
    this.#alarm = this.#clock.after(this.#dueAtMs - this.#clock.monotonic(), () => {
      if (this.#clock.monotonic() < this.#dueAtMs) this.#setAlarm();
      else this.giveUp(this.#overdue());
    });
  }
}

function tooOld(): Error {
  return new Error("the connection was not used for too long");
}
