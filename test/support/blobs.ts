import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import type { Download, OpenContent } from "../../src/oci/store.ts";

/** The descriptor of some bytes, as a manifest would hold it, and what a test wants different. */
export function descriptorOf(bytes: Uint8Array, changes: Partial<Descriptor> = {}): Descriptor {
  return {
    mediaType: "application/octet-stream",
    digest: digestOf(bytes),
    sizeBytes: bytes.byteLength,
    platform: undefined,
    annotations: {},
    artifactType: "",
    urls: [],
    data: undefined,
    ...changes,
  };
}

/** Everything that comes out of a download, which is disposed afterwards. */
export async function drain(download: Download): Promise<Uint8Array> {
  await using source = download;
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.chunks) chunks.push(Uint8Array.from(chunk)); // it may be filled anew
  return Buffer.concat(chunks);
}

/** Content that can be opened again and again, and counts how often it was, and how many of these are still open. */
export class CountedContent {
  readonly #pieces: () => Iterable<Uint8Array>;
  opened = 0;
  /** Bytes of it that were not to be sent, as whoever opened it last said. */
  unsentBytes = 0;
  open = 0;

  constructor(pieces: () => Iterable<Uint8Array>) {
    this.#pieces = pieces;
  }

  /** Some bytes in pieces of 10,000. */
  static of(bytes: Uint8Array): CountedContent {
    return new CountedContent(function* pieces() {
      for (let at = 0; at < bytes.byteLength; at += 10_000) yield bytes.subarray(at, at + 10_000);
    });
  }

  readonly opener: OpenContent = (_signal, unsentBytes = 0) => {
    this.unsentBytes = unsentBytes;
    this.opened += 1;
    this.open += 1;
    return Promise.resolve({
      chunks: this.#chunks(),
      [Symbol.asyncDispose]: () => {
        this.open -= 1;
        return Promise.resolve();
      },
    });
  };

  async *#chunks(): AsyncGenerator<Uint8Array, void> {
    yield* this.#pieces();
  }
}
