import { compileAllowDeny, type NameFilter } from "./name-filter.ts";

/**
 * Makes the filter of a registry's repositories, by their whole path as it is listed. Throws `PATTERN_INVALID`; the
 * filter itself throws nothing. Spec: regsync.md §5.3, §5.5.
 */
export function compileRepositoryFilter(repositories: {
  readonly allow: readonly string[];
  readonly deny: readonly string[];
}): NameFilter {
  return compileAllowDeny(repositories.allow, repositories.deny);
}
