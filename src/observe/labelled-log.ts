import type { Log, LogFields } from "./log.ts";

/** The same log, with these facts in every line that does not say otherwise. */
export function labelled(log: Log, facts: LogFields): Log {
  return {
    trace: (message, fields) => log.trace(message, { ...facts, ...fields }),
    debug: (message, fields) => log.debug(message, { ...facts, ...fields }),
    info: (message, fields) => log.info(message, { ...facts, ...fields }),
    warn: (message, fields) => log.warn(message, { ...facts, ...fields }),
    error: (message, fields) => log.error(message, { ...facts, ...fields }),
    tracing: log.tracing,
  };
}
