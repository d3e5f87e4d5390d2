import { closeSync, constants, lstatSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemCodeOf } from "../base/failure.ts";
import { StateInvalid, stateFailure } from "./failures.ts";
import { applicationId, steps } from "./format.ts";

/** The one file of a state directory; SQLite keeps its journal beside it. */
const fileName = "regsync.sqlite";

/**
 * The whole database belongs to this process until it is closed: the lock is taken with the first statement and kept.
 * What a prepared file might bring along (triggers, functions in views) is not trusted.
 */
const ownership = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON";
/** Survives a crash of the program at any moment, and one of the machine with the loss of the last transactions. */
const durability = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 4194304";

/** A database that is ours alone, in the newest format. */
export interface OpenedDatabase {
  readonly database: DatabaseSync;
  readonly path: string;
}

/**
 * Opens the state file of a directory, which is made when it is not there, as is the file: both for this user alone.
 *
 * Throws `STATE_LOCKED` when another process has it, `STATE_INVALID` when it is damaged, of a newer version or none of
 * ours, `DISK_REFUSED` and `DISK_FULL`; the file is then as it was.
 */
export function openDatabase(folder: string): OpenedDatabase {
  const path = join(folder, fileName);
  try {
    makeEmptyFile(folder, path);
    const database = new DatabaseSync(path, { defensive: true });
    try {
      database.exec(ownership);
      const version = versionOf(database, path);
      database.exec(durability);
      upgrade(database, version);
      return { database, path };
    } catch (thrown) {
      database.close();
      throw thrown;
    }
  } catch (thrown) {
    throw stateFailure(path, thrown);
  }
}

function makeEmptyFile(folder: string, path: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found?.isFile() === true) return;
  if (found !== undefined) throw new StateInvalid(path, "is no file of its own");
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    closeSync(openSync(path, flags, 0o600));
  } catch (thrown) {
    if (systemCodeOf(thrown) !== "EEXIST") throw thrown; // another process was quicker
  }
}

/** How many steps the file has behind it. Only reads. */
function versionOf(database: DatabaseSync, path: string): number {
  const application = numberOf(database, "SELECT application_id AS value FROM pragma_application_id");
  const version = numberOf(database, "SELECT user_version AS value FROM pragma_user_version");
  const objects = numberOf(database, "SELECT count(*) AS value FROM sqlite_schema");
  if (application === 0 && version === 0 && objects === 0) return 0;
  if (application !== applicationId) throw new StateInvalid(path, "is a database of another program");
  if (version > steps.length) {
    const told = `format ${version}, and this program knows ${steps.length}`;
    throw new StateInvalid(path, `was written by a newer version of regsync (${told}); use that, or remove the file`);
  }
  const foreign = "SELECT count(*) AS value FROM sqlite_schema WHERE type IN ('trigger', 'view')";
  if (numberOf(database, foreign) > 0) throw new StateInvalid(path, "holds what regsync did not put there");
  return version;
}

function upgrade(database: DatabaseSync, version: number): void {
  if (version === steps.length) {
    // Writing nothing, but taking the lock for good: what was read until here asked for less.
    database.exec("BEGIN IMMEDIATE; COMMIT");
    return;
  }
  const marks = `PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${steps.length}`;
  database.exec(["BEGIN IMMEDIATE", ...steps.slice(version), marks, "COMMIT"].join(";\n"));
}

function numberOf(database: DatabaseSync, sql: string): number {
  const value = database.prepare(sql).get()?.["value"];
  return typeof value === "number" ? value : 0;
}
