import type { Digest } from "../oci/digest.ts";
import type { Table } from "./format.ts";
import type { StateFile } from "./state-file.ts";

/** Some 350 bytes each on the disk. */
const table: Table = { name: "blob_home", mostRows: 250_000 };
/** Repositories that are given for one blob: when none of these has it any more, asking more of them costs too much. */
const mostHomes = 4;

/** Which repositories of a host held a blob. What is wrong here costs a refused mount and nothing else. */
export class BlobHomes {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  /** A few repositories of the host that held the blob, by what they were noted as, the latest first. */
  find(host: string, digest: Digest): readonly string[] {
    const sql = "SELECT repository FROM blob_home WHERE host = ? AND digest = ? ORDER BY id DESC LIMIT ?";
    return this.#file.read(sql, host, digest, mostHomes).map((row) => String(row["repository"]));
  }

  /** Notes that a repository holds a blob. */
  note(host: string, digest: Digest, repository: string): void {
    const sql = "INSERT OR REPLACE INTO blob_home (host, digest, repository) VALUES (?, ?, ?)";
    this.#file.write(table, sql, host, digest, repository);
  }

  /** The repository does not hold the blob any more. */
  forget(host: string, digest: Digest, repository: string): void {
    const sql = "DELETE FROM blob_home WHERE host = ? AND digest = ? AND repository = ?";
    this.#file.remove(sql, host, digest, repository);
  }
}
