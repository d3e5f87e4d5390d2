import { CallRefused } from "./failure.ts";

/** Actions, commands and loop rounds of one execution. A template that needs more is a mistake or an attack. */
const maxSteps = 250_000;

/** Bytes of text that one execution makes, in its output and inside its functions together. */
const maxBytes = 8 * 1024 * 1024;

/** Counts what one execution does and makes, and stops it when that is too much. */
export class Budget {
  #steps = maxSteps;
  #bytes = maxBytes;

  /** Counts work done. Throws `CallRefused` when it was too much. */
  spendSteps(count: number): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new CallRefused(`the template does more than ${maxSteps} steps`);
  }

  /** Counts text about to be made. Throws `CallRefused` when it was too much. */
  spendBytes(count: number): void {
    this.#bytes -= count;
    if (this.#bytes < 0) throw new CallRefused(`the template makes more than ${maxBytes} bytes of text`);
  }
}
