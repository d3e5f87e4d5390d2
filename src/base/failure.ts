/** Every way of failing, as dashboards and alerts match on it. Closed: a new way is a new line here. */
export type FailureCode =
  | "BACKUP_INVALID"
  | "BLOB_NOT_FOUND"
  | "CONFIG_INVALID"
  | "CONFIG_UNREADABLE"
  | "CRON_INVALID"
  | "DEFECT"
  | "DIGEST_INVALID"
  | "DIGEST_MISMATCH"
  | "DISK_FULL"
  | "DISK_REFUSED"
  | "DURATION_INVALID"
  | "INTERRUPTED"
  | "LAYOUT_INVALID"
  | "LAYOUT_LOCKED"
  | "LISTEN_ADDRESS_INVALID"
  | "LISTEN_FAILED"
  | "LOGIN_FAILED"
  | "LOOP"
  | "MANIFEST_INVALID"
  | "MANIFEST_NOT_FOUND"
  | "MANIFEST_TOO_LARGE"
  | "PATTERN_INVALID"
  | "PLATFORM_INVALID"
  | "PLATFORM_NOT_FOUND"
  | "REDIRECT_REFUSED"
  | "REFERENCE_INVALID"
  | "REGISTRY_ANSWER_INVALID"
  | "REGISTRY_DENIED"
  | "REGISTRY_STALLED"
  | "REGISTRY_STATUS"
  | "REGISTRY_THROTTLED"
  | "REGISTRY_UNREACHABLE"
  | "REPOSITORY_NOT_FOUND"
  | "SIZE_MISMATCH"
  | "STATE_INVALID"
  | "STATE_LOCKED"
  | "TARGET_INCOMPLETE"
  | "TEMPLATE_EXECUTION"
  | "TEMPLATE_PARSE"
  | "TLS_INVALID"
  | "UNSUPPORTED"
  | "USAGE_INVALID"
  | "VERSION_RANGE_INVALID";

/**
 * A failure that was foreseen: a code, a sentence for the person on call, the facts as fields, the cause.
 *
 * Whatever reaches the top and is not a `Failure` is a defect of this program.
 */
export abstract class Failure extends Error {
  abstract readonly code: FailureCode;
  /** Whether the same attempt may succeed when repeated a little later. */
  readonly retryable: boolean = false;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The work was stopped from outside: a signal, or a sibling that failed first. */
export class Interrupted extends Failure {
  readonly code = "INTERRUPTED";

  constructor(cause?: unknown) {
    super("interrupted", { cause });
  }
}

/** The sentence of anything that was thrown, for a log line or a message that wraps it. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` of an error of Node's own (`ENOSPC`, `ECONNREFUSED`), or `undefined` when it has none. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (typeof thrown !== "object" || thrown === null || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
