import type { PlainAnswer } from "../plain-request.ts";
import type { RegistryAnswer } from "../send.ts";

/** What a token server answered instead of a token, in the form of an answer of the registry it works for. */
export class TokenAnswer implements RegistryAnswer {
  readonly status: number;
  readonly url: URL;
  readonly #answer: PlainAnswer;

  constructor(url: URL, answer: PlainAnswer) {
    this.status = answer.status;
    this.url = url;
    this.#answer = answer;
  }

  header(name: string): string | undefined {
    return Object.hasOwn(this.#answer.headers, name) ? this.#answer.headers[name] : undefined;
  }

  headerLines(name: string): readonly string[] {
    const value = this.header(name);
    return value === undefined ? [] : [value];
  }

  get body(): AsyncIterable<Uint8Array> {
    return onePiece(this.#answer.text);
  }

  masked(text: string): string {
    return this.#answer.masked(text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

async function* onePiece(text: string): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(text);
}
