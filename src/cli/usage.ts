import { Failure } from "../base/failure.ts";

/** The command line cannot be followed; the sentence says why and what to write instead. */
export class UsageInvalid extends Failure {
  readonly code = "USAGE_INVALID";
}
