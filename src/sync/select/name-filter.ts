import { compilePattern } from "../../dialect/pattern.ts";

/** Keeps what is wanted of a list of names, in its order. */
export type NameFilter = (names: readonly string[]) => readonly string[];

/** What every list of names passes unchanged. */
export const keepAll: NameFilter = (names) => names;

/**
 * Keeps the names that any pattern of `allow` matches, or all when there is none, and then drops those that any of
 * `deny` matches. Throws `PATTERN_INVALID`. Spec: regsync.md §5.5.
 */
export function compileAllowDeny(allow: readonly string[], deny: readonly string[]): NameFilter {
  const allowed = allow.map(compilePattern);
  const denied = deny.map(compilePattern);
  if (allowed.length === 0 && denied.length === 0) return keepAll;
  return (names) =>
    names.filter(
      (name) =>
        (allowed.length === 0 || allowed.some((pattern) => pattern.matches(name))) &&
        !denied.some((pattern) => pattern.matches(name)),
    );
}
