import type { Clock } from "./clock.ts";
import { onAbort } from "./on-abort.ts";

/**
 * A controller that aborts some time after another signal did, until disposed: for a request whose answer is needed
 * to undo what it does.
 */
export class LingeringController extends AbortController implements Disposable {
  readonly #link: Disposable;
  #limit: Disposable | undefined;

  constructor(signal: AbortSignal, lingerMs: number, clock: Clock) {
    super();
    const linger = (): void => {
      this.#limit = clock.after(lingerMs, () => this.abort(signal.reason));
    };
    this.#link = onAbort(signal, linger);
  }

  [Symbol.dispose](): void {
    this.#link[Symbol.dispose]();
    this.#limit?.[Symbol.dispose]();
  }
}
