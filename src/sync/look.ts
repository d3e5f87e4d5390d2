import { messageOf } from "../base/failure.ts";
import { manifestNameOf } from "../oci/manifest-name.ts";
import { commonName } from "../oci/reference.ts";
import { isDenied, type ManifestHead } from "../oci/store.ts";
import type { SyncContext } from "./context.ts";
import { SourceMissing } from "./failures.ts";
import type { ImageJob } from "./image.ts";

/** What the target has under the tag; a `head` of `undefined` when it has nothing. */
export interface TargetLook {
  readonly head: ManifestHead | undefined;
}

/** Looks at the target. One that does not let look counts as one that has nothing. Throws what looking throws. */
export async function lookAtTarget(job: ImageJob, context: SyncContext, signal: AbortSignal): Promise<TargetLook> {
  try {
    return { head: await context.stores.repository(job.target).headManifest(manifestNameOf(job.target), signal) };
  } catch (failure) {
    if (!isDenied(failure)) throw failure;
    context.log.debug("Target does not let look, taken as absent", {
      target: commonName(job.target),
      err: messageOf(failure),
    });
    return { head: undefined };
  }
}

/**
 * Looks at both sides at the same time, or at the source alone when the target was `looked` at already. Throws what
 * looking throws, the source's failure before the target's, and `MANIFEST_NOT_FOUND` when the source has nothing.
 */
export async function lookAtBoth(
  job: ImageJob,
  looked: TargetLook | undefined,
  context: SyncContext,
  signal: AbortSignal,
): Promise<[ManifestHead, ManifestHead | undefined]> {
  const source = context.stores.repository(job.source);
  const [head, there] = await Promise.allSettled([
    source.headManifest(manifestNameOf(job.source), signal),
    looked ?? lookAtTarget(job, context, signal),
  ]);
  if (head.status === "rejected" || head.value === undefined) {
    const failure: unknown = head.status === "rejected" ? head.reason : new SourceMissing(commonName(job.source));
    if (!signal.aborted) {
      context.failures.failed("Failed to lookup source manifest", failure, { source: commonName(job.source) });
    }
    throw failure;
  }
  if (there.status === "rejected") throw there.reason;
  return [head.value, there.value.head];
}
