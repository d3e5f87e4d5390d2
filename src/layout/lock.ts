import { accessSync, closeSync, constants, lstatSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Clock } from "../base/clock.ts";
import { systemCodeOf } from "../base/failure.ts";
import { diskFailure, LayoutInvalid, LayoutLocked } from "./failures.ts";
import { folderMode } from "./files.ts";

/**
 * What a process is doing to a layout, as far as others must know.
 *
 * - `writing`: content is there that no list names yet. Any number at once.
 * - `listing`: the list is being changed. One at a time, beside any number who write.
 * - `tidying`: what nothing names is being removed. Alone.
 */
export type LockLevel = "writing" | "listing" | "tidying";

/** SQLite's shared, reserved and exclusive locks, which mean just that. Nothing is ever stored. */
const statements: Readonly<Record<LockLevel, string>> = {
  writing: "BEGIN; SELECT 1 FROM sqlite_schema",
  listing: "BEGIN IMMEDIATE",
  tidying: "BEGIN EXCLUSIVE",
};

/** SQLite's code for a lock that others hold. */
const busy = 5;

/** Changing a list takes milliseconds, and tidying a large layout on a slow disk a minute. */
const patienceMs = 120_000;
const firstPauseMs = 2;
const longestPauseMs = 100;

/** A lock between processes, held on an empty file. The system gives it back when a process dies, however it dies. */
export class LockFile {
  readonly #path: string;
  readonly #clock: Clock;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /**
   * Takes the lock, waiting for others at most two minutes. Dispose the answer to give it back.
   *
   * Throws `LAYOUT_LOCKED`, `INTERRUPTED`, `LAYOUT_INVALID`, `DISK_FULL`, `DISK_REFUSED`.
   */
  async take(level: LockLevel, signal: AbortSignal): Promise<Disposable> {
    const startedMs = this.#clock.monotonic();
    for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const lock = this.tryTake(level);
      if (lock !== undefined) return lock;
      if (this.#clock.monotonic() - startedMs > patienceMs) throw new LayoutLocked(this.#path, patienceMs);
      await this.#clock.sleep(pauseMs, signal);
    }
  }

  /** The lock, or `undefined` when another process or part of this one has it. Throws as `take` does. */
  tryTake(level: LockLevel): Disposable | undefined {
    makeEmptyFile(this.#path);
    const database = this.#open();
    try {
      database.exec(statements[level]);
      return { [Symbol.dispose]: () => database.close() };
    } catch (thrown) {
      database.close();
      if (sqliteCodeOf(thrown) === busy) return undefined;
      throw diskFailure(this.#path, thrown);
    }
  }

  #open(): DatabaseSync {
    try {
      return new DatabaseSync(this.#path);
    } catch (thrown) {
      throw diskFailure(this.#path, thrown);
    }
  }
}

/**
 * Makes the file if there is none. One that is there is not opened: a process that closes a file loses all locks it
 * has on it.
 */
function makeEmptyFile(path: string): void {
  try {
    const folder = dirname(path);
    mkdirSync(folder, { recursive: true, mode: folderMode });
    if (!lstatSync(folder).isDirectory()) throw new LayoutInvalid(folder, "is not a folder of its own");
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined) {
      // SQLite would act on what it finds in a file that somebody prepared.
      if (!found.isFile() || found.size > 0) throw new LayoutInvalid(path, "is not an empty file, as a lock must be");
      // On a file that it can only read, SQLite takes fewer locks than it is asked for, and does not say so.
      accessSync(path, constants.R_OK | constants.W_OK);
      return;
    }
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    closeSync(openSync(path, flags, 0o644));
  } catch (thrown) {
    if (systemCodeOf(thrown) !== "EEXIST") throw diskFailure(path, thrown);
  }
}

/** The primary result code of SQLite, without its extension. */
function sqliteCodeOf(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return undefined;
  return thrown.errcode & 0xff;
}
