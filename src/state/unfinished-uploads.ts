import type { Digest } from "../oci/digest.ts";
import type { Table } from "./format.ts";
import type { StateFile } from "./state-file.ts";

/** More are never under way: what is older was given up by whoever began it. */
const table: Table = { name: "upload", mostRows: 1_000 };
/** Registries throw unfinished uploads away after some time; most after a day or more. */
const keptMs = 24 * 60 * 60 * 1_000;

/** Query keys that are worth nothing to who may not push there anyway: distribution signs what it knows of the upload. */
const harmlessKeys: ReadonlySet<string> = new Set(["_state"]);

/** An upload that was begun and may be gone on with. */
interface UnfinishedUpload {
  /** Whole address. */
  readonly location: string;
  /** Bytes that the registry said it has. */
  readonly offsetBytes: number;
}

/**
 * Where uploads stand that did not end, by origin of the registry, repository and digest of the blob.
 *
 * No secret gets here: an address that lets in whoever knows it (on another origin, or with a signature or token in its
 * query) is not kept, and such an upload begins anew.
 */
export class UnfinishedUploads {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  /**
   * `undefined` when nothing is known, or it is so old that the registry has forgotten it. `nowMs` is in epoch
   * milliseconds.
   */
  find(origin: string, repository: string, digest: Digest, nowMs: number): UnfinishedUpload | undefined {
    const sql =
      "SELECT location, offset_bytes FROM upload WHERE origin = ? AND repository = ? AND digest = ? AND noted_ms > ?";
    const [row] = this.#file.read(sql, origin, repository, digest, Math.trunc(nowMs - keptMs));
    const location = row?.["location"];
    const offsetBytes = row?.["offset_bytes"];
    if (typeof location !== "string" || typeof offsetBytes !== "number") return undefined;
    return { location, offsetBytes };
  }

  /** Notes how far an upload is. One whose address must not be kept is forgotten instead. */
  note(
    origin: string,
    repository: string,
    digest: Digest,
    { location, offsetBytes }: UnfinishedUpload,
    nowMs: number,
  ): void {
    if (!isKept(location, origin)) {
      this.forget(origin, repository, digest);
      return;
    }
    const sql =
      "INSERT OR REPLACE INTO upload (origin, repository, digest, location, offset_bytes, noted_ms) VALUES (?, ?, ?, ?, ?, ?)";
    this.#file.write(table, sql, origin, repository, digest, location, offsetBytes, Math.trunc(nowMs));
    // Seldom, and worth a great deal: it is for processes that are killed.
    this.#file.commit();
  }

  /** The upload has ended, or cannot be gone on with. */
  forget(origin: string, repository: string, digest: Digest): void {
    const sql = "DELETE FROM upload WHERE origin = ? AND repository = ? AND digest = ?";
    this.#file.remove(sql, origin, repository, digest);
  }
}

function isKept(location: string, origin: string): boolean {
  const url = URL.parse(location);
  if (url === null || url.origin !== origin || url.username !== "" || url.password !== "") return false;
  return [...url.searchParams.keys()].every((key) => harmlessKeys.has(key));
}
