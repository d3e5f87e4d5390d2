import type { Entry } from "../config/plan.ts";

/** Whether an image is gone through although both sides have the same: for its referrers, digest tags, or every part. */
export function looksBeyondDigest({ fastCheck, forceRecursive, referrers, digestTags }: Entry): boolean {
  return !fastCheck && (forceRecursive || referrers || digestTags);
}
