import type { Dispatcher } from "undici";
import type { RegistryAnswer } from "../send.ts";
import { headerLinesOf } from "./header-lines.ts";

type Headers = Dispatcher.ResponseData["headers"];

/** An answer without a body, that holds nothing that would have to be given back. */
export class HeadAnswer implements RegistryAnswer {
  readonly status: number;
  readonly url: URL;
  readonly #headers: Headers;

  constructor(status: number, headers: Headers, url: URL) {
    this.status = status;
    this.#headers = headers;
    this.url = url;
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

  async [Symbol.asyncDispose](): Promise<void> {}
}

async function* nothing(): AsyncGenerator<Uint8Array, void> {}
