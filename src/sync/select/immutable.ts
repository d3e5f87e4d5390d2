import type { TagSet } from "../../config/plan.ts";
import { compilePattern } from "../../dialect/pattern.ts";

/**
 * Makes the test whether a tag never changes: what `immutable` of `tags` or of any of `tagSets` says. Throws
 * `PATTERN_INVALID`.
 */
export function compileImmutable({
  tags,
  tagSets,
}: {
  readonly tags: TagSet;
  readonly tagSets: readonly TagSet[];
}): (tag: string) => boolean {
  const patterns = [tags, ...tagSets].flatMap(({ immutable }) => immutable.map(compilePattern));
  return (tag) => patterns.some((pattern) => pattern.matches(tag));
}
