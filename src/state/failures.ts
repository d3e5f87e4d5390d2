import { Failure, messageOf, systemCodeOf } from "../base/failure.ts";

/** Another process keeps its memory in the same state directory. */
class StateLocked extends Failure {
  readonly code = "STATE_LOCKED";
  override readonly retryable = true;
  readonly path: string;

  constructor(path: string, cause: unknown) {
    super(`${path} is in use by another process; give each its own state directory`, { cause });
    this.path = path;
  }
}

/** The file is damaged, of a newer version, or something else altogether. It is left as it is. */
export class StateInvalid extends Failure {
  readonly code = "STATE_INVALID";
  readonly path: string;

  constructor(path: string, problem: string, cause?: unknown) {
    super(`${path} ${problem}`, { cause });
    this.path = path;
  }
}

/** The file system does not let read or write the file. */
class StateRefused extends Failure {
  readonly code: "DISK_FULL" | "DISK_REFUSED";
  readonly path: string;

  constructor(path: string, cause: unknown, isFull: boolean) {
    super(isFull ? `no room left for ${path}: ${messageOf(cause)}` : `cannot use ${path}: ${messageOf(cause)}`, {
      cause,
    });
    this.code = isFull ? "DISK_FULL" : "DISK_REFUSED";
    this.path = path;
  }
}

/** SQLite's primary result codes. Everything else it says is about the disk, or a defect of ours. */
const sqliteCodes = {
  error: 1,
  busy: 5,
  locked: 6,
  corrupt: 11,
  full: 13,
  constraint: 19,
  misuse: 21,
  notDatabase: 26,
};

/** What an error of SQLite or of the file system means for the state file; anything else is given back as it is. */
export function stateFailure(path: string, thrown: unknown): unknown {
  if (thrown instanceof Failure) return thrown;
  const code = sqliteCodeOf(thrown);
  switch (code) {
    case sqliteCodes.error:
    case sqliteCodes.constraint:
    case sqliteCodes.misuse:
      return thrown;
    case sqliteCodes.busy:
    case sqliteCodes.locked:
      return new StateLocked(path, thrown);
    case sqliteCodes.corrupt:
    case sqliteCodes.notDatabase:
      return new StateInvalid(
        path,
        "is damaged, or no state file; it can be removed: it holds nothing but a memory",
        thrown,
      );
    case undefined: {
      const systemCode = systemCodeOf(thrown);
      if (systemCode === undefined || systemCode.startsWith("ERR_")) return thrown;
      return new StateRefused(path, thrown, systemCode === "ENOSPC" || systemCode === "EDQUOT");
    }
    default:
      return new StateRefused(path, thrown, code === sqliteCodes.full);
  }
}

/** The primary result code of SQLite, without its extension; `undefined` for other errors. */
function sqliteCodeOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return undefined;
  return thrown.errcode & 0xff;
}
