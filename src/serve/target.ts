import { targetLimit } from "./limits.ts";

/** What a request line asks for. */
export interface Target {
  /** The parts of the path, decoded: `/livez` is one part. */
  readonly segments: readonly string[];
  readonly query: URLSearchParams;
}

/**
 * Reads the target of a request line; a text says why it is refused.
 *
 * Only the plain spelling of a path is one: what a proxy in front of us might read in another way (dot segments, empty
 * ones, backslashes, control characters) is no path here. Spec: RFC 9112 §3.2.
 */
export function readTarget(raw: string): Target | string {
  if (raw.length > targetLimit) return `the target is longer than ${targetLimit} characters`;
  const [path = "", ...queries] = withoutOrigin(raw).split("?");
  if (!path.startsWith("/")) return "the target is not a path";
  const query = new URLSearchParams(queries.join("?"));
  if (path === "/") return { segments: [], query };
  const segments: string[] = [];
  for (const part of path.slice(1).split("/")) {
    const segment = decoded(part);
    if (segment === undefined) return "the path is not encoded as it should be";
    if (segment === "" || segment === "." || segment === "..") return "the path has an empty part, or one of dots";
    if (/[\p{Cc}\\]/u.test(segment)) return "the path has a character that belongs into none";
    segments.push(segment);
  }
  return { segments, query };
}

/** Servers must understand the form that is meant for proxies as well. */
function withoutOrigin(raw: string): string {
  return raw.replace(/^https?:\/\/[^/?#]*/i, "");
}

function decoded(part: string): string | undefined {
  if (/[^\x21-\x7e]/.test(part) || part.includes("#")) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
