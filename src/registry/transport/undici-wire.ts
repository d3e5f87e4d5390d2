import type { Dispatcher } from "undici";
import { onAbort } from "../../base/on-abort.ts";
import type { Wire, WireBody, WireRequest, WireResponse } from "./wire.ts";

type Controller = Dispatcher.DispatchController;

/** Of an answer's body, so much is held before the connection is held back, in bytes. */
const aheadBytes = 64 * 1024;

/** Requests over the connections of undici, which watches no time here. `piecesAreLent` where a lane is in use. */
export function overUndici(pool: Dispatcher, piecesAreLent: boolean): Wire {
  return {
    copiesPieces: piecesAreLent,
    request: ({ method, path, headers, body, signal }) => {
      const exchange = new UndiciExchange(signal);
      const content = body as Uint8Array | null; // undici takes async iterables too, its types do not
      const times = { headersTimeout: 0, bodyTimeout: 0 };
      pool.dispatch({ method, path, headers, body: content, reset: false, ...times }, exchange);
      return exchange.response;
    },
  };
}

/**
 * One request under way, in the form that undici tells what happens to it, and the body of its answer. What undici makes
 * of a body itself is a stream, which costs as much as all else of a small request, and holds on to requests before it.
 */
class UndiciExchange implements Dispatcher.DispatchHandler, WireBody {
  readonly #answer = Promise.withResolvers<WireResponse>();
  readonly #listening: Disposable;
  #controller: Controller | undefined;
  readonly #pieces: Uint8Array[] = [];
  #heldBytes = 0;
  /** Why nothing more comes, from the moment it is known: an error, or that the answer was whole. */
  #end: { readonly error: Error | undefined } | undefined;
  /** Of whoever waits for the next piece; `undefined` when nobody does. */
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(signal: WireRequest["signal"]) {
    this.#listening = onAbort(signal, () =>
      this.#giveUp(new Error("the request was aborted", { cause: signal.reason })),
    );
  }

  get response(): Promise<WireResponse> {
    return this.#answer.promise;
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    // It waited for a connection until nobody wanted it any more.
    if (this.#end?.error !== undefined) controller.abort(this.#end.error);
  }

  onResponseStart(_controller: Controller, statusCode: number, headers: WireResponse["headers"]): void {
    if (statusCode >= 200) this.#answer.resolve({ statusCode, headers, body: this });
  }

  onResponseData(controller: Controller, piece: Uint8Array): void {
    this.#pieces.push(piece);
    this.#heldBytes += piece.byteLength;
    if (this.#heldBytes >= aheadBytes) controller.pause();
    this.#wake();
  }

  onResponseEnd(): void {
    this.#finish(undefined);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#finish(error);
  }

  get destroyed(): boolean {
    return this.#end !== undefined && (this.#end.error !== undefined || this.#pieces.length === 0);
  }

  destroy(error?: Error): void {
    this.#giveUp(error ?? new Error("nobody reads the answer"));
    this.#pieces.length = 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      const piece = this.#pieces.shift();
      if (piece !== undefined) {
        this.#heldBytes -= piece.byteLength;
        if (this.#heldBytes < aheadBytes) this.#controller?.resume();
        yield piece;
      } else if (this.#end === undefined) {
        this.#waiting ??= Promise.withResolvers();
        await this.#waiting.promise;
      } else if (this.#end.error === undefined) {
        return;
      } else {
        throw this.#end.error;
      }
    }
  }

  #giveUp(error: Error): void {
    if (this.#end !== undefined) return;
    this.#finish(error);
    this.#controller?.abort(error);
  }

  #finish(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    this.#end = { error };
    this.#listening[Symbol.dispose]();
    if (error !== undefined) this.#answer.reject(error);
    this.#wake();
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }
}
