import type { Clock } from "../../src/base/clock.ts";
import { type Lease, takeAll } from "../../src/base/limiter.ts";
import { Layouts } from "../../src/layout/layouts.ts";
import type { LayoutRepository } from "../../src/layout/repository.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type Digest, parseDigest } from "../../src/oci/digest.ts";
import type { Manifest } from "../../src/oci/manifest.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";
import type { BlobWrite, OpenContent, Repository } from "../../src/oci/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import type { FixtureImage } from "../support/images.ts";
import { writeLayout } from "../support/layout-state.ts";
import { readVectorDocument } from "../support/vectors.ts";
import { descriptorOf } from "../support/blobs.ts";

/** Of work that nobody stops. */
export const { signal } = new AbortController();

/** What a read of a layout runs under: it takes no slot. */
export function noLease(): Promise<Lease> {
  return takeAll([], signal);
}

/** What a piece of work fails with. */
export async function failureOf(work: Promise<unknown>): Promise<Error> {
  const outcome = await work.then(
    (value: unknown) => ({ value }),
    (failure: unknown) => failure,
  );
  if (!(outcome instanceof Error)) throw new Error(`did not fail, gave ${JSON.stringify(outcome)}`);
  return outcome;
}

/** Layouts as one process has them; each call stands for a process of its own. */
export function makeLayouts(clock: Clock = new FakeClock(), createdMs?: number): Layouts {
  return new Layouts({ clock, createdMs });
}

/** Content that can be opened. */
export function contentOf(...pieces: readonly (Uint8Array | string)[]): OpenContent {
  async function* chunks(): AsyncGenerator<Uint8Array, void> {
    for (const piece of pieces) yield Buffer.from(piece);
  }
  return () => Promise.resolve({ chunks: chunks(), [Symbol.asyncDispose]: () => Promise.resolve() });
}

/** Writes some bytes as a blob. */
export async function writeBytes(
  layout: LayoutRepository,
  bytes: Uint8Array | string,
  mountFrom?: Repository,
): Promise<BlobWrite> {
  using lease = await takeAll(layout.writeLimiters, signal);
  return await layout.writeBlob(descriptorOf(Buffer.from(bytes)), mountFrom, contentOf(bytes), lease, signal);
}

/** Everything of a blob. */
export async function readBytes(repository: LayoutRepository, blob: Descriptor): Promise<Buffer> {
  using lease = await noLease();
  await using download = await repository.openBlob(blob, lease, signal);
  const pieces: Uint8Array[] = [];
  for await (const piece of download.chunks) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A fixture's manifest, or one of those below it, as it is put. */
export function manifestOf(image: FixtureImage, digest: Digest = image.digest): Manifest {
  const stored = image.manifests.get(digest);
  if (stored === undefined) throw new Error(`the fixture has no manifest ${digest}`);
  return readManifest(stored.bytes, stored.mediaType, digest);
}

/** Writes an image as a copy does: blobs, what is below it, itself under a tag; without a tag as part of another. */
export async function putImage(layout: LayoutRepository, image: FixtureImage, tag?: string): Promise<void> {
  await using _pin = await layout.pin(signal);
  for (const bytes of image.blobs.values()) {
    if (!(await layout.hasBlob(descriptorOf(bytes), signal))) await writeBytes(layout, bytes);
  }
  for (const text of image.manifests.keys()) {
    const digest = parseDigest(text);
    if (digest === image.digest) continue;
    await layout.putManifest(digest, manifestOf(image, digest), { child: true }, signal);
  }
  await layout.putManifest(tag ?? image.digest, manifestOf(image), { child: tag === undefined }, signal);
}

/** Writes one of the layouts that regclient's regsync was run on. Formats: test/vectors/README.md, "layout-runs". */
export async function writeVectorLayout(folder: string, name: string): Promise<void> {
  const layout = readVectorDocument<Record<string, VectorLayout>>("layout-runs/layouts.json")[name];
  if (layout === undefined) throw new Error(`there is no layout ${name}`);
  const texts = readVectorDocument<Record<string, string>>("layout-runs/blobs.json");
  const blobs = new Map(layout.blobs.map((digest) => [digest, layout.blobText?.[digest] ?? texts[digest] ?? ""]));
  await writeLayout(folder, { ...layout, blobs });
}

interface VectorLayout {
  readonly ociLayout: string;
  readonly index: string;
  readonly blobs: readonly string[];
  readonly blobText?: Readonly<Record<string, string>>;
}
