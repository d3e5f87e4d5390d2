import type { Clock } from "../../base/clock.ts";
import { Interrupted } from "../../base/failure.ts";
import { LinkedController } from "../../base/together.ts";
import { RegistryStalled } from "../failures.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { explainError } from "./explain.ts";
import { type OutgoingBody, openBody } from "./request-body.ts";
import type { TimeLimits } from "./time-limits.ts";
import { Watchdog } from "./watchdog.ts";
import type { Wire, WireResponse } from "./wire.ts";
import { WireAnswer } from "./wire-answer.ts";

/** Where a request goes in the end. */
export interface Line {
  readonly wire: Wire;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One request and its answer, until the answer is disposed. */
export class Exchange {
  readonly #request: RegistryRequest;
  readonly #clock: Clock;
  readonly #limits: TimeLimits;
  /** The caller's. */
  readonly #signal: AbortSignal;
  /** Aborts with the caller's, and by itself when nothing moves any more. */
  readonly #life: LinkedController;
  #body: OutgoingBody | undefined;

  constructor(request: RegistryRequest, clock: Clock, limits: TimeLimits, signal: AbortSignal) {
    this.#request = request;
    this.#clock = clock;
    this.#limits = limits;
    this.#signal = signal;
    this.#life = new LinkedController(signal);
  }

  /** Sends the request. See `Transport.send` for what it throws. */
  async run(line: Line): Promise<RegistryAnswer> {
    try {
      const response = await this.#send(line);
      return new WireAnswer(response, this.#request, {
        clock: this.#clock,
        stallMs: this.#limits.stallMs,
        stalled: () => this.#stalled("sent a byte of its answer", this.#limits.stallMs),
        broken: (thrown) => this.#explain(thrown),
        done: () => this.#end(),
      });
    } catch (thrown) {
      const failure = this.#explain(thrown);
      await this.#end();
      throw failure;
    }
  }

  /**
   * Lets go of the content only when the answer was read: an answer may come before all was sent, and content that
   * ends under way would cost its words.
   */
  async #end(): Promise<void> {
    this.#life[Symbol.dispose]();
    await this.#body?.[Symbol.asyncDispose]();
  }

  async #send({ wire, path, headers }: Line): Promise<WireResponse> {
    const { method } = this.#request;
    const { stallMs, headersMs, commitMs } = this.#limits;
    const answerMs = method === "PUT" ? commitMs : headersMs;
    using watchdog = new Watchdog(this.#clock);
    const stalled = (what: string, limitMs: number): void => this.#life.abort(this.#stalled(what, limitMs));
    const copies = wire.copiesPieces;
    const sending = { clock: this.#clock, copies, watchdog, stallMs, answerMs: commitMs, stalled };
    const body = await openBody(this.#request.body, sending, this.#life.signal);
    this.#body = body;
    if (!body.watched) watchdog.expect(answerMs, () => stalled("answered", answerMs));
    return await wire.request({
      method,
      path,
      headers: { ...headers, ...body.headers },
      body: body.content,
      signal: this.#life.signal,
    });
  }

  #stalled(what: string, limitMs: number): RegistryStalled {
    return new RegistryStalled(this.#request.url.host, what, limitMs);
  }

  /** What an error means, by what happened here before. */
  #explain(thrown: unknown): unknown {
    if (this.#signal.aborted) return new Interrupted(this.#signal.reason);
    if (this.#life.signal.aborted) return this.#life.signal.reason;
    if (this.#body?.failure !== undefined) return this.#body.failure.thrown;
    return explainError(this.#request, thrown);
  }
}
