import { messageOf } from "../base/failure.ts";
import type { DocumentSource } from "../copy/carrier.ts";
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

/** An answer about a tag that is older than this is asked for again before copying, in milliseconds. */
export const lookLastsMs = 60_000;

/** Looks at the target, unless it has just been seen not to list the tag. One that does not let look counts as one that has nothing. Throws what looking throws. */
export async function lookAtTarget(job: ImageJob, context: SyncContext, signal: AbortSignal): Promise<TargetLook> {
  const { missingMs } = job;
  if (missingMs !== undefined && context.clock.monotonic() - missingMs < lookLastsMs) return { head: undefined };
  const target = context.stores.repository(job.target);
  try {
    const head = await target.headManifest(manifestNameOf(job.target), signal);
    if (head !== undefined) context.ledger.learnNewness(target, false);
    return { head };
  } catch (failure) {
    if (!isDenied(failure)) throw failure;
    context.ledger.learnNewness(target, true);
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
  source: DocumentSource,
  looked: TargetLook | undefined,
  context: SyncContext,
  signal: AbortSignal,
): Promise<[ManifestHead, ManifestHead | undefined]> {
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
