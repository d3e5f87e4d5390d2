import { asDigest, type Digest } from "../oci/digest.ts";
import type { Table } from "./format.ts";
import type { StateFile } from "./state-file.ts";

/** Some 250 bytes each on the disk. */
const table: Table = { name: "agreed_tag", mostRows: 500_000 };

/** A tag that was the same on both sides. Times are epoch milliseconds. */
interface AgreedTag {
  readonly digest: Digest;
  /** Since when, as far as it is known. */
  readonly agreedMs: number;
  /** When both sides were asked last. */
  readonly verifiedMs: number;
}

/** Which tags of a source and a target agreed, and on what. References are common names. Satisfies `TagMemory`. */
export class AgreedTags {
  readonly #file: StateFile;

  constructor(file: StateFile) {
    this.#file = file;
  }

  /** `undefined` when nothing is known, or nothing any more. */
  find(source: string, target: string): AgreedTag | undefined {
    const sql = "SELECT digest, agreed_ms, verified_ms FROM agreed_tag WHERE source = ? AND target = ?";
    const [row] = this.#file.read(sql, source, target);
    const digest = asDigest(String(row?.["digest"]));
    if (digest === undefined) return undefined;
    return { digest, agreedMs: Number(row?.["agreed_ms"]), verifiedMs: Number(row?.["verified_ms"]) };
  }

  /** Notes that both sides said just now that the tag is this digest. */
  note(source: string, target: string, digest: Digest, nowMs: number): void {
    const known = this.find(source, target);
    const agreedMs = known?.digest === digest ? known.agreedMs : nowMs;
    const sql =
      "INSERT OR REPLACE INTO agreed_tag (source, target, digest, agreed_ms, verified_ms) VALUES (?, ?, ?, ?, ?)";
    this.#file.write(table, sql, source, target, digest, agreedMs, Math.trunc(nowMs));
  }

  /** The two no longer agree. */
  forget(source: string, target: string): void {
    this.#file.remove("DELETE FROM agreed_tag WHERE source = ? AND target = ?", source, target);
  }
}
