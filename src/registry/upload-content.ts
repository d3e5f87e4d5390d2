import type { Download, OpenContent } from "../oci/store.ts";

/** The content of one attempt to upload, which remembers how far that came and what the source itself failed with. */
export class UploadContent {
  readonly #open: OpenContent;
  #failure: { readonly thrown: unknown } | undefined;
  #isRead = false;

  constructor(open: OpenContent) {
    this.#open = open;
  }

  /** What went wrong at the source; `undefined` as long as nothing did. */
  get failure(): { readonly thrown: unknown } | undefined {
    return this.#failure;
  }

  /** Whether the content was read to its end: the target may have all of it. */
  get isRead(): boolean {
    return this.#isRead;
  }

  /** Opens the content from its first byte. See `OpenContent`. */
  async open(signal: AbortSignal, unsentBytes = 0): Promise<AsyncIterable<Uint8Array> & AsyncDisposable> {
    try {
      const download = await this.#open(signal, unsentBytes);
      return {
        [Symbol.asyncIterator]: () => this.#chunks(download),
        [Symbol.asyncDispose]: async () => await download[Symbol.asyncDispose](),
      };
    } catch (thrown) {
      this.#failure = { thrown };
      throw thrown;
    }
  }

  async *#chunks(download: Download): AsyncGenerator<Uint8Array, void> {
    try {
      yield* download.chunks;
      this.#isRead = true;
    } catch (thrown) {
      this.#failure = { thrown };
      throw thrown;
    }
  }
}
