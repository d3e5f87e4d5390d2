import { Failure, type FailureCode, messageOf } from "../base/failure.ts";
import type { DocumentSource } from "../copy/carrier.ts";
import { havingRead } from "../copy/read-documents.ts";
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

/** What is wrong with a manifest itself: whether it is wanted at all is told by a look. */
const unreadable: ReadonlySet<FailureCode> = new Set([
  "MANIFEST_INVALID",
  "MANIFEST_TOO_LARGE",
  "DIGEST_INVALID",
  "DIGEST_MISMATCH",
]);

/** An answer about a tag that is older than this is asked for again before copying, in milliseconds. */
export const lookLastsMs = 60_000;

/**
 * Looks at the target, unless it has just been seen not to list the tag. One that does not let look counts as one that
 * has nothing. Throws what looking throws.
 */
export async function lookAtTarget(job: ImageJob, context: SyncContext, signal: AbortSignal): Promise<TargetLook> {
  const { missingMs } = job;
  if (missingMs !== undefined && context.clock.monotonic() - missingMs < lookLastsMs) return { head: undefined };
  const target = context.stores.repository(job.target);
  try {
    const head = await target.headManifest(manifestNameOf(job.target), signal);
    context.ledger.learnTag(target, head !== undefined);
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

/** What the source has under the tag, and where more of its documents are read. */
export interface SourceLook {
  readonly head: ManifestHead;
  readonly documents: DocumentSource;
}

/** Where the two sides of an image are looked at. */
export interface Sides {
  readonly source: DocumentSource;
  /** What the target has, when it was looked at already. */
  readonly target: TargetLook | undefined;
  /** Whether the source's manifest may be read in place of a look, once the target is known to have nothing. */
  readonly mayRead: boolean;
}

/**
 * Looks at both sides at the same time, or at the source alone when the target was looked at already. Where the target
 * is likely to have nothing, or costs nothing to look at, it comes first: a manifest that will be copied is then read at
 * once, which saves the look.
 *
 * Throws what looking throws, the source's failure before the target's, and `MANIFEST_NOT_FOUND` when the source has
 * nothing.
 */
export async function lookAtBoth(
  job: ImageJob,
  sides: Sides,
  context: SyncContext,
  signal: AbortSignal,
): Promise<[SourceLook, ManifestHead | undefined]> {
  const looking = sides.target === undefined ? lookAtTarget(job, context, signal) : Promise.resolve(sides.target);
  const readsAtOnce = sides.mayRead && isTargetFirst(job, sides, context) && (await hasNothing(looking));
  const look = readsAtOnce ? readSource : headSource;
  const [found, there] = await Promise.allSettled([look(job, sides.source, signal), looking]);
  if (found.status === "rejected" || found.value === undefined) {
    const failure: unknown = found.status === "rejected" ? found.reason : new SourceMissing(commonName(job.source));
    if (!signal.aborted) {
      context.failures.failed("Failed to lookup source manifest", failure, { source: commonName(job.source) });
    }
    throw failure;
  }
  if (there.status === "rejected") throw there.reason;
  return [found.value, there.value.head];
}

/**
 * Whether looking at the target first costs no time, or is likely to save a request: it is a repository that nobody has
 * seen anything in, or that did not have the tag before. Where one has many tags, others are looked at meanwhile in any
 * case, and the first show what it is.
 */
function isTargetFirst({ entry, target, missingMs }: ImageJob, sides: Sides, { stores, ledger }: SyncContext): boolean {
  if (sides.target !== undefined || missingMs !== undefined) return true;
  const repository = stores.repository(target);
  if (repository.looksAreFree || ledger.isNew(repository) || ledger.lacksTags(repository)) return true;
  return entry.route.kind === "image" && ledger.mayBeNew(repository);
}

/** A look that fails says nothing. */
async function hasNothing(looking: Promise<TargetLook>): Promise<boolean> {
  return await looking.then(
    ({ head }) => head === undefined,
    () => false,
  );
}

async function headSource(job: ImageJob, source: DocumentSource, signal: AbortSignal): Promise<SourceLook | undefined> {
  const head = await source.headManifest(manifestNameOf(job.source), signal);
  return head && { head, documents: source };
}

/** As `headSource`, with the manifest read on the way; only looked at when it is none that can be read. */
async function readSource(job: ImageJob, source: DocumentSource, signal: AbortSignal): Promise<SourceLook | undefined> {
  try {
    const manifest = await source.getManifest(manifestNameOf(job.source), signal);
    if (manifest === undefined) return undefined;
    const { digest, mediaType, bytes } = manifest;
    const head = { digest, mediaType, sizeBytes: bytes.byteLength, rateLimit: undefined };
    return { head, documents: havingRead(source, manifest) };
  } catch (failure) {
    if (!(failure instanceof Failure) || !unreadable.has(failure.code)) throw failure;
    return await headSource(job, source, signal);
  }
}
