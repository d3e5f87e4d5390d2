import { Failure, type FailureCode, messageOf } from "../base/failure.ts";
import type { Log, LogFields } from "../observe/log.ts";

/** Failures of a whole host: a repository of a thousand tags would say the same thing a thousand times. */
const hostWide: ReadonlySet<FailureCode> = new Set(["LOGIN_FAILED", "REGISTRY_UNREACHABLE", "TLS_INVALID"]);

/** Logs failures of images and entries: each once, and what is wrong with a host once for all of them. */
export class FailureLog {
  readonly #log: Log;
  readonly #said = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Logs at `error`, or at `debug` when the same was said of its host before. */
  failed(message: string, failure: unknown, fields: LogFields): void {
    const facts = { ...fields, ...factsOf(failure) };
    if (failure instanceof Failure && hostWide.has(failure.code)) {
      if (this.#said.has(failure.message)) {
        this.#log.debug(message, facts);
        return;
      }
      this.#said.add(failure.message);
    }
    this.#log.error(message, facts);
  }
}

function factsOf(failure: unknown): LogFields {
  if (failure instanceof Failure) return { error: failure.message, code: failure.code };
  // Not foreseen: a defect of ours, so with its stack.
  const stack = failure instanceof Error ? failure.stack : undefined;
  return { error: messageOf(failure), ...(stack === undefined ? {} : { stack }) };
}
