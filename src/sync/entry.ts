import { Failure, Interrupted } from "../base/failure.ts";
import { forEachBounded, LinkedController } from "../base/together.ts";
import type { Entry } from "../config/plan.ts";
import type { Digest } from "../oci/digest.ts";
import { commonName, parseReference, type Reference, withTag } from "../oci/reference.ts";
import type { Repository, Stores, TagListing } from "../oci/store.ts";
import type { EntryContext, SyncContext } from "./context.ts";
import { CopyLine } from "./copy-line.ts";
import { RepositoryMissing } from "./failures.ts";
import { type ImageJob, syncImage } from "./image.ts";
import type { ImageResult, Outcome } from "./outcome.ts";
import { compileImmutable } from "./select/immutable.ts";
import { compileRepositoryFilter } from "./select/repositories.ts";
import { compileTagFilter } from "./select/tag-sets.ts";

/** Tags of one repository that are looked at together beyond what its hosts have slots for: none is ever idle. */
const tagsInLine = 2;
/** Slots of a place that needs none: a layout on disk. */
const slotsOfDisk = 3;
/** Repositories of one registry that are gone through together. */
const repositoriesAtOnce = 8;

/** Images of one repository that wait to be copied while further tags are looked at. */
const imagesInLine = 64;

/**
 * Sees to one image; `listed` is what a list says that the source's tag stands for, and `waits` is called when it is
 * decided that it will be copied.
 */
type DoImage = (source: Reference, target: Reference, listed: Digest | undefined, waits: () => void) => Promise<void>;

/** Where the run of an entry reports to, as things happen. */
export interface EntryReport {
  image(result: ImageResult): void;
  /** An image is to be copied, and waits for its turn. What becomes of it follows. */
  due(target: string): void;
  /** Something that belongs to no single image. */
  failed(failure: Failure): void;
}

/**
 * Runs one entry: every image it names is decided on and copied; what fails is logged and reported, and the rest
 * goes on. Rejects only with what is not a `Failure`. Spec: regsync.md §5.3.
 *
 * After `signal` aborts no more images are begun. Those that are being copied stop with it, or go on to their end
 * unless `finishing` aborts too, when that is another signal.
 */
export async function runEntry(
  entry: Entry,
  context: SyncContext,
  report: EntryReport,
  signal: AbortSignal,
  finishing: AbortSignal = signal,
): Promise<void> {
  // A signal of its own: listening to one takes the longer the more listen already, and entries run by the thousand.
  using own = new LinkedController(signal);
  using last = new LinkedController(finishing);
  const opened = new Map<string, Repository>();
  const inner = { ...context, stores: noting(context.stores, opened), finishing: last.signal };
  try {
    await runRoute(entry, inner, report, own.signal);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    report.failed(failure);
  } finally {
    await tidyUp(opened.values(), context, finishing);
  }
}

/** Stores that note what is opened: the target, but also where backups and referrers go. */
function noting(stores: Stores, opened: Map<string, Repository>): Stores {
  return {
    repository: (at) => {
      const repository = stores.repository(at);
      opened.set(repository.name, repository);
      return repository;
    },
    listRepositories: (registry, signal) => stores.listRepositories(registry, signal),
  };
}

async function runRoute(entry: Entry, context: EntryContext, report: EntryReport, signal: AbortSignal): Promise<void> {
  const { route } = entry;
  const isImmutable = compileImmutable(entry);
  const image: DoImage = (source, target, listed, waits) => {
    const onDue = (): void => {
      report.due(commonName(target));
      waits();
    };
    const job = { entry, source, target, immutable: isImmutable(source.tag), listed, onDue };
    return oneImage(job, context, report, signal);
  };
  switch (route.kind) {
    case "image":
      await image(route.source, route.target, undefined, () => undefined);
      return;
    case "repository":
      await oneRepository(entry, route.source, route.target, context, image, signal);
      return;
    case "registry": {
      const names = await listRepositories(entry, route.source, context, signal);
      const wanted = compileRepositoryFilter(entry.repos)(names);
      const one = async (name: string): Promise<void> => {
        try {
          const source = parseReference(`${route.source}/${name}`);
          const target = parseReference(`${route.target}/${name}`);
          await oneRepository(entry, source, target, context, image, signal);
        } catch (failure) {
          if (!(failure instanceof Failure)) throw failure;
          report.failed(failure);
        }
      };
      await forEachBounded(wanted, repositoriesAtOnce, one, signal);
    }
  }
}

async function listRepositories(
  entry: Entry,
  registry: string,
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    return await context.stores.listRepositories(registry, signal);
  } catch (failure) {
    if (!signal.aborted) {
      context.failures.failed("Failed to list source repositories", failure, {
        source: entry.sourceText,
        target: entry.targetText,
      });
    }
    throw failure;
  }
}

async function oneRepository(
  entry: Entry,
  source: Reference,
  target: Reference,
  context: SyncContext,
  image: DoImage,
  signal: AbortSignal,
): Promise<void> {
  const listing = await listSourceTags(source, context, signal);
  const available = listing.tags;
  const wanted = compileTagFilter(entry.tagSets, entry.tags)(available);
  if (wanted.length === 0) {
    const { tags, tagSets } = entry;
    context.log.warn("No matching tags found", { source: repositoryName(source), tags, tagSets, available });
    return;
  }
  const due = context.action === "missing" ? await withoutPresent(wanted, target, context, signal) : wanted;
  const listed = context.full ? undefined : await listing.digestsOf(due, signal);
  const places = [context.stores.repository(source), context.stores.repository(target)];
  const window = (): number => Math.max(...places.map(slotsOf)) + tagsInLine;
  const line = new CopyLine(imagesInLine);
  await forEachBounded(
    due,
    window,
    (tag) => line.begin((waits) => image(withTag(source, tag), withTag(target, tag), listed?.get(tag), waits)),
    signal,
  );
  await line.drained();
}

/** How many questions a place takes at once now. */
function slotsOf({ writeLimiters }: Repository): number {
  return Math.max(slotsOfDisk, ...writeLimiters.map(({ width }) => width));
}

async function listSourceTags(source: Reference, context: SyncContext, signal: AbortSignal): Promise<TagListing> {
  try {
    const listing = await context.stores.repository(source).listTagsAndDigests(signal);
    if (listing === undefined) throw new RepositoryMissing(repositoryName(source));
    return listing;
  } catch (failure) {
    if (!signal.aborted) {
      context.failures.failed("Failed getting source tags", failure, { source: repositoryName(source) });
    }
    throw failure;
  }
}

/** The tags that the target does not list. A target that cannot be listed counts as empty. Spec: regsync.md §5.7. */
async function withoutPresent(
  wanted: readonly string[],
  target: Reference,
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly string[]> {
  let present: ReadonlySet<string> = new Set();
  try {
    present = new Set(await context.stores.repository(target).listTags(signal));
  } catch (failure) {
    if (!(failure instanceof Failure) || failure instanceof Interrupted) throw failure;
    context.log.debug("Failed getting target tags", { target: repositoryName(target), error: failure.message });
  }
  return wanted.filter((tag) => !present.has(tag)).toSorted();
}

async function oneImage(job: ImageJob, context: EntryContext, report: EntryReport, signal: AbortSignal): Promise<void> {
  const names = { source: commonName(job.source), target: commonName(job.target) };
  let outcome: Outcome;
  try {
    outcome = await syncImage(job, context, signal);
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    if (!signal.aborted || !(failure instanceof Interrupted || context.finishing.aborted))
      context.failures.failed("Failed to sync", failure, { target: names.target, source: names.source });
    outcome = { kind: "failed", failure };
  }
  report.image({ entry: job.entry.index, ...names, outcome });
}

/** Removes from layouts what nothing refers to any more. Not being able to is said, and fails nothing. */
async function tidyUp(repositories: Iterable<Repository>, context: SyncContext, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  for (const repository of repositories) {
    try {
      await repository.tidy(signal);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      context.log.error("Error closing ref", { ref: repository.name, error: failure.message });
    }
  }
}

function repositoryName(at: Reference): string {
  return commonName(withTag(at, ""));
}
