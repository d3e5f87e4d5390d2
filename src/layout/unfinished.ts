import { randomUUID } from "node:crypto";
import { appendFile, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { asDigest, type Digest } from "../oci/digest.ts";
import { onDisk } from "./failures.ts";
import { readWhole } from "./files.ts";

const prefix = "unfinished-";
/** What a process that ended without tidying has left is kept so long: mostly it was killed. */
const keptMs = 7 * 24 * 3_600_000;
const limitBytes = 64 * 1024 * 1024;

/**
 * The blobs this process has brought into a layout and that no manifest names yet.
 *
 * They are noted in a file as well, so that when this process is killed, the one that goes on with its work finds
 * them still there: see `leftByOthers`.
 */
export class Unfinished {
  readonly #folder: string;
  readonly #digests = new Set<Digest>();
  /** The note's path, when there is one. Every note has a name of its own: the old one may just be going. */
  #note: string | undefined;

  /** `folder` is where all processes keep their notes on the layout. It must be there when something is added. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  get isEmpty(): boolean {
    return this.#digests.size === 0;
  }

  /** Notes a blob that is about to be written. Throws `DISK_FULL`, `DISK_REFUSED`. */
  async add(digest: Digest): Promise<void> {
    if (this.#digests.has(digest)) return;
    this.#digests.add(digest);
    this.#note ??= join(this.#folder, `${prefix}${randomUUID()}`);
    await onDisk(this.#note, appendFile(this.#note, `${digest}\n`, { mode: 0o644 }));
  }

  /** These are named by a manifest now, or removed. The note goes with the last of them. */
  async settle(digests: Iterable<Digest>): Promise<void> {
    for (const digest of digests) this.#digests.delete(digest);
    const note = this.#note;
    if (!this.isEmpty || note === undefined) return;
    this.#note = undefined;
    await onDisk(note, rm(note, { force: true }));
  }

  /** All of them are settled. */
  async settleAll(): Promise<void> {
    await this.settle([...this.#digests]);
  }

  /**
   * What processes that ended in the last week without tidying have left half done. Only for who is alone with the
   * layout: then nobody is at work on it. Forgets what is older.
   */
  async leftByOthers(nowMs: number): Promise<readonly Digest[]> {
    const left: Digest[] = [];
    for (const name of await onDisk(this.#folder, readdir(this.#folder))) {
      const path = join(this.#folder, name);
      if (!name.startsWith(prefix) || path === this.#note) continue;
      const { mtimeMs } = await onDisk(path, stat(path));
      if (nowMs - mtimeMs > keptMs) await onDisk(path, rm(path, { force: true }));
      else left.push(...digestsIn(await readWhole(path, limitBytes)));
    }
    return left;
  }
}

/** The digests in a file of lines, the last of which may have been cut short. */
function digestsIn(bytes: Uint8Array | undefined): Digest[] {
  const lines = Buffer.from(bytes ?? [])
    .toString("utf8")
    .split("\n");
  return lines.map(asDigest).filter((digest) => digest !== undefined);
}
