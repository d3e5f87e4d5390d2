import type { Log, LogFields } from "../../src/observe/log.ts";

const nothing = (): void => undefined;

/** A log that nobody reads. */
export const silentLog: Log = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  tracing: false,
};

/** One line of a log as it was written. */
export interface LoggedLine {
  readonly level: "trace" | "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A log that keeps its lines for the test to look at. */
export class RecordingLog implements Log {
  readonly lines: LoggedLine[] = [];
  readonly tracing = true;
  readonly trace = this.#writer("trace");
  readonly debug = this.#writer("debug");
  readonly info = this.#writer("info");
  readonly warn = this.#writer("warn");
  readonly error = this.#writer("error");

  /** The messages of one level, in order. */
  at(level: LoggedLine["level"]): string[] {
    return this.lines.filter((line) => line.level === level).map((line) => line.message);
  }

  #writer(level: LoggedLine["level"]): (message: string, fields?: LogFields) => void {
    return (message, fields = {}) => {
      this.lines.push({ level, message, fields });
    };
  }
}
