import type { TagSet } from "../../config/plan.ts";
import { parseVersion } from "../../dialect/version.ts";
import { parseVersionRange } from "../../dialect/version-range.ts";
import { compileAllowDeny, keepAll, type NameFilter } from "./name-filter.ts";

/**
 * Makes the filter of an entry's tags: every one of `tagSets` and then `tags`, if it has a criterion, is asked, and
 * what they want is united. A tag stays where the first set that wants it puts it; without any set all are wanted.
 *
 * Throws `PATTERN_INVALID` and `VERSION_RANGE_INVALID`; the filter itself throws nothing. Spec: regsync.md §5.5.
 */
export function compileTagFilter(tagSets: readonly TagSet[], tags: TagSet): NameFilter {
  const sets = (hasCriterion(tags) ? [...tagSets, tags] : tagSets).map(compileTagSet);
  if (sets.length === 0) return keepAll;
  return (listed) => {
    let united: readonly string[] = [];
    for (const set of sets) united = unite(united, set(listed));
    return united;
  };
}

/** What a list has twice stays twice when nothing was wanted before it. */
function unite(before: readonly string[], more: readonly string[]): readonly string[] {
  if (before.length === 0) return more;
  const seen = new Set(before);
  return [...before, ...new Set(more).difference(seen)];
}

function hasCriterion(tags: TagSet): boolean {
  return tags.allow.length > 0 || tags.deny.length > 0 || tags.semverRange.length > 0;
}

/** A tag must pass the ranges, `allow` and `deny`. */
function compileTagSet({ allow, deny, semverRange }: TagSet): NameFilter {
  const inRange = compileRanges(semverRange);
  const byName = compileAllowDeny(allow, deny);
  return (listed) => byName(inRange(listed));
}

/** Keeps the versions that any range includes, and drops what is no version. Empty ranges do not count. */
function compileRanges(semverRange: readonly string[]): NameFilter {
  const ranges = semverRange.filter((text) => text !== "").map(parseVersionRange);
  if (ranges.length === 0) return keepAll;
  return (listed) =>
    listed.filter((tag) => {
      const version = parseVersion(tag);
      return version !== undefined && ranges.some((range) => range.includes(version));
    });
}
