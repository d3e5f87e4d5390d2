import { Failure } from "../base/failure.ts";
import type { Path } from "./path.ts";

/** Where the checks of one entry say what they find. Paths go on from the entry's own. */
export interface EntryReport {
  /** The entry cannot be run. */
  fault(path: Path, message: string): void;
  warn(path: Path, message: string): void;
}

/** What a reader gives; `undefined` when it refuses the text, after its sentence was handed on. */
export function readOr<T>(read: () => T, onRefused: (message: string, failure: Failure) => void): T | undefined {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    onRefused(thrown.message, thrown);
    return undefined;
  }
}
