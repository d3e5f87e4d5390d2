import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { LRUCache } from "lru-cache";
import { asObject, Misshapen, parseJson, textField } from "../oci/raw.ts";
import { BlobFiles } from "./blob-files.ts";
import { LayoutInvalid, onDisk } from "./failures.ts";
import {
  exists,
  folderMode,
  namesIn,
  openFile,
  readOpen,
  readWhole,
  syncFolder,
  temporaryPrefix,
  temporarySuffix,
  writeAtOnce,
} from "./files.ts";
import { LayoutIndex } from "./index-file.ts";

/** The version of layouts that is known. Spec: image-spec v1.1 "Image layout". */
const knownVersion = "1.0.0";
const versionLimitBytes = 64 * 1024;
/** The largest `index.json` that is read, in bytes: some 200,000 tags. */
const indexLimitBytes = 64 * 1024 * 1024;

/** What an `index.json` said when it was read last. */
export interface KnownIndex {
  /** Tells this state of the file from others without reading it; `""` before it was looked at. */
  readonly stamp: string;
  readonly bytes: Uint8Array;
  readonly index: LayoutIndex;
}

/** The files of one OCI layout: `oci-layout`, `index.json` and the blobs. Spec: regsync.md §8. */
export class LayoutFolder {
  readonly root: string;
  readonly blobs: BlobFiles;
  readonly #known: LRUCache<string, KnownIndex>;

  constructor(root: string, known: LRUCache<string, KnownIndex>) {
    this.root = root;
    this.blobs = new BlobFiles(root);
    this.#known = known;
  }

  /** Whether there is such a folder, layout or not. */
  async exists(): Promise<boolean> {
    return await exists(this.root);
  }

  /**
   * What the layout lists; `undefined` when there is no layout.
   *
   * Throws `LAYOUT_INVALID` for one that is damaged or of another version, `DISK_REFUSED`.
   */
  async readIndex(): Promise<LayoutIndex | undefined> {
    return await this.#readIndex("stamp");
  }

  /** The same for who is about to change it: two changes within one tick of the disk's clock may look like one. */
  async readIndexToChange(): Promise<LayoutIndex | undefined> {
    return await this.#readIndex("bytes");
  }

  /** Makes the folder a layout if it is none. Throws as `readIndex` does, and `DISK_FULL`. */
  async create(): Promise<void> {
    if ((await this.#hasVersion()) || (await this.readIndex()) !== undefined) return;
    await onDisk(this.root, mkdir(this.root, { recursive: true, mode: folderMode }));
    await this.#write("oci-layout", Buffer.from(JSON.stringify({ imageLayoutVersion: knownVersion })));
  }

  /** Replaces the list at once. Only for who holds the lock. Throws `DISK_FULL`, `DISK_REFUSED`. */
  async writeIndex(index: LayoutIndex): Promise<void> {
    const { bytes } = index;
    await this.#write("index.json", bytes);
    this.#known.set(this.root, { stamp: "", bytes, index });
  }

  /** The paths of files beside the blobs that were never finished. Only for who is alone with the layout. */
  async listTemporary(): Promise<readonly string[]> {
    const names = await namesIn(this.root);
    const isOurs = (name: string): boolean => name.startsWith(temporaryPrefix) && name.endsWith(temporarySuffix);
    return names.filter(isOurs).map((name) => join(this.root, name));
  }

  async #readIndex(isKnownBy: "stamp" | "bytes"): Promise<LayoutIndex | undefined> {
    // In this order: whoever makes a layout writes the version first, and perhaps just now.
    const path = join(this.root, "index.json");
    await using handle = await openFile(path);
    const isLayout = await this.#hasVersion();
    if (handle === undefined) return isLayout ? LayoutIndex.empty : undefined;
    if (!isLayout) throw new LayoutInvalid(this.root, "has an index.json and no file oci-layout");
    const { ino, size, mtimeNs, ctimeNs } = await onDisk(path, handle.stat({ bigint: true }));
    const stamp = [ino, size, mtimeNs, ctimeNs].join(" ");
    const known = this.#known.get(this.root);
    if (isKnownBy === "stamp" && known?.stamp === stamp) return known.index;
    const bytes = await readOpen(handle, path, indexLimitBytes);
    const isKnown = known !== undefined && Buffer.compare(known.bytes, bytes) === 0;
    const index = isKnown ? known.index : parse(path, bytes, (text) => LayoutIndex.read(text));
    this.#known.set(this.root, { stamp, bytes, index });
    return index;
  }

  async #write(name: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.root, name);
    await writeAtOnce(path, (handle) => onDisk(path, handle.writeFile(bytes)));
    await syncFolder(this.root);
  }

  async #hasVersion(): Promise<boolean> {
    const path = join(this.root, "oci-layout");
    const bytes = await readWhole(path, versionLimitBytes);
    if (bytes === undefined) return false;
    const version = parse(path, bytes, (text) =>
      textField(asObject(parseJson(text), "the document"), "imageLayoutVersion"),
    );
    if (version === knownVersion) return true;
    throw new LayoutInvalid(path, `is of version ${JSON.stringify(version)}, and only ${knownVersion} is known`);
  }
}

function parse<T>(path: string, bytes: Uint8Array, read: (bytes: Uint8Array) => T): T {
  try {
    return read(bytes);
  } catch (thrown) {
    if (!(thrown instanceof Misshapen)) throw thrown;
    throw new LayoutInvalid(path, `is damaged: ${thrown.message}`, thrown);
  }
}
