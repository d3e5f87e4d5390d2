import type { Lease } from "../base/limiter.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Download, OpenContent, Repository } from "../oci/store.ts";
import type { CopyContext } from "./blob.ts";
import { isSmall } from "./presence.ts";
import { verified } from "./verify.ts";

/**
 * A blob's content from its source, or from its own descriptor when that carries it; checked on the way. The slots of
 * the source must be held by `lease`.
 */
export function contentOf(blob: Descriptor, source: Repository, { counted }: CopyContext, lease: Lease): OpenContent {
  const open: OpenContent = async (signal) => {
    if (blob.data !== undefined) return verifiedDownload(blob, inMemory(blob.data));
    const download = await source.openBlob(blob, lease, signal);
    const read = counted.passage("read", source.host);
    return verifiedDownload(
      blob,
      tapped(download, (bytes) => read.add(bytes), read),
    );
  };
  return isSmall(blob) ? keptInMemory(open) : open;
}

/** The same content, with `onMoved` told of every byte that passes; `end` is disposed with it. */
export function tapped(download: Download, onMoved: (bytes: number) => void, end: Disposable): Download {
  const close = async (): Promise<void> => {
    end[Symbol.dispose]();
    await download[Symbol.asyncDispose]();
  };
  return { chunks: tap(download.chunks, onMoved), [Symbol.asyncDispose]: close };
}

// Not made anew for each download: V8 puts what a generator function brings with it into the old space at once, and with
// it goes the download.
async function* tap(
  chunks: AsyncIterable<Uint8Array>,
  onMoved: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of chunks) {
    onMoved(chunk.byteLength);
    yield chunk;
  }
}

function verifiedDownload(blob: Descriptor, download: Download): Download {
  return { chunks: verified(blob, download.chunks), [Symbol.asyncDispose]: () => download[Symbol.asyncDispose]() };
}

/** Content that is read once, and given from memory whenever it is opened again. */
function keptInMemory(open: OpenContent): OpenContent {
  let kept: Uint8Array | undefined;
  return async (signal) => {
    kept ??= await readAll(open, signal);
    return inMemory(kept);
  };
}

async function readAll(open: OpenContent, signal: AbortSignal): Promise<Uint8Array> {
  await using download = await open(signal);
  const chunks: Uint8Array[] = [];
  for await (const chunk of download.chunks) chunks.push(Buffer.from(chunk)); // pieces are only lent
  return Buffer.concat(chunks);
}

/** Bytes as a download. */
function inMemory(bytes: Uint8Array): Download {
  return { chunks: onePiece(bytes), [Symbol.asyncDispose]: () => Promise.resolve() };
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void> {
  if (bytes.byteLength > 0) yield bytes;
}
