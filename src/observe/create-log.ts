import { levels, type LevelName } from "./level.ts";
import type { Log, LogFields } from "./log.ts";
import { jsonLine, textLine } from "./slog.ts";

/** Lines for people, or one JSON object a line. */
export type LogFormat = "text" | "json";

/** What a log needs to know of where it lives. */
export interface LogOptions {
  readonly format: LogFormat;
  /** Lines below it are dropped; see `parseLevel`. */
  readonly level: number;
  /** Takes one whole line, newline included. */
  readonly write: (line: string) => void;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * A log whose lines read like those of Go's log/slog, which is what regsync's users collect and parse.
 *
 * Written here rather than laid over a logging package: in both forms every byte of the line is given, the text form
 * would be one package's JSON parsed again, and nothing of such a package would remain in use.
 * Spec: regsync.md §1.3.
 */
export function createLog(options: LogOptions): Log {
  const line = options.format === "json" ? jsonLine : textLine;
  const at =
    (level: LevelName) =>
    (message: string, fields: LogFields = {}): void => {
      if (levels[level] < options.level) return;
      options.write(`${line({ atMs: options.now(), level, message, fields })}\n`);
    };
  return {
    trace: at("trace"),
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    tracing: levels.trace >= options.level,
  };
}
