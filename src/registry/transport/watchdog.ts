import type { Clock } from "../../base/clock.ts";

/** Notices when something that is waited for does not happen. Dispose it when nothing is waited for any more. */
export class Watchdog implements Disposable {
  readonly #clock: Clock;
  #timer: Disposable | undefined;
  #ended = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on something must happen within `limitMs`, or `act` is called. Replaces what was expected before. */
  expect(limitMs: number, act: () => void): void {
    this.rest();
    if (!this.#ended) this.#timer = this.#clock.after(limitMs, act);
  }

  /** Nothing has to happen for now. */
  rest(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  /** Nothing will be expected any more, whoever still asks for it. */
  [Symbol.dispose](): void {
    this.#ended = true;
    this.rest();
  }
}
