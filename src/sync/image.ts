import type { Urgency } from "../base/limiter.ts";
import type { Entry } from "../config/plan.ts";
import { copyImage } from "../copy/copy-image.ts";
import type { CopyOptions } from "../copy/options.ts";
import type { Digest } from "../oci/digest.ts";
import { isIndexType } from "../oci/media-type.ts";
import { manifestNameOf } from "../oci/manifest-name.ts";
import { commonName, type Reference, addDigest } from "../oci/reference.ts";
import type { ManifestHead, Repository } from "../oci/store.ts";
import { Agreement } from "./agreement.ts";
import { saveBackup } from "./backup.ts";
import type { EntryContext, SyncContext } from "./context.ts";
import { lookAtBoth, lookAtTarget, type TargetLook } from "./look.ts";
import { looksBeyondDigest } from "./looks-beyond-digest.ts";
import type { CopyReason, Outcome } from "./outcome.ts";
import { findPlatformChild } from "./platform-child.ts";
import { awaitQuota, type QuotaWait } from "./quota.ts";

/** One image of an entry: what to read, and where to write it. */
export interface ImageJob {
  readonly entry: Entry;
  readonly source: Reference;
  readonly target: Reference;
  /** Whether the user says that the tag never changes once it is there. */
  readonly immutable: boolean;
  /** What the source's list says that its tag stands for; `undefined` when it says nothing. */
  readonly listed: Digest | undefined;
  /** Told when the image is found to be copied, before its turn comes. */
  readonly onDue: () => void;
}

/** What is to be copied, with all that looking has shown. */
interface Due {
  readonly kind: "due";
  readonly job: ImageJob;
  readonly source: Repository;
  readonly target: Repository;
  /** What the source has under the name, whatever the platform. */
  readonly head: ManifestHead;
  /** The name, or the digest of the platform's child. */
  readonly wanted: Reference;
  readonly digest: Digest;
  readonly there: ManifestHead | undefined;
  readonly reason: CopyReason;
}

/** An answer about a tag that is older than this is asked for again before copying, in milliseconds. */
const lookLastsMs = 60_000;

/**
 * Decides on one image and copies it when it has to be.
 *
 * Both sides are asked at the same time, at most once each when nothing is to be done; the target alone when a list of
 * the source says what it has; and neither for a tag that never changes while an earlier pass vouches for it. Throws
 * whatever keeps the image from being mirrored; the target's tag is then as it was. Spec: regsync.md §5.4.
 */
export async function syncImage(job: ImageJob, context: EntryContext, signal: AbortSignal): Promise<Outcome> {
  const agreement = new Agreement(job, context);
  if (agreement.digest !== undefined) return { kind: "unchanged", digest: agreement.digest };
  let there: TargetLook | undefined;
  if (agreement.listed !== undefined) {
    there = await lookAtTarget(job, context, signal);
    if (there.head?.digest === agreement.listed) {
      agreement.believed();
      return unchanged(agreement.listed, namesOf(job), context);
    }
  }
  const outcome = await compareAndCopy(job, there, context, signal);
  agreement.learn(outcome);
  return outcome;
}

async function compareAndCopy(
  job: ImageJob,
  looked: TargetLook | undefined,
  context: EntryContext,
  signal: AbortSignal,
): Promise<Outcome> {
  const first = await decide(job, looked, context, signal);
  if (first.kind !== "due") return first;
  announce(first, context);
  if (context.action === "check") return { kind: "stale", reason: first.reason };

  job.onDue();
  const lookedMs = context.clock.monotonic();
  using slots = new DisposableStack();
  let slot = await context.gate.take(signal, urgencyOf(first));
  slots.defer(() => slot[Symbol.dispose]());
  // In a long queue the tag may have moved on since.
  const isFresh = context.clock.monotonic() - lookedMs < lookLastsMs;
  const due = isFresh ? first : await decide(job, undefined, context, signal);
  if (due.kind !== "due") return due;
  if (job.entry.rateLimit.min > 0 && due.head.rateLimit !== undefined) {
    slot = await awaitQuota(quotaOf(due), slot, context, signal);
  }
  return await copyDue(due, context, context.finishing);
}

async function decide(
  job: ImageJob,
  looked: TargetLook | undefined,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Due | Outcome> {
  const { entry } = job;
  const names = namesOf(job);
  const source = context.stores.repository(job.source);
  const target = context.stores.repository(job.target);
  const [head, there] = await lookAtBoth(job, looked, context, signal);

  if (head.digest === there?.digest && !looksBeyondDigest(entry)) return unchanged(head.digest, names, context);
  if (context.action === "missing" && there !== undefined) {
    context.log.debug("target exists", names);
    return { kind: "skipped", reason: { kind: "exists" } };
  }
  if (!entry.mediaTypes.includes(head.mediaType)) {
    const { mediaType } = head;
    context.log.info("Skipping unsupported media type", { ref: names.source, mediaType, allowed: entry.mediaTypes });
    return { kind: "skipped", reason: { kind: "mediaType", mediaType } };
  }

  let wanted = job.source;
  let { digest } = head;
  if (entry.platform !== undefined && isIndexType(head.mediaType)) {
    digest = await findPlatformChild(source, head.digest, entry.platform, names.source, context.platforms, signal);
    wanted = addDigest(job.source, digest);
    if (digest === there?.digest && !entry.forceRecursive) return unchanged(digest, names, context);
  }
  return { kind: "due", job, source, target, head, wanted, digest, there, reason: reasonFor(digest, there, entry) };
}

function namesOf({ source, target }: ImageJob): { readonly source: string; readonly target: string } {
  return { source: commonName(source), target: commonName(target) };
}

function unchanged(
  digest: Digest,
  names: { readonly source: string; readonly target: string },
  context: SyncContext,
): Outcome {
  context.log.debug("Image matches", names);
  return { kind: "unchanged", digest };
}

function reasonFor(digest: Digest, there: ManifestHead | undefined, entry: Entry): CopyReason {
  if (there === undefined) return { kind: "absent", source: digest };
  if (there.digest !== digest) return { kind: "differs", source: digest, target: there.digest };
  return { kind: entry.forceRecursive ? "forced" : "referrers", source: digest };
}

/** What is missing goes before what is only to be refreshed, and a host in trouble holds up nobody else. */
function urgencyOf({ reason, source, target }: Due): Urgency {
  return reason.kind === "absent" && !source.isTroubled && !target.isTroubled ? "small" : "large";
}

function announce({ job, reason, wanted }: Due, context: SyncContext): void {
  const names = { source: commonName(wanted), target: commonName(job.target) };
  const why = { reason: reason.kind, digest: reason.source };
  if (reason.kind === "absent" || reason.kind === "differs") {
    const replaces = reason.kind === "differs" ? { replaces: reason.target } : {};
    context.log.info("Image sync needed", { ...names, ...why, ...replaces });
    return;
  }
  const { forceRecursive: forced, digestTags, referrers } = job.entry;
  context.log.info("Image refreshing", { ...names, ...why, forced, digestTags, referrers });
}

function quotaOf({ job, source, wanted }: Due): QuotaWait {
  const names = { source: commonName(wanted), target: commonName(job.target) };
  return { source, name: manifestNameOf(job.source), ...job.entry.rateLimit, names };
}

async function copyDue(due: Due, context: SyncContext, signal: AbortSignal): Promise<Outcome> {
  const { job, source, target, wanted, digest, there, reason } = due;
  const names = { source: commonName(wanted), target: commonName(job.target) };
  try {
    if (reason.kind === "differs" && job.entry.renderBackup !== undefined && there !== undefined) {
      await saveBackup(job.target, there.digest, job.entry.renderBackup, context, signal);
    }
    const startedMs = context.clock.monotonic();
    using progress = context.progress.image(names.source, names.target);
    const sourceName = manifestNameOf(wanted);
    const targetName = manifestNameOf(job.target);
    const totals = await copyImage(
      { source, sourceName, digest, target, targetName, there, options: optionsOf(job.entry, context) },
      { log: context.log, ledger: context.ledger, progress, counted: context.counted.copies },
      signal,
    );
    const durationMs = context.clock.monotonic() - startedMs;
    context.log.info("Image copied", { ...names, digest, bytes: totals.bytes, durationMs: Math.round(durationMs) });
    return { kind: "copied", digest, reason, totals, durationMs };
  } catch (failure) {
    if (!signal.aborted) context.failures.failed("Failed to copy image", failure, names);
    throw failure;
  }
}

function optionsOf(entry: Entry, { stores }: SyncContext): CopyOptions {
  const open = (at: Reference | undefined): Repository | undefined =>
    at === undefined ? undefined : stores.repository(at);
  return {
    digestTags: entry.digestTags,
    referrers: entry.referrers,
    referrerFilters: entry.referrerFilters,
    referrerSource: open(entry.referrerSource),
    referrerTarget: open(entry.referrerTarget),
    fastCheck: entry.fastCheck,
    forceRecursive: entry.forceRecursive,
    includeExternal: entry.includeExternal,
    platforms: entry.platforms,
  };
}
