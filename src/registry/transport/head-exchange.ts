import type { Dispatcher } from "undici";
import type { Clock } from "../../base/clock.ts";
import { Interrupted } from "../../base/failure.ts";
import { onAbort } from "../../base/on-abort.ts";
import { RegistryStalled } from "../failures.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { explainError } from "./explain.ts";
import { HeadAnswer } from "./head-answer.ts";

type Headers = Dispatcher.ResponseData["headers"];

/** Where a HEAD goes in the end. */
interface HeadLine {
  readonly pool: Dispatcher;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Sends a HEAD request. Its answer is all there when it comes: nothing is left to be read, and disposing it does
 * nothing. See `Transport.send` for what it throws.
 */
export function askHead(
  request: RegistryRequest,
  { pool, path, headers }: HeadLine,
  clock: Clock,
  headersMs: number,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  return new Promise((resolve, reject) => {
    const exchange = new HeadExchange(request, resolve, reject);
    exchange.watch(clock, headersMs, signal);
    pool.dispatch({ method: "HEAD", path, headers, reset: false, headersTimeout: 0, bodyTimeout: 0 }, exchange);
  });
}

/** One HEAD request under way, in the form that undici tells what happens to it. */
class HeadExchange implements Dispatcher.DispatchHandler {
  readonly #request: RegistryRequest;
  readonly #resolve: (answer: RegistryAnswer) => void;
  readonly #reject: (failure: unknown) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #listening: Disposable | undefined;
  #timer: Disposable | undefined;
  /** Why it is given up, from the moment it is. */
  #givenUp: Error | undefined;
  #status = 0;
  #headers: Headers = {};

  constructor(request: RegistryRequest, resolve: (answer: RegistryAnswer) => void, reject: (failure: unknown) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Gives it up when the signal aborts, or no answer comes in time. */
  watch(clock: Clock, limitMs: number, signal: AbortSignal): void {
    this.#listening = onAbort(signal, () => this.#giveUp(new Interrupted(signal.reason)));
    const stalled = (): void => this.#giveUp(new RegistryStalled(this.#request.url.host, "answered", limitMs));
    this.#timer = clock.after(limitMs, stalled);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // It waited for a connection until nobody wanted it any more.
    if (this.#givenUp !== undefined) controller.abort(this.#givenUp);
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(): void {}

  onResponseEnd(): void {
    this.#end();
    this.#resolve(new HeadAnswer(this.#status, this.#headers, this.#request));
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#end();
    this.#reject(this.#givenUp ?? explainError(this.#request, error));
  }

  #giveUp(failure: Error): void {
    this.#givenUp = failure;
    this.#end();
    this.#reject(failure);
    this.#controller?.abort(failure);
  }

  #end(): void {
    this.#listening?.[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }
}
