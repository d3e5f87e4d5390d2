/** What was not sent while nobody could is made up for, up to so much, in milliseconds: timers come late. */
const slackMs = 20;

/** The way to or from a registry, over which so many bytes pass in a second. */
export class Link {
  readonly #bytesPerMs: number;
  #freeAtMs = 0;

  constructor(bytesPerSecond: number) {
    this.#bytesPerMs = bytesPerSecond / 1_000;
  }

  /** Lets bytes pass. Gives how long it takes until the next may, in milliseconds; negative when they may already. */
  pass(bytes: number): number {
    const nowMs = performance.now();
    this.#freeAtMs = Math.max(nowMs - slackMs, this.#freeAtMs) + bytes / this.#bytesPerMs;
    return this.#freeAtMs - nowMs;
  }
}
