import type { Clock } from "../base/clock.ts";
import type { Log } from "../observe/log.ts";
import { type Due, DueHeap } from "./due-heap.ts";
import type { Timing } from "./timing.ts";

/**
 * The longest time between two looks, in milliseconds: so late a machine that slept, or whose clock was set, is
 * noticed at most, and so long at least the liveness check must be patient.
 */
export const longestLookMs = 5_000;

/** A clock that is set back by less has not been wrong before, and nothing runs twice; as cron daemons do it. */
const setBackMs = 3 * 3_600_000;
/** Clocks are moved by less all the time; in milliseconds. */
const toleranceMs = 1_000;
/** When something is due that has no further time. */
const never = Number.POSITIVE_INFINITY;

interface Appointment extends Due {
  readonly timing: Timing;
  readonly act: (dueMs: number) => void;
  /** Is not due any more, and leaves the heap in time. */
  gone: boolean;
}

/**
 * Calls who is due, at every time of each one's timing, from one timer.
 *
 * Nothing runs twice and nothing is lost, whatever the clock on the wall does: what became due while the machine slept
 * or the clock jumped forward runs once; what follows counts on from then. Intervals do not follow a clock that is set
 * back. Times of the calendar that come a second time do not count, unless the clock was hours ahead and thus wrong.
 */
export class Scheduler implements Disposable {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #appointments = new DueHeap<Appointment>();
  readonly #byName = new Map<string, Appointment>();
  #goneInHeap = 0;
  #ended = false;
  #timer: Disposable | undefined;
  #lookedMs: { readonly wall: number; readonly monotonic: number };

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    this.#lookedMs = { wall: clock.now(), monotonic: clock.monotonic() };
    this.#wait();
  }

  /** When it last looked at what is due, on the monotonic clock. */
  get tickMs(): number {
    return this.#lookedMs.monotonic;
  }

  /** Calls `act` at every time from now on, with the time that was due, until the name is removed. */
  add(name: string, timing: Timing, act: (dueMs: number) => void): void {
    this.#followClock();
    this.remove(name);
    const dueMs = timing.first(this.#clock.now());
    if (dueMs === undefined) return;
    const appointment = { dueMs, timing, act, gone: false };
    this.#byName.set(name, appointment);
    this.#appointments.add(appointment);
    if (this.#appointments.earliest === appointment) this.#wait();
  }

  remove(name: string): void {
    const appointment = this.#byName.get(name);
    if (appointment === undefined) return;
    this.#byName.delete(name);
    this.#giveUp(appointment);
  }

  /** When the name is due next, epoch milliseconds; `undefined` when it is not. */
  nextMs(name: string): number | undefined {
    const dueMs = this.#byName.get(name)?.dueMs;
    return dueMs === never ? undefined : dueMs;
  }

  /** How many names are due at some time. */
  get size(): number {
    return this.#byName.size;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    this.#timer?.[Symbol.dispose]();
    this.#byName.clear();
    this.#appointments.rebuild(() => false);
  }

  /** Taking one out of the middle would take as long as all of them are many; most are never seen there again. */
  #giveUp(appointment: Appointment): void {
    appointment.gone = true;
    this.#goneInHeap += 1;
    if (this.#goneInHeap * 2 > this.#appointments.size) this.#putInOrder();
  }

  #putInOrder(): void {
    this.#appointments.rebuild(({ gone }) => !gone);
    this.#goneInHeap = 0;
  }

  #wait(): void {
    this.#timer?.[Symbol.dispose]();
    if (this.#ended) return;
    const nextMs = (this.#appointments.earliest?.dueMs ?? never) - this.#clock.now();
    this.#timer = this.#clock.after(Math.min(Math.max(nextMs, 0), longestLookMs), () => this.#look());
  }

  #look(): void {
    this.#followClock();
    const nowMs = this.#lookedMs.wall;
    for (let due = this.#appointments.earliest; due !== undefined && due.dueMs <= nowMs; ) {
      const { dueMs, gone, act } = due;
      due.dueMs = (gone ? undefined : due.timing.following(dueMs, nowMs)) ?? never;
      this.#appointments.sinkEarliest();
      if (!gone) act(dueMs);
      due = this.#appointments.earliest;
    }
    this.#wait();
  }

  /** Compares how far the two clocks have come since the last look, and moves what a clock set back has moved away. */
  #followClock(): void {
    const now = { wall: this.#clock.now(), monotonic: this.#clock.monotonic() };
    const jumpMs = now.wall - this.#lookedMs.wall - (now.monotonic - this.#lookedMs.monotonic);
    this.#lookedMs = now;
    if (Math.abs(jumpMs) <= toleranceMs) return;
    this.#log.warn("Clock jumped", { jumpMs: Math.round(jumpMs) });
    if (jumpMs > 0) return;
    for (const appointment of this.#appointments) {
      if (appointment.timing.isInterval) appointment.dueMs += jumpMs;
      else if (-jumpMs >= setBackMs) appointment.dueMs = appointment.timing.first(now.wall) ?? appointment.dueMs;
    }
    this.#putInOrder();
  }
}
