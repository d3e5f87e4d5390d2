/**
 * How much a line matters, as Go's log/slog counts it: the names are four apart, so that `info+2` has a place.
 * `trace` is the one name that is not slog's own. Spec: regsync.md §1.3.
 */
export const levels = { trace: -8, debug: -4, info: 0, warn: 4, error: 8 } as const;

/** The levels that lines have; what is asked for may lie between two. */
export type LevelName = keyof typeof levels;

/** What each level is called in a line. */
export const levelLabels: Readonly<Record<LevelName, string>> = {
  trace: "DEBUG-4",
  debug: "DEBUG",
  info: "INFO",
  warn: "WARN",
  error: "ERROR",
};

/**
 * The level that a user names: `debug`, `info`, `warn`, `error` in any case, each with an offset if wanted
 * (`info+2`, `debug-4`), or `trace` in lower case. `undefined` when it is none of these.
 * Spec: regsync.md §1.3.
 */
export function parseLevel(text: string): number | undefined {
  if (text === "trace") return levels.trace;
  const [, name = "", offset = "0"] = /^(debug|info|warn|error)([+-]\d{1,9})?$/i.exec(text) ?? [];
  switch (name.toLowerCase()) {
    case "debug":
      return levels.debug + Number(offset);
    case "info":
      return levels.info + Number(offset);
    case "warn":
      return levels.warn + Number(offset);
    case "error":
      return levels.error + Number(offset);
    default:
      return undefined;
  }
}
