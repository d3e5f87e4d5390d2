import type { Descriptor } from "./descriptor.ts";

/** Which referrers are wanted. An empty `artifactType` and no annotations match everything. */
export interface ReferrerFilter {
  readonly artifactType: string;
  /** Key → wanted value; an empty value asks only that the key exists. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whether a referrer is wanted: a filter matches, or there is none. Spec: regsync.md §6.6. */
export function isWantedReferrer(referrer: Descriptor, filters: readonly ReferrerFilter[]): boolean {
  return filters.length === 0 || filters.some((filter) => matches(referrer, filter));
}

function matches(referrer: Descriptor, filter: ReferrerFilter): boolean {
  if (filter.artifactType !== "" && filter.artifactType !== referrer.artifactType) return false;
  return Object.entries(filter.annotations).every(
    ([key, wanted]) =>
      Object.hasOwn(referrer.annotations, key) && (wanted === "" || referrer.annotations[key] === wanted),
  );
}
