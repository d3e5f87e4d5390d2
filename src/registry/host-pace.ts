import type { Clock } from "../base/clock.ts";
import { RegistryThrottled } from "./failures.ts";

/** Waits grow from twice this, in milliseconds. */
const baseMs = 100;
/** The longest wait between two requests to a host in trouble. */
const longestMs = 30_000;
/** From this level on a request that fails gives up. */
const givingUpLevel = 5;
/** At this level the wait is the longest. */
const highestLevel = 9;
/** Successes that make up for one failure. */
const forgivingRun = 5;
/** A host that wants to be left alone longer than this gets no request that waits for it. */
const patienceMs = 5 * 60_000;

/**
 * When a host in trouble may be asked again: shared by all its requests, so that they do not push together.
 *
 * Level n lets one request pass every 100 ms · 2ⁿ, at most every 30 s. Failures of requests that were under way
 * together count as one. Spec: regsync.md §7.8.
 */
export class HostPace {
  readonly #clock: Clock;
  readonly #host: string;
  #level = 0;
  #raisedAtMs = Number.NEGATIVE_INFINITY;
  #nextAtMs = 0;
  #blockedUntilMs = 0;
  #run = 0;

  constructor(host: string, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
  }

  /** Whether a request to this host would have to wait now. */
  get isTroubled(): boolean {
    return this.#freeAtMs() > this.#clock.monotonic();
  }

  /** Whether another attempt is worth it. */
  get isHopeful(): boolean {
    return this.#level < givingUpLevel;
  }

  /**
   * Waits until a request may be sent, and says when that is, for `failed`.
   *
   * Throws `REGISTRY_THROTTLED` when the host asked for more quiet than a request waits, `INTERRUPTED` on abort.
   */
  async turn(signal: AbortSignal): Promise<number> {
    const clock = this.#clock;
    this.#refuseLongQuiet();
    const turnAtMs = Math.max(clock.monotonic(), this.#freeAtMs());
    if (this.#level > 0) this.#nextAtMs = turnAtMs + this.#intervalMs();
    for (let atMs = turnAtMs; atMs > clock.monotonic(); atMs = Math.max(turnAtMs, this.#blockedUntilMs)) {
      await clock.sleep(atMs - clock.monotonic(), signal);
      this.#refuseLongQuiet(); // the host may have asked for more in the meantime
    }
    return clock.monotonic();
  }

  /** Notes a failure of a request that was sent at `sentAtMs`. */
  failed(sentAtMs: number): void {
    this.#run = 0;
    if (sentAtMs <= this.#raisedAtMs) return;
    const nowMs = this.#clock.monotonic();
    this.#raisedAtMs = nowMs;
    this.#level = Math.min(this.#level + 1, highestLevel);
    this.#nextAtMs = Math.max(this.#nextAtMs, nowMs + this.#intervalMs());
  }

  /** Notes that the host answered as it should. */
  succeeded(): void {
    if (this.#level === 0) return;
    this.#run += 1;
    if (this.#level <= givingUpLevel && this.#run <= forgivingRun) return;
    this.#level -= 1;
    this.#run = 0;
  }

  /** Leaves the host alone for a while, as it asked. */
  block(forMs: number): void {
    this.#blockedUntilMs = Math.max(this.#blockedUntilMs, this.#clock.monotonic() + forMs);
  }

  #refuseLongQuiet(): void {
    const quietMs = this.#blockedUntilMs - this.#clock.monotonic();
    if (quietMs > patienceMs) throw new RegistryThrottled(this.#host, quietMs);
  }

  #freeAtMs(): number {
    return Math.max(this.#blockedUntilMs, this.#level > 0 ? this.#nextAtMs : 0);
  }

  #intervalMs(): number {
    return Math.min(baseMs * 2 ** this.#level, longestMs);
  }
}
