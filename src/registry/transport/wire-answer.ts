import type { Clock } from "../../base/clock.ts";
import { withoutRepeated } from "../repeated.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { headerLinesOf } from "./header-lines.ts";
import { Watchdog } from "./watchdog.ts";
import type { WireBody, WireResponse } from "./wire.ts";

/** An unread rest up to this size is read away, so that the connection can be used again. */
const drainLimitBytes = 64 * 1024;
/** A rest that does not come within this time costs the connection. */
const drainLimitMs = 1_000;

/** What comes more slowly than this within a stall limit counts as nothing: a byte now and then is no transfer. */
const leastProgressBytes = 1024;

/** What an answer's body needs to be read. */
export interface BodyRules {
  readonly clock: Clock;
  /** Less than a kilobyte of the body in this time ends the transfer. */
  readonly stallMs: number;
  readonly stalled: () => Error;
  /** What a broken connection is to the reader. */
  readonly broken: (thrown: unknown) => unknown;
  /** Called when nothing more is wanted from the connection. */
  readonly done: () => Promise<void>;
}

/** An answer from the wire as the client sees it. */
export class WireAnswer implements RegistryAnswer {
  readonly status: number;
  readonly #request: RegistryRequest;
  readonly #headers: WireResponse["headers"];
  readonly #readable: WireBody;
  readonly #rules: BodyRules;
  #opened = false;

  constructor(response: WireResponse, request: RegistryRequest, rules: BodyRules) {
    this.status = response.statusCode;
    this.#request = request;
    this.#headers = response.headers;
    this.#readable = response.body;
    this.#rules = rules;
  }

  get url(): URL {
    return this.#request.url;
  }

  header(name: string): string | undefined {
    return this.headerLines(name)[0];
  }

  headerLines(name: string): readonly string[] {
    return headerLinesOf(this.#headers, name);
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#chunks();
  }

  masked(text: string): string {
    return withoutRepeated(text, this.#request);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isWorthDraining()) await this.#drain();
    this.#readable.destroy();
    await this.#rules.done();
  }

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    const { clock, stallMs, stalled, broken } = this.#rules;
    using watchdog = new Watchdog(clock);
    // Time in which the reader does something else is not the host's.
    let waitedMs = 0;
    let cameBytes = 0;
    let askedAtMs = 0;
    const watch = (): void => {
      askedAtMs = clock.monotonic();
      watchdog.expect(stallMs - waitedMs, () => this.#readable.destroy(stalled()));
    };
    this.#opened = true;
    try {
      watch();
      for await (const chunk of this.#readable) {
        watchdog.rest();
        waitedMs += clock.monotonic() - askedAtMs;
        cameBytes += chunk.byteLength;
        if (cameBytes >= leastProgressBytes) {
          waitedMs = 0;
          cameBytes = 0;
        }
        yield chunk;
        watch();
      }
    } catch (thrown) {
      throw broken(thrown);
    }
  }

  /** Only what nobody began to read. A 416 may announce more than ever comes. Spec: registry-protocol.md §6.3. */
  #isWorthDraining(): boolean {
    if (this.#opened || this.#readable.destroyed || this.status === 416) return false;
    const announced = this.#request.method === "HEAD" ? 0 : Number(this.header("content-length") ?? 0);
    return announced <= drainLimitBytes;
  }

  async #drain(): Promise<void> {
    using watchdog = new Watchdog(this.#rules.clock);
    watchdog.expect(drainLimitMs, () => this.#readable.destroy());
    await readAway(this.#readable, drainLimitBytes);
  }
}

/** Reads what nobody wants, up to so many bytes. Never rejects. */
async function readAway(body: AsyncIterable<Uint8Array>, limit: number): Promise<void> {
  let read = 0;
  try {
    for await (const piece of body) {
      read += piece.byteLength;
      if (read > limit) return;
    }
  } catch {
    // It broke off, which is an end as well.
  }
}
