import type { Urgency } from "../base/limiter.ts";
import type { Entry } from "../config/plan.ts";
import { Failure, Interrupted } from "../base/failure.ts";
import { carryAlone, type DocumentSource } from "../copy/carrier.ts";
import { copyImageBy } from "../copy/copy-image.ts";
import { FanOut } from "../copy/fan-out.ts";
import type { CopyOptions } from "../copy/options.ts";
import type { Digest } from "../oci/digest.ts";
import { currentManifests, isIndexType } from "../oci/media-type.ts";
import { manifestNameOf } from "../oci/manifest-name.ts";
import { commonName, type Reference, addDigest } from "../oci/reference.ts";
import type { ManifestHead, Repository } from "../oci/store.ts";
import { Agreement } from "./agreement.ts";
import { saveBackup } from "./backup.ts";
import type { EntryContext, SyncContext } from "./context.ts";
import { lookAtBoth, lookAtTarget, lookLastsMs, type Sides, type TargetLook } from "./look.ts";
import { looksBeyondDigest } from "./looks-beyond-digest.ts";
import type { CopyReason, Outcome } from "./outcome.ts";
import { findPlatformChild } from "./platform-child.ts";
import { awaitQuota, type QuotaWait } from "./quota.ts";

/** One image of an entry for one of its targets: what to read, and where to write it. */
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
  /** When the target was seen not to list the tag, on the monotonic clock; `undefined` when it is to be asked. */
  readonly missingMs: number | undefined;
}

/** What is to be copied, with all that looking has shown. */
interface Due {
  readonly kind: "due";
  readonly job: ImageJob;
  readonly source: Repository;
  readonly target: Repository;
  /** What the source has under the name, whatever the platform. */
  readonly head: ManifestHead;
  /** Where the source's documents are read. */
  readonly documents: DocumentSource;
  /** The name, or the digest of the platform's child. */
  readonly wanted: Reference;
  readonly digest: Digest;
  readonly there: ManifestHead | undefined;
  readonly reason: CopyReason;
}

/** Does one step of a job; what is still to be copied afterwards is given back, and everything else reported. */
type Settle = (job: ImageJob, act: () => Promise<Due | Outcome>) => Promise<Due | undefined>;

/**
 * Decides on one image for each of its targets, and copies it to those where it has to be: together, so that the
 * source is read once. What becomes of each job is reported; a target in trouble does not keep the others.
 *
 * Both sides are asked at most once each when nothing is to be done, at the same time unless the target is likely to have
 * nothing; and not at all for a tag that never changes while an earlier pass vouches for it, the target alone when a list
 * of the source says what it has. Whatever keeps an image from being mirrored leaves the target's tag as it was. Rejects
 * only with what is not a `Failure`. Spec: regsync.md §5.4.
 */
export async function syncImage(
  jobs: readonly ImageJob[],
  context: EntryContext,
  report: (job: ImageJob, outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<void> {
  const agreements = new Map(jobs.map((job) => [job, new Agreement(job, context)]));
  const settle: Settle = async (job, act) => {
    try {
      const result = await act();
      if (result.kind === "due") return result;
      agreements.get(job)?.learn(result);
      report(job, result);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      const names = { target: commonName(job.target), source: commonName(job.source) };
      const isStopped = signal.aborted && (failure instanceof Interrupted || context.finishing.aborted);
      if (!isStopped) context.failures.failed("Failed to sync", failure, names);
      report(job, { kind: "failed", failure });
    }
    return undefined;
  };
  const fan = jobs.length > 1 ? new FanOut(context.clock) : undefined;
  const looks = jobs.map(async (job) => {
    const agreement = agreements.get(job) ?? new Agreement(job, context);
    if (agreement.digest === undefined) return await settle(job, () => look(job, agreement, fan, context, signal));
    report(job, { kind: "unchanged", digest: agreement.digest });
    return undefined;
  });
  const due = (await Promise.all(looks)).filter((each) => each !== undefined);
  if (due.length > 0) await copyInTurn(due, fan, context, settle, signal);
}

async function look(
  job: ImageJob,
  agreement: Agreement,
  fan: FanOut | undefined,
  context: EntryContext,
  signal: AbortSignal,
): Promise<Due | Outcome> {
  let there: TargetLook | undefined;
  if (agreement.listed !== undefined) {
    there = await lookAtTarget(job, context, signal);
    if (there.head?.digest === agreement.listed) {
      agreement.believed();
      return unchanged(agreement.listed, namesOf(job), context);
    }
  }
  const source = context.stores.repository(job.source);
  const documents = fan?.documentsOf(source) ?? source;
  const mayRead = mayReadAtOnce(job.entry, context);
  const result = await decide(job, { source: documents, target: there, mayRead }, context, signal);
  if (result.kind !== "due") return result;
  announce(result, context);
  if (context.action === "check") return { kind: "stale", reason: result.reason };
  job.onDue();
  return result;
}

/** Waits for the image's turn, and copies it to every target that is still due then. */
async function copyInTurn(
  looked: readonly Due[],
  looks: FanOut | undefined,
  context: EntryContext,
  settle: Settle,
  signal: AbortSignal,
): Promise<void> {
  const lookedMs = context.clock.monotonic();
  let due = looked;
  let fan = looks;
  using slots = new DisposableStack();
  try {
    const urgency = due.some((each) => urgencyOf(each) === "small") ? "small" : "large";
    let slot = await context.gate.take(signal, urgency);
    slots.defer(() => slot[Symbol.dispose]());
    // In a long queue the tag may have moved on since.
    if (context.clock.monotonic() - lookedMs >= lookLastsMs) {
      const again = fan?.renewed();
      const results = due.map((each) => settle(each.job, () => decideAgain(each, again, context, signal)));
      due = (await Promise.all(results)).filter((each) => each !== undefined);
      fan = again;
    }
    const [first] = due;
    if (first !== undefined && first.job.entry.rateLimit.min > 0 && first.head.rateLimit !== undefined) {
      slot = await awaitQuota(quotaOf(first), slot, context, signal);
    }
  } catch (failure) {
    await Promise.all(due.map(({ job }) => settle(job, () => Promise.reject(failure))));
    return;
  }
  // All of them have joined before the first comes to a blob.
  const together = due.length > 1 ? fan : undefined;
  await Promise.all(due.map((each) => settle(each.job, () => copyDue(each, together, context, context.finishing))));
}

/**
 * Whether the source's manifest may be read before it is decided on: nothing that is known of it could still keep it
 * from being copied. A pass that only looks reads nothing, and what is left of a quota is looked at before it is used.
 */
function mayReadAtOnce({ mediaTypes, rateLimit }: Entry, { action }: SyncContext): boolean {
  return action !== "check" && rateLimit.min <= 0 && currentManifests.every((type) => mediaTypes.includes(type));
}

/** Decides once more on what was found to be due. What was read of the source then is still good where it is the same. */
async function decideAgain(
  { job, source, documents }: Due,
  fan: FanOut | undefined,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Due | Outcome> {
  const sides = { source: fan?.documentsOf(source) ?? documents, target: undefined, mayRead: false };
  return await decide(job, sides, context, signal);
}

async function decide(job: ImageJob, sides: Sides, context: SyncContext, signal: AbortSignal): Promise<Due | Outcome> {
  const { entry } = job;
  const names = namesOf(job);
  const source = context.stores.repository(job.source);
  const target = context.stores.repository(job.target);
  const [{ head, documents }, there] = await lookAtBoth(job, sides, context, signal);

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
    digest = await findPlatformChild(documents, head.digest, entry.platform, names.source, context.platforms, signal);
    wanted = addDigest(job.source, digest);
    // A target that has the whole index has the platform too. Spec: regsync.md §5.4 (6).
    const same = [digest, head.digest].find((one) => one === there?.digest);
    if (same !== undefined && !entry.forceRecursive) return unchanged(same, names, context);
  }
  const reason = reasonFor(digest, there, entry);
  return { kind: "due", job, source, target, head, documents, wanted, digest, there, reason };
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

/** Copies to one target, together with the others of the fan-out when there is one. */
async function copyDue(due: Due, fan: FanOut | undefined, context: SyncContext, signal: AbortSignal): Promise<Outcome> {
  const { job, source, documents, target, wanted, digest, there, reason } = due;
  const names = { source: commonName(wanted), target: commonName(job.target) };
  using progress = context.progress.image(names.source, names.target);
  const copying = { log: context.log, ledger: context.ledger, progress, counted: context.counted.copies };
  await using lane = fan?.lane(target, copying, signal);
  try {
    if (reason.kind === "differs" && job.entry.renderBackup !== undefined && there !== undefined) {
      await saveBackup(job.target, there.digest, job.entry.renderBackup, context, signal);
    }
    const startedMs = context.clock.monotonic();
    const sourceName = manifestNameOf(wanted);
    const targetName = manifestNameOf(job.target);
    const image = { source, sourceName, digest, target, targetName, there, options: optionsOf(job.entry, context) };
    const carrier = lane ?? carryAlone(copying, { source, documents });
    const { digest: copied, ...totals } = await copyImageBy(carrier, image, copying, signal);
    const durationMs = context.clock.monotonic() - startedMs;
    const { bytes } = totals;
    context.log.info("Image copied", { ...names, digest: copied, bytes, durationMs: Math.round(durationMs) });
    return { kind: "copied", digest: copied, reason, totals, durationMs };
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
