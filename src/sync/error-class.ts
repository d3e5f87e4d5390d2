import { Failure, type FailureCode, systemCodeOf } from "../base/failure.ts";

/** Kinds of failures, as dashboards and alerts tell them apart. */
export const errorClasses = [
  "auth",
  "not_found",
  "rate_limit",
  "timeout",
  "stall",
  "tls",
  "dns",
  "unreachable",
  "registry",
  "digest_mismatch",
  "manifest_invalid",
  "storage",
  "config",
  "internal",
] as const;

/** One of them. */
export type ErrorClass = (typeof errorClasses)[number];

/** The kind of a failure; `undefined` when the work was only stopped. Spec: operations.md §3. */
export function errorClassOf(failure: unknown): ErrorClass | undefined {
  if (!(failure instanceof Failure)) return "internal";
  return failure.code === "REGISTRY_UNREACHABLE" ? unreachableClass(failure.cause) : classOf(failure.code);
}

/** Why nobody answered, by the code of the system's or TLS' own error. */
function unreachableClass(cause: unknown): ErrorClass {
  const code = systemCodeOf(cause) ?? "";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "dns";
  if (code === "ETIMEDOUT" || code === "UND_ERR_CONNECT_TIMEOUT") return "timeout";
  return /CERT|SIGNATURE|^ERR_TLS|^ERR_SSL/.test(code) ? "tls" : "unreachable";
}

function classOf(code: FailureCode): ErrorClass | undefined {
  switch (code) {
    case "INTERRUPTED":
      return undefined;
    case "DEFECT":
      return "internal";
    case "LOGIN_FAILED":
    case "REGISTRY_DENIED":
      return "auth";
    case "BLOB_NOT_FOUND":
    case "MANIFEST_NOT_FOUND":
    case "PLATFORM_NOT_FOUND":
    case "REPOSITORY_NOT_FOUND":
      return "not_found";
    case "REGISTRY_THROTTLED":
      return "rate_limit";
    case "REGISTRY_STALLED":
      return "stall";
    case "TLS_INVALID":
      return "tls";
    case "REGISTRY_UNREACHABLE":
      return "unreachable";
    case "REDIRECT_REFUSED":
    case "REGISTRY_ANSWER_INVALID":
    case "REGISTRY_STATUS":
    case "TARGET_INCOMPLETE":
      return "registry";
    case "DIGEST_MISMATCH":
    case "SIZE_MISMATCH":
      return "digest_mismatch";
    case "DIGEST_INVALID":
    case "LOOP":
    case "MANIFEST_INVALID":
    case "MANIFEST_TOO_LARGE":
      return "manifest_invalid";
    case "DISK_FULL":
    case "DISK_REFUSED":
    case "LAYOUT_INVALID":
    case "LAYOUT_LOCKED":
    case "STATE_INVALID":
    case "STATE_LOCKED":
      return "storage";
    case "BACKUP_INVALID":
    case "CONFIG_INVALID":
    case "CONFIG_UNREADABLE":
    case "CRON_INVALID":
    case "DURATION_INVALID":
    case "LISTEN_ADDRESS_INVALID":
    case "LISTEN_FAILED":
    case "PATTERN_INVALID":
    case "PLATFORM_INVALID":
    case "REFERENCE_INVALID":
    case "TEMPLATE_EXECUTION":
    case "TEMPLATE_PARSE":
    case "UNSUPPORTED":
    case "USAGE_INVALID":
    case "VERSION_RANGE_INVALID":
      return "config";
  }
}
