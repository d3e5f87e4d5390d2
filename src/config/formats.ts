import { DurationInvalid, parseDuration } from "../base/duration.ts";

/** Formats of the schema that JSON Schema itself does not know. The bundle's compiled schema asks them by these names. */
export const formats = { "go-duration": (text: string): boolean => durationFault(text) === undefined };

/** Why a text is not a duration; `undefined` when it is one. */
export function durationFault(text: string): string | undefined {
  try {
    parseDuration(text);
    return undefined;
  } catch (thrown) {
    if (thrown instanceof DurationInvalid) return thrown.message;
    throw thrown;
  }
}
