import type { EffectiveEntry } from "./effective.ts";
import type { EntryReport } from "./entry-report.ts";
import type { RawEntry, RawTagSet } from "./raw.ts";

const needsReferrers = ["referrerFilters", "referrerSource", "referrerTarget"] as const;

/** Says which settings of an entry another of its settings leaves unused: people expect them to select something. */
export function warnAboutUnused(
  raw: RawEntry,
  { type, tags, tagSets, repos, referrers }: EffectiveEntry,
  report: EntryReport,
): void {
  if (type === "image") {
    const advice =
      "has no effect on type: image, which copies the tag in source; write type: repository to select tags";
    if (hasCriterion(tags)) report.warn(["tags"], advice);
    if (tagSets !== undefined && tagSets.length > 0) report.warn(["tagSets"], advice);
  }
  if ((type === "image" || type === "repository") && hasCriterion(repos)) {
    report.warn(["repos"], `has no effect on type: ${type}; write type: registry to select repositories`);
  }
  if (referrers || raw.referrers === false) return;
  for (const key of needsReferrers) {
    if (raw[key] !== undefined && raw[key].length > 0) report.warn([key], "has no effect without referrers: true");
  }
}

function hasCriterion({ allow = [], deny = [], semverRange = [] }: RawTagSet): boolean {
  return allow.length > 0 || deny.length > 0 || semverRange.length > 0;
}
