import type { Clock } from "../base/clock.ts";
import { Limiter } from "../base/limiter.ts";

/** Requests at once to a host that nobody knows yet. */
const startingWidth = 3;
/** More helps nobody, however quick the host is. */
const ceiling = 32;
/** Answers slower than the host's usual by this factor and this many milliseconds are a sign of strain. */
const strainFactor = 2;
const strainMs = 250;
/**
 * Answers slower than the host's best by this factor and this many milliseconds stand in line: more would wait longer.
 */
const queueFactor = 2;
const queueMs = 2;
/** How much of the latest latency goes into the running average. */
const smoothing = 0.2;
/** In this time the memory of the host's best latency comes to twice as much: hosts change. */
const fadingMs = 60_000;

/**
 * How many requests a host gets at once: twice as many after every round that went well while more were waiting, and
 * from the first sign of strain on one more; no more while answers take so much longer than the best that they must be
 * standing in line somewhere; fewer as soon as the host shows strain, once for all requests under way together.
 *
 * A number from the user is where it starts, and what it never exceeds. Spec: regsync.md row 0.4, as the README decides it.
 */
export class AdaptiveWidth {
  readonly slots: Limiter;
  readonly #clock: Clock;
  readonly #widest: number;
  #exact: number;
  #narrowedAtMs = Number.NEGATIVE_INFINITY;
  /** Whether it never showed strain. */
  #isFresh = true;
  #usualMs: number | undefined;
  #currentMs = 0;
  #answeredAtMs = 0;

  /** `cap` is the user's number; `undefined` adapts up to 32. */
  constructor(cap: number | undefined, clock: Clock) {
    this.#clock = clock;
    this.#widest = Math.max(1, cap ?? ceiling);
    this.#exact = cap === undefined ? startingWidth : this.#widest;
    this.slots = new Limiter(this.#exact);
  }

  /** Notes that a request sent at `sentAtMs` was answered just now. */
  answered(sentAtMs: number): void {
    const nowMs = this.#clock.monotonic();
    const tookMs = nowMs - sentAtMs;
    const fading = 2 ** ((nowMs - this.#answeredAtMs) / fadingMs);
    this.#answeredAtMs = nowMs;
    this.#currentMs = this.#usualMs === undefined ? tookMs : this.#currentMs + smoothing * (tookMs - this.#currentMs);
    const usualMs = Math.max(1, Math.min(this.#currentMs, (this.#usualMs ?? tookMs) * fading));
    this.#usualMs = usualMs;
    const isQueueing = this.#currentMs > queueFactor * usualMs + queueMs;
    const isStrained = this.#currentMs > strainFactor * usualMs + strainMs;
    if (isStrained && this.#exact > startingWidth) this.#narrow(sentAtMs, 0.75, startingWidth);
    else if (!isStrained && !isQueueing && this.#isNeeded())
      this.#set(this.#exact + (this.#isFresh ? 1 : 1 / this.#exact));
  }

  /** Notes that the host refused a request sent at `sentAtMs` for being too much, or broke off. */
  overloaded(sentAtMs: number): void {
    this.#narrow(sentAtMs, 0.5, 1);
  }

  #narrow(sentAtMs: number, factor: number, least: number): void {
    if (sentAtMs <= this.#narrowedAtMs) return;
    this.#narrowedAtMs = this.#clock.monotonic();
    this.#isFresh = false;
    this.#set(Math.max(least, this.#exact * factor));
  }

  #set(width: number): void {
    this.#exact = Math.min(width, this.#widest);
    this.slots.resize(this.#exact);
  }

  /** Growing without need would only mean being far too wide when the need comes. */
  #isNeeded(): boolean {
    return this.slots.waiting > 0 || 2 * this.slots.taken > this.slots.width;
  }
}
