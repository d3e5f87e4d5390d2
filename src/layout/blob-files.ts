import { type FileHandle, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Interrupted } from "../base/failure.ts";
import { Limiter } from "../base/limiter.ts";
import { algorithmOf, asDigest, type Digest, digestAlgorithms, hashFor, hexOf } from "../oci/digest.ts";
import { type Manifest, manifestLimitBytes } from "../oci/manifest.ts";
import { DigestMismatch, SizeMismatch } from "../oci/mismatch.ts";
import type { Download } from "../oci/store.ts";
import { ManifestOversized, onDisk } from "./failures.ts";
import {
  folderMode,
  isOwnFolder,
  namesIn,
  openFile,
  readWhole,
  sizeOfFile,
  syncFolder,
  temporarySuffix,
  writeAtOnce,
} from "./files.ts";

/** Read or written at once, in bytes: small pieces cost more for the calls than for the bytes. */
const pieceBytes = 512 * 1024;

/** What has to be known of a blob to read or write its file. `undefined` is a size that nobody said. */
export interface BlobIdentity {
  readonly digest: Digest;
  readonly sizeBytes: number | undefined;
}

/** The folder `blobs/` of a layout: a file per blob, named after its digest. Spec: registry-protocol.md §2.10. */
export class BlobFiles {
  readonly #root: string;
  /** Folders known to lie in the layout and not behind a link. */
  readonly #own = new Set<string>();
  /** Folders whose new names may not be on the disk yet. */
  readonly #unsettled = new Set<string>();
  readonly #settling = new Limiter(1);

  constructor(root: string) {
    this.#root = root;
  }

  /** Where a blob's file is, whether there is one or not. */
  pathOf(digest: Digest): string {
    return join(this.#folderOf(algorithmOf(digest)), hexOf(digest));
  }

  /** The size of a blob's file in bytes, `undefined` when there is none. Throws `LAYOUT_INVALID`, `DISK_REFUSED`. */
  async sizeOf(digest: Digest): Promise<number | undefined> {
    await this.#refuseLinks(algorithmOf(digest));
    return await sizeOfFile(this.pathOf(digest));
  }

  /** Whether the blob's file is there in the right size. Its content is verified by whoever reads it. */
  async has(blob: BlobIdentity): Promise<boolean> {
    const size = await this.sizeOf(blob.digest);
    return size !== undefined && size === (blob.sizeBytes ?? size);
  }

  /**
   * The whole content of a blob that is no larger than a manifest may be, `undefined` when there is none.
   *
   * Not verified. Throws `MANIFEST_TOO_LARGE`, `LAYOUT_INVALID`, `DISK_REFUSED`.
   */
  async read(digest: Digest): Promise<Uint8Array | undefined> {
    const size = await this.sizeOf(digest);
    if (size === undefined) return undefined;
    if (size > manifestLimitBytes) throw new ManifestOversized(this.pathOf(digest), size, manifestLimitBytes);
    return await readWhole(this.pathOf(digest), manifestLimitBytes);
  }

  /**
   * Opens a blob's file; `undefined` when there is none. The content is not verified.
   *
   * Throws `SIZE_MISMATCH` at once when the file has the wrong size, `LAYOUT_INVALID`, `DISK_REFUSED`.
   */
  async open(blob: BlobIdentity, signal: AbortSignal): Promise<Download | undefined> {
    await this.#refuseLinks(algorithmOf(blob.digest));
    const path = this.pathOf(blob.digest);
    const handle = await openFile(path);
    if (handle === undefined) return undefined;
    const { size } = await handle.stat();
    if (blob.sizeBytes !== undefined && size !== blob.sizeBytes) {
      await handle.close();
      throw new SizeMismatch(blob.digest, blob.sizeBytes, size);
    }
    return { chunks: piecesOf(handle, path, signal), [Symbol.asyncDispose]: () => handle.close() };
  }

  /**
   * Makes a blob's file out of its content, which is verified on the way: the file has its name only when all of it
   * is right and on the disk. See `settle` for the name itself.
   *
   * Throws `DIGEST_MISMATCH`, `SIZE_MISMATCH`, `DISK_FULL`, `DISK_REFUSED`, `INTERRUPTED`, and what the content throws.
   */
  async write(blob: BlobIdentity, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await this.#place(blob.digest, (handle, path) => fill(handle, path, blob, content, signal));
  }

  /** Makes the file of a manifest, which was verified when it was read. Throws `DISK_FULL`, `DISK_REFUSED`. */
  async writeManifest({ digest, bytes }: Pick<Manifest, "digest" | "bytes">): Promise<void> {
    await this.#place(digest, (handle, path) => onDisk(path, handle.writeFile(bytes)));
  }

  /** Resolves when the names of all files written before are on the disk: a manifest may name them now. */
  async settle(signal: AbortSignal): Promise<void> {
    using _turn = await this.#settling.take(signal);
    for (const folder of this.#unsettled) {
      this.#unsettled.delete(folder);
      try {
        await syncFolder(folder);
      } catch (failure) {
        this.#unsettled.add(folder);
        throw failure;
      }
    }
  }

  /** Every blob that has a file, and the paths of files that were never finished. */
  async list(): Promise<{ readonly digests: readonly Digest[]; readonly unfinished: readonly string[] }> {
    const digests: Digest[] = [];
    const unfinished: string[] = [];
    for (const algorithm of digestAlgorithms) {
      await this.#refuseLinks(algorithm);
      for (const name of await namesIn(this.#folderOf(algorithm))) {
        const digest = asDigest(`${algorithm}:${name}`);
        if (digest !== undefined) digests.push(digest);
        // Earlier programs named theirs so, too.
        else if (name.endsWith(temporarySuffix)) unfinished.push(join(this.#folderOf(algorithm), name));
      }
    }
    return { digests, unfinished };
  }

  /** Removes a blob's file, if there is one. */
  async remove(digest: Digest): Promise<void> {
    const path = this.pathOf(digest);
    await onDisk(path, rm(path, { force: true }));
  }

  async #place(digest: Digest, write: (handle: FileHandle, path: string) => Promise<void>): Promise<void> {
    const path = this.pathOf(digest);
    await this.#refuseLinks(algorithmOf(digest));
    await onDisk(path, mkdir(dirname(path), { recursive: true, mode: folderMode }));
    await writeAtOnce(path, (handle) => write(handle, path));
    this.#unsettled.add(dirname(path));
  }

  #folderOf(algorithm: string): string {
    return join(this.#root, "blobs", algorithm);
  }

  async #refuseLinks(algorithm: string): Promise<void> {
    const folder = this.#folderOf(algorithm);
    if (this.#own.has(folder)) return;
    if ((await isOwnFolder(dirname(folder))) && (await isOwnFolder(folder))) this.#own.add(folder);
  }
}

async function fill(
  handle: FileHandle,
  path: string,
  blob: BlobIdentity,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  const hash = hashFor(blob.digest);
  const promised = blob.sizeBytes ?? Number.POSITIVE_INFINITY;
  // One buffer for the whole blob: gathering into fresh ones leaves tens of megabytes lying around.
  const gathered = Buffer.allocUnsafeSlow(Math.min(pieceBytes, Math.max(1, blob.sizeBytes ?? pieceBytes)));
  let filled = 0;
  let received = 0;
  const flush = async (): Promise<void> => {
    await onDisk(path, handle.writeFile(gathered.subarray(0, filled))); // from where the last one ended
    filled = 0;
  };
  for await (const piece of content) {
    if (signal.aborted) throw new Interrupted(signal.reason);
    received += piece.byteLength;
    if (received > promised) throw new SizeMismatch(blob.digest, promised, received);
    hash.update(piece);
    for (let at = 0; at < piece.byteLength; ) {
      const part = piece.subarray(at, at + gathered.byteLength - filled);
      gathered.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      if (filled === gathered.byteLength) await flush();
    }
  }
  await flush();
  if (blob.sizeBytes !== undefined && received < blob.sizeBytes) {
    throw new SizeMismatch(blob.digest, blob.sizeBytes, received);
  }
  const digest = `${algorithmOf(blob.digest)}:${hash.digest("hex")}`;
  if (digest !== blob.digest) throw new DigestMismatch(blob.digest, digest);
}

async function* piecesOf(handle: FileHandle, path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void> {
  for (;;) {
    if (signal.aborted) throw new Interrupted(signal.reason);
    const { buffer, bytesRead } = await onDisk(path, handle.read({ buffer: Buffer.allocUnsafeSlow(pieceBytes) }));
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
