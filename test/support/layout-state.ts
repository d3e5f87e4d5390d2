import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What an OCI layout on disk holds, read without any of the program's own code. */
export interface LayoutState {
  readonly tags: Readonly<Record<string, string>>;
  /** Digests of index entries without a name. */
  readonly untagged: readonly string[];
  /** Digests under `blobs/` by what their files are called, sorted. */
  readonly blobs: readonly string[];
  /** Digests whose files hold something else. */
  readonly damaged: readonly string[];
  /** Files that are neither content nor part of a layout, below its folder. */
  readonly strangers: readonly string[];
}

interface IndexEntry {
  readonly digest: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** By which processes that write to one layout keep out of each other's way: empty, and it stays. */
const lockFile = ".regsync/lock";
const nameAnnotation = "org.opencontainers.image.ref.name";

/** Reads a layout. Rejects when there is none. */
export async function readLayout(folder: string): Promise<LayoutState> {
  const { manifests } = JSON.parse(await readFile(join(folder, "index.json"), "utf8")) as {
    readonly manifests: readonly IndexEntry[]; // read as the spec gives it: anything else fails the test that asked
  };
  const names = await filesBelow(folder);
  const content = names.flatMap((name) => {
    const [, algorithm, hex] = /^blobs\/([a-z0-9]+)\/([0-9a-f]+)$/.exec(name) ?? [];
    return algorithm === undefined || hex === undefined ? [] : [{ name, algorithm, digest: `${algorithm}:${hex}` }];
  });
  const damaged: string[] = [];
  for (const { name, algorithm, digest } of content) {
    const hash = createHash(algorithm).update(await readFile(join(folder, name)));
    if (`${algorithm}:${hash.digest("hex")}` !== digest) damaged.push(digest);
  }
  const known = new Set(["index.json", "oci-layout", ...content.map(({ name }) => name)]);
  return {
    tags: Object.fromEntries(manifests.flatMap(namedEntry)),
    untagged: manifests.filter((entry) => namedEntry(entry).length === 0).map(({ digest }) => digest),
    blobs: content.map(({ digest }) => digest).sort(),
    damaged,
    strangers: names.filter((name) => !known.has(name)),
  };
}

function namedEntry(entry: IndexEntry): [string, string][] {
  const name = entry.annotations?.[nameAnnotation];
  return name === undefined ? [] : [[name, entry.digest]];
}

/** The manifest that a layout holds under a digest, parsed. */
export async function readStoredManifest(folder: string, digest: string): Promise<unknown> {
  return JSON.parse(await readFile(join(folder, "blobs", ...digest.split(":")), "utf8"));
}

/** Every file of a layout with its content, to see whether anything changed. */
export async function readFiles(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await filesBelow(folder);
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "latin1")] as const)),
  );
}

/** The content of a layout to write. */
export interface LayoutContent {
  readonly ociLayout: string;
  readonly index: string;
  /** Digest to content. */
  readonly blobs: ReadonlyMap<string, string | Uint8Array>;
}

/** Writes a layout, well formed or not. */
export async function writeLayout(folder: string, content: LayoutContent): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "oci-layout"), content.ociLayout);
  await writeFile(join(folder, "index.json"), content.index);
  for (const [digest, bytes] of content.blobs) {
    const path = join(folder, "blobs", ...digest.split(":"));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((name) => name !== lockFile)
    .sort();
}
