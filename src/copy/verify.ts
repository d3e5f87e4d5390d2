import type { Descriptor } from "../oci/descriptor.ts";
import { algorithmOf, hashFor } from "../oci/digest.ts";
import { DigestMismatch, SizeMismatch } from "../oci/mismatch.ts";

/**
 * Passes content on while checking it against its descriptor, always one piece behind: the last piece is given
 * only after the source ended and every byte matched, so that a target never sees wrong content whole.
 *
 * Throws `DIGEST_MISMATCH` or `SIZE_MISMATCH` in place of the last piece.
 */
export async function* verified(blob: Descriptor, chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const hash = hashFor(blob.digest);
  const promised = blob.sizeBytes ?? Number.POSITIVE_INFINITY;
  let received = 0;
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    received += chunk.byteLength;
    if (received > promised) throw new SizeMismatch(blob.digest, promised, received);
    hash.update(chunk);
    if (held !== undefined) yield held;
    held = chunk;
  }
  if (blob.sizeBytes !== undefined && received < blob.sizeBytes) {
    throw new SizeMismatch(blob.digest, blob.sizeBytes, received);
  }
  const digest = `${algorithmOf(blob.digest)}:${hash.digest("hex")}`;
  if (digest !== blob.digest) throw new DigestMismatch(blob.digest, digest);
  if (held !== undefined) yield held;
}
