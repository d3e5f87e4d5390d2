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
type DoImage = (
  source: Reference,
  places: readonly Place[],
  listed: Digest | undefined,
  waits: () => void,
) => Promise<void>;

/** Where an image goes, and what is known of it there. */
type Place = Pick<ImageJob, "target" | "missingMs">;

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
  const image: DoImage = (source, places, listed, waits) => {
    const immutable = isImmutable(source.tag);
    const jobs = places.map((place): ImageJob => {
      const onDue = (): void => {
        report.due(commonName(place.target));
        waits();
      };
      return { entry, source, ...place, immutable, listed, onDue };
    });
    return syncImage(jobs, context, (job, outcome) => report.image(resultOf(job, outcome)), signal);
  };
  switch (route.kind) {
    case "image":
      await image(
        route.source,
        route.targets.map((target) => ({ target, missingMs: undefined })),
        undefined,
        () => undefined,
      );
      return;
    case "repository":
      await oneRepository(entry, route.source, route.targets, context, image, signal);
      return;
    case "registry": {
      const names = await listRepositories(entry, route.source, context, signal);
      const wanted = compileRepositoryFilter(entry.repos)(names);
      const one = async (name: string): Promise<void> => {
        try {
          const source = parseReference(`${route.source}/${name}`);
          const targets = route.targets.map((target) => parseReference(`${target}/${name}`));
          await oneRepository(entry, source, targets, context, image, signal);
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
  targets: readonly Reference[],
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
  const missing = context.action === "missing" ? await listMissing(wanted, targets, context, signal) : undefined;
  const placesOf = (tag: string): readonly Place[] =>
    missing === undefined
      ? targets.map((target) => ({ target: withTag(target, tag), missingMs: undefined }))
      : missing.flatMap((placeOf) => placeOf(tag) ?? []);
  const due = missing === undefined ? wanted : wanted.filter((tag) => placesOf(tag).length > 0).toSorted();
  const listed = context.full ? undefined : await listing.digestsOf(due, signal);
  const places = [source, ...targets].map((at) => context.stores.repository(at));
  const window = (): number => Math.max(...places.map(slotsOf)) + tagsInLine;
  const line = new CopyLine(imagesInLine);
  await forEachBounded(
    due,
    window,
    (tag) => line.begin((waits) => image(withTag(source, tag), placesOf(tag), listed?.get(tag), waits)),
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

/** Gives each target's place for a tag; `undefined` where the target lists it. */
async function listMissing(
  wanted: readonly string[],
  targets: readonly Reference[],
  context: SyncContext,
  signal: AbortSignal,
): Promise<readonly ((tag: string) => Place | undefined)[]> {
  const lists = targets.map(async (target) => {
    const listed = await listTarget(target, context, signal);
    const missingMs = listed === undefined ? undefined : context.clock.monotonic();
    // The whole list may be many times as long as what is wanted of it.
    const present = new Set(wanted.filter((tag) => listed?.has(tag) === true));
    return (tag: string) => (present.has(tag) ? undefined : { target: withTag(target, tag), missingMs });
  });
  return await Promise.all(lists);
}

/** The tags of a target; `undefined` when it cannot be listed, which counts as empty. Spec: regsync.md §5.7. */
async function listTarget(
  target: Reference,
  context: SyncContext,
  signal: AbortSignal,
): Promise<ReadonlySet<string> | undefined> {
  const repository = context.stores.repository(target);
  try {
    const listed = await repository.listTags(signal);
    context.ledger.learnNewness(repository, listed === undefined);
    return new Set(listed);
  } catch (failure) {
    if (!(failure instanceof Failure) || failure instanceof Interrupted) throw failure;
    context.log.debug("Failed getting target tags", { target: repositoryName(target), error: failure.message });
    return undefined;
  }
}

function resultOf({ entry, source, target }: ImageJob, outcome: Outcome): ImageResult {
  return { entry: entry.index, source: commonName(source), target: commonName(target), outcome };
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
