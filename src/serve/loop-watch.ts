import type { Clock } from "../base/clock.ts";

/** Between two beats, in milliseconds. */
const beatMs = 1_000;

/** Watches how late the event loop gets round to things: everything else waits as long as the watch does. */
export class LoopWatch implements Disposable {
  readonly #clock: Clock;
  #dueMs = 0;
  #lastLagMs = 0;
  #alarm: Disposable | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#plan();
  }

  /** How late the last beat was or the next one is already, in milliseconds. Recovers with the loop. */
  get lagMs(): number {
    return Math.max(this.#lastLagMs, this.#latenessMs());
  }

  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
  }

  #plan(): void {
    this.#dueMs = this.#clock.monotonic() + beatMs;
    this.#alarm = this.#clock.after(beatMs, () => {
      this.#lastLagMs = this.#latenessMs();
      this.#plan();
    });
  }

  #latenessMs(): number {
    return Math.max(0, this.#clock.monotonic() - this.#dueMs);
  }
}
