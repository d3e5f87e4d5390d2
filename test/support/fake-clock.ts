import { Interrupted } from "../../src/base/failure.ts";
import { type Clock, systemClock } from "../../src/base/clock.ts";

interface Alarm {
  readonly atMs: number;
  readonly act: () => void;
}

/** A clock that moves when told to, or when somebody sleeps: sleeping takes no time and is written down. */
export class FakeClock implements Clock {
  #nowMs: number;
  #setByMs = 0;
  readonly #alarms = new Set<Alarm>();
  /** What was slept, in milliseconds, in order. */
  readonly slept: number[] = [];

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs;
  }

  now(): number {
    return this.#nowMs + this.#setByMs;
  }

  monotonic(): number {
    return this.#nowMs;
  }

  async sleep(ms: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Interrupted(signal.reason);
    this.slept.push(ms);
    this.advance(ms);
  }

  after(ms: number, act: () => void): Disposable {
    const alarm = { atMs: this.#nowMs + ms, act };
    this.#alarms.add(alarm);
    return { [Symbol.dispose]: () => this.#alarms.delete(alarm) };
  }

  /** Turns of the event loop are no time. */
  soon(act: () => void): void {
    systemClock.soon(act);
  }

  /** Sets the clock on the wall by so much, forward or back, as an operator does; no time passes. */
  set(ms: number): void {
    this.#setByMs += ms;
  }

  /** Alarms that have neither rung nor been disposed: what a leak would look like. */
  get alarms(): number {
    return this.#alarms.size;
  }

  /** Lets time pass, ringing the alarms that fall due, the earliest first. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (let alarm = this.#earliest(untilMs); alarm !== undefined; alarm = this.#earliest(untilMs)) {
      this.#alarms.delete(alarm);
      this.#nowMs = Math.max(this.#nowMs, alarm.atMs);
      alarm.act();
    }
    this.#nowMs = untilMs;
  }

  #earliest(untilMs: number): Alarm | undefined {
    return [...this.#alarms].filter(({ atMs }) => atMs <= untilMs).toSorted((a, b) => a.atMs - b.atMs)[0];
  }
}
