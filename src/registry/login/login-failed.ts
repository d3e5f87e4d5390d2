import { Failure } from "../../base/failure.ts";

/** A host wants a login, and there is none it takes, or none that may be given to it. */
export class LoginFailed extends Failure {
  readonly code = "LOGIN_FAILED";
  readonly host: string;

  constructor(host: string, reason: string, cause?: unknown) {
    super(`cannot log in to ${host}: ${reason}`, { cause });
    this.host = host;
  }
}
