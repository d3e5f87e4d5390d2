import { durationMs, formatDuration } from "../base/duration.ts";
import { parseCron } from "../dialect/cron.ts";
import { type Platform, parsePlatform } from "../oci/platform.ts";
import { commonName, parseReference, type Reference } from "../oci/reference.ts";
import { parseTemplate } from "../template/template.ts";
import type { TemplateWorld } from "../template/world.ts";
import type { ReferrerFilter } from "../oci/referrer-filter.ts";
import type { EffectiveEntry } from "./effective.ts";
import { type EntryReport, readOr } from "./entry-report.ts";
import { explainTemplate } from "./expand.ts";
import { FilterCheck } from "./filter-check.ts";
import { explainForeignNotation } from "./foreign-notation.ts";
import type { Entry, TagSet } from "./plan.ts";
import type { RawReferrerFilter, RawTagSet } from "./raw.ts";
import { readRoute, targetTexts } from "./route-check.ts";
import { backupData } from "./template-data.ts";

/** A week. */
const usualVerifyIntervalMs = 168 * 60 * 60 * 1_000;

/** Every list that is empty: most entries have several, and files have thousands of entries. */
const none: readonly never[] = [];

/** The world outside, as far as a plan depends on it. */
export interface PlanWorld extends TemplateWorld {
  /** The machine this program runs on, which `local` and lone architectures mean. */
  readonly hostPlatform: Platform;
}

/**
 * Checks entries: what the original finds when an entry runs is found here, at load, and stops that entry only.
 * Spec: regsync.md §2.5, §5.4.
 */
export class EntryCheck {
  readonly #world: PlanWorld;
  readonly #filters = new FilterCheck();
  readonly #schedules = new Map<string, string | undefined>();

  constructor(world: PlanWorld) {
    this.#world = world;
  }

  /** The entry ready to run; `undefined` after its faults were reported. */
  check(index: number, name: string, entry: EffectiveEntry, report: EntryReport): Entry | undefined {
    let sound = true;
    const strict: EntryReport = {
      fault: (path, message) => {
        sound = false;
        report.fault(path, message);
      },
      warn: (path, message) => report.warn(path, message),
    };
    const route = readRoute(entry, strict);
    this.#filters.check(entry, strict);
    const hasSchedule = this.#checkSchedule(entry, report);
    const referrerSource = referrerPlace("referrerSource", entry, report);
    const referrerTarget = referrerPlace("referrerTarget", entry, report);
    const platform = entry.platform === "" ? undefined : this.#readPlatform(entry.platform, ["platform"], strict);
    const platforms = this.#readPlatforms(entry.platforms, strict);
    const renderBackup = this.#readBackup(entry, strict);
    if (route === undefined || !sound) return undefined;
    return {
      index,
      name,
      sourceText: entry.source,
      targetText: targetTexts(entry).join(", "),
      route,
      tags: completeTagSet(entry.tags),
      tagSets: entry.tagSets?.map(completeTagSet) ?? none,
      repos: { allow: entry.repos.allow ?? none, deny: entry.repos.deny ?? none },
      digestTags: entry.digestTags,
      referrers: entry.referrers,
      referrerFilters: entry.referrerFilters?.map(completeFilter) ?? none,
      referrerSource,
      referrerTarget,
      platform,
      platforms,
      fastCheck: entry.fastCheck,
      forceRecursive: entry.forceRecursive,
      includeExternal: entry.includeExternal,
      backup: entry.backup,
      renderBackup,
      intervalMs: hasSchedule ? durationMs(entry.interval) : 0,
      schedule: hasSchedule ? entry.schedule : "",
      isMistimed: !hasSchedule,
      rateLimit: { min: Math.max(entry.ratelimit.min, 0), retryMs: Math.ceil(durationMs(entry.ratelimit.retry)) },
      mediaTypes: entry.mediaTypes,
      verifyIntervalMs: durationMs(entry.verifyInterval) || usualVerifyIntervalMs,
    };
  }

  /** A schedule that is none stops nothing but being scheduled: passes by hand run the entry all the same. */
  #checkSchedule({ schedule, interval }: EffectiveEntry, report: EntryReport): boolean {
    if (schedule !== "") {
      let fault = this.#schedules.get(schedule);
      if (!this.#schedules.has(schedule)) {
        readOr(
          () => parseCron(schedule, this.#world.timeZone),
          (message) => (fault = message),
        );
        this.#schedules.set(schedule, fault);
      }
      if (fault !== undefined) {
        report.warn(["schedule"], `${fault}; until then a server runs this entry only when it starts`);
        return false;
      }
    }
    if (interval !== 0n && interval < 1_000_000_000n) {
      report.warn(["interval"], `${formatDuration(interval)} is less than a second, and counts as 1s`);
    }
    return true;
  }

  #readPlatforms(texts: readonly string[] | undefined, report: EntryReport): readonly (Platform | "none")[] {
    if (texts === undefined) return none;
    return texts
      .map((text, position) => (text === "" ? "none" : this.#readPlatform(text, ["platforms", position], report)))
      .filter((platform) => platform !== undefined);
  }

  #readPlatform(text: string, path: readonly (string | number)[], report: EntryReport): Platform | undefined {
    if (/^[^,=]+(?:,[^,=]+)+$/.test(text)) {
      report.fault(
        path,
        `${JSON.stringify(text)} names several platforms; write a list under platforms, one to an item`,
      );
      return undefined;
    }
    return readOr(
      () => parsePlatform(text, this.#world.hostPlatform),
      (message) => report.fault(path, message),
    );
  }

  #readBackup(entry: EffectiveEntry, report: EntryReport): Entry["renderBackup"] {
    if (entry.backup === "") return undefined;
    const { backup } = entry;
    const template = readOr(
      () => parseTemplate(backup),
      (_, failure) => report.fault(["backup"], explainTemplate(failure, backup)),
    );
    const foreign = explainForeignNotation(backup);
    if (template !== undefined && foreign !== undefined) report.warn(["backup"], foreign);
    const dataFor = (target: Reference): EffectiveEntry =>
      entry.targets.length === 0 ? entry : { ...entry, target: commonName(target) };
    return template && ((target: Reference) => template.execute(backupData(dataFor(target), target), this.#world));
  }
}

/** A place for referrers that cannot be read counts as not written. Spec: regsync.md §5.4 (12). */
function referrerPlace(
  key: "referrerSource" | "referrerTarget",
  entry: EffectiveEntry,
  report: EntryReport,
): Reference | undefined {
  const text = entry[key];
  if (text === "") return undefined;
  return readOr(
    () => parseReference(text),
    (message) => {
      report.warn([key], `${explainForeignNotation(text) ?? message}; until then it does not count`);
    },
  );
}

function completeTagSet({ allow = none, deny = none, semverRange = none, immutable = none }: RawTagSet): TagSet {
  return { allow, deny, semverRange, immutable };
}

function completeFilter({ artifactType = "", annotations = {} }: RawReferrerFilter): ReferrerFilter {
  return { artifactType, annotations };
}
