import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Clock } from "../base/clock.ts";
import { Failure } from "../base/failure.ts";
import type { Log } from "../observe/log.ts";
import { stateFailure } from "./failures.ts";
import type { Table } from "./format.ts";
import { type OpenedDatabase, openDatabase } from "./open-database.ts";

/** What is written becomes lasting after this long at the latest, in milliseconds, and after so many writes. */
const commitAfterMs = 1_000;
const commitAfterWrites = 2_000;

/** Values as they are stored. */
type Value = string | number;
/** A row as it came: whoever reads it checks it. */
export type Row = Readonly<Record<string, unknown>>;

/**
 * The state file, while it is ours: reads see every write at once, and writes become lasting in groups.
 *
 * A memory never stops a mirror. When the disk or the file gives out, that is said once at `warn`; from then on
 * nothing is remembered, and everything goes on as without a state directory.
 */
export class StateFile implements Disposable {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #log: Log;
  /** `undefined` once it is closed, or given up. */
  #database: DatabaseSync | undefined;
  readonly #statements = new Map<string, StatementSync>();
  /** Writes that are not lasting yet. */
  #writes = 0;
  #timer: Disposable | undefined;

  private constructor({ database, path }: OpenedDatabase, clock: Clock, log: Log) {
    this.#database = database;
    this.#path = path;
    this.#clock = clock;
    this.#log = log;
  }

  /** Throws what `openDatabase` throws. */
  static open(folder: string, clock: Clock, log: Log): StateFile {
    return new StateFile(openDatabase(folder), clock, log);
  }

  /** The rows that a query gives; none when the file was given up. */
  read(sql: string, ...values: readonly Value[]): readonly Row[] {
    return this.#guarded((database) => this.#statement(database, sql).all(...values)) ?? [];
  }

  /** Adds or replaces a row of a table, which is cut to its size now and then. */
  write(table: Table, sql: string, ...values: readonly Value[]): void {
    this.#change((database) => {
      const { lastInsertRowid } = this.#statement(database, sql).run(...values);
      this.#cut(database, table, Number(lastInsertRowid));
    });
  }

  /** Removes rows. Nothing is cut: SQLite's last number is then that of a row in any table. */
  remove(sql: string, ...values: readonly Value[]): void {
    this.#change((database) => void this.#statement(database, sql).run(...values));
  }

  /** Makes everything that was written lasting. */
  commit(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    if (this.#writes === 0) return;
    this.#writes = 0;
    this.#guarded((database) => database.exec("COMMIT"));
  }

  /** Makes everything lasting and lets other processes have the file. */
  [Symbol.dispose](): void {
    this.commit();
    this.#close();
  }

  #change(act: (database: DatabaseSync) => void): void {
    this.#guarded((database) => {
      if (this.#writes === 0) {
        database.exec("BEGIN");
        this.#timer = this.#clock.after(commitAfterMs, () => this.commit());
      }
      this.#writes += 1;
      act(database);
      if (this.#writes >= commitAfterWrites) this.commit();
    });
  }

  /** Rows are numbered by their writing: what is too far behind the newest goes. */
  #cut(database: DatabaseSync, { name, mostRows }: Table, newest: number): void {
    if (newest % 64 !== 0) return;
    this.#statement(database, `DELETE FROM ${name} WHERE id <= ?`).run(newest - mostRows);
  }

  #statement(database: DatabaseSync, sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    this.#statements.set(sql, made);
    return made;
  }

  #guarded<T>(act: (database: DatabaseSync) => T): T | undefined {
    if (this.#database === undefined) return undefined;
    try {
      return act(this.#database);
    } catch (thrown) {
      const failure = stateFailure(this.#path, thrown);
      if (!(failure instanceof Failure)) throw failure;
      this.#log.warn("State is no longer kept", { file: this.#path, error: failure.message, code: failure.code });
      this.#timer?.[Symbol.dispose]();
      this.#writes = 0;
      this.#close();
      return undefined;
    }
  }

  #close(): void {
    const database = this.#database;
    this.#database = undefined;
    this.#statements.clear();
    try {
      database?.close();
    } catch (thrown) {
      // What could not be put into the main file is in the journal, where the next start finds it.
      if (!(stateFailure(this.#path, thrown) instanceof Failure)) throw thrown;
    }
  }
}
