import type { Dispatcher } from "undici";
import { withoutRepeated } from "../repeated.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { headerLinesOf } from "./header-lines.ts";

type Headers = Dispatcher.ResponseData["headers"];

/** An answer without a body, that holds nothing that would have to be given back. */
export class HeadAnswer implements RegistryAnswer {
  readonly status: number;
  readonly #headers: Headers;
  readonly #request: RegistryRequest;

  constructor(status: number, headers: Headers, request: RegistryRequest) {
    this.status = status;
    this.#headers = headers;
    this.#request = request;
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
    return nothing();
  }

  masked(text: string): string {
    return withoutRepeated(text, this.#request);
  }

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function* nothing(): AsyncGenerator<Uint8Array, void> {}
