import { longestTimerMs } from "../base/clock.ts";
import { durationMs } from "../base/duration.ts";
import type {
  EffectiveConfig,
  EffectiveCreds,
  EffectiveDefaults,
  EffectiveEntry,
  EffectiveTimeouts,
} from "./effective.ts";
import { EntryCheck, type PlanWorld } from "./entry-check.ts";
import type { EntryReport } from "./entry-report.ts";
import { type Expander, saysMore } from "./expand.ts";
import type { Findings } from "./findings.ts";
import { EntryNames } from "./entry-names.ts";
import { completeCreds, hostOptions, warnAboutCreds } from "./hosts.ts";
import { completeDefaults, completeEntry, nanoseconds, shortestRetry } from "./inherit.ts";
import type { DigestListing } from "../oci/host.ts";
import { maskLogin } from "./mask.ts";
import type { Path } from "./path.ts";
import type { Places } from "./places.ts";
import type { Complaint, EntryRoute, Plan, PlannedEntry, PlannedTimeLimits } from "./plan.ts";
import type { RawConfig, RawEntry, RawInheritable } from "./raw.ts";
import { targetTexts } from "./route-check.ts";
import { completeServer, completeShutdown, planServer } from "./server-section.ts";
import { loadData } from "./template-data.ts";
import { warnAboutUnused } from "./unused.ts";

/** Templates of an entry in the order that the original runs them: each sees what came out of those before it. */
const templatedKeys = ["source", "referrerSource", "target", "referrerTarget"] as const;

const entryTypes: readonly EntryRoute["kind"][] = ["image", "repository", "registry"];

/** Makes the plan of one decoded file. Spec: regsync.md §2.1 "Order", §3.1. */
export class Planner {
  readonly #raw: RawConfig;
  readonly #places: Places;
  readonly #findings: Findings;
  readonly #expander: Expander;
  readonly #check: EntryCheck;

  constructor(raw: RawConfig, world: PlanWorld, places: Places, findings: Findings, expander: Expander) {
    this.#raw = raw;
    this.#places = places;
    this.#findings = findings;
    this.#expander = expander;
    this.#check = new EntryCheck(world);
  }

  plan(): { readonly plan: Plan; readonly effective: EffectiveConfig } {
    const { version = 0, defaults: rawDefaults = {}, sync = [], server: rawServer = {} } = this.#raw;
    const defaults = completeDefaults(rawDefaults);
    this.#expander.literal(defaults.userAgent, ["defaults", "userAgent"]);
    this.#expander.literal(defaults.stateDir, ["defaults", "stateDir"]);
    this.#warnOfShortRetry(rawDefaults, ["defaults"]);
    const creds = this.#completeCreds();
    const names = new EntryNames(sync);
    const planned = sync.map((raw, index) => this.#planEntry(raw, index, sync, names, defaults));
    const server = completeServer(rawServer, this.#expander);
    const shutdown = completeShutdown(this.#raw.shutdown ?? {});
    const effective = {
      version: version === 0 ? 1 : version,
      creds,
      defaults,
      sync: planned.map(({ effective }) => effective),
      server,
      shutdown,
    };
    return {
      effective,
      plan: {
        hosts: creds.flatMap((item) => hostOptions(item) ?? []),
        skipDockerConfig: defaults.skipDockerConfig,
        parallel: defaults.parallel,
        cacheCount: Math.max(defaults.cacheCount, 0),
        cacheTimeMs: Math.max(durationMs(defaults.cacheTime), 0),
        blobLimitBytes: defaults.blobLimit > 0 ? defaults.blobLimit : undefined,
        userAgent: defaults.userAgent,
        timeLimits: timeLimits(defaults.timeouts),
        digestListing: defaults.digestListing === "" ? "auto" : (defaults.digestListing as DigestListing), // the schema lists the words
        stateDir: defaults.stateDir,
        server: planServer(rawServer, server, shutdown, defaults.jitter, this.#findings),
        entries: planned.map(({ entry }) => entry),
        complaints: this.#findings.complaints,
      },
    };
  }

  #completeCreds(): EffectiveCreds[] {
    const { creds = [] } = this.#raw;
    return creds.map((raw, index) => {
      const path = ["creds", index];
      const complete = completeCreds(raw, path, this.#expander);
      if (!this.#places.isWrong(creds, index)) warnAboutCreds(raw, complete, path, this.#findings);
      return complete;
    });
  }

  #planEntry(
    raw: RawEntry,
    index: number,
    entries: readonly RawEntry[],
    names: EntryNames,
    defaults: EffectiveDefaults,
  ): { readonly effective: EffectiveEntry; readonly entry: PlannedEntry } {
    const complaints: Complaint[] = [];
    const unreadable = new Set<string>();
    const effective = this.#expand(completeEntry(raw, defaults), raw, index, unreadable);
    const report: EntryReport = {
      fault: (path, message) => {
        const key = String(path[0]);
        const wasRead = !unreadable.has(key) && !this.#places.isWrong(raw, key);
        const mayBeElsewhere = this.#places.isIncomplete(raw) && !(key in raw);
        const isInTheOther = key === "target" && this.#places.isWrong(raw, "targets");
        if (!wasRead || mayBeElsewhere || isInTheOther) return;
        complaints.push(this.#findings.fault(originOf(raw, index, path), message));
      },
      warn: (path, message) => this.#findings.warn(originOf(raw, index, path), message),
    };
    this.#warnOfShortRetry(raw, ["sync", index]);
    warnAboutUnused(raw, effective, report);
    const name = names.nameOf(index, effective, report);
    const isNamed = complaints.length === 0;
    const entry = this.#places.isWrong(entries, index) ? undefined : this.#check.check(index, name, effective, report);
    if (entry !== undefined && isNamed) return { effective, entry: { kind: "ready", entry } };
    const texts = {
      sourceText: maskLogin(effective.source),
      targetText: targetTexts(effective).map(maskLogin).join(", "),
    };
    const type = entryTypes.find((known) => known === effective.type) ?? "image";
    return { effective, entry: { kind: "refused", index, name, type, ...texts, complaints } };
  }

  /** Runs an entry's templates; the key of one that does not work is added to `unreadable`. */
  #expand(complete: EffectiveEntry, raw: RawEntry, index: number, unreadable: Set<string>): EffectiveEntry {
    let entry = complete;
    for (const key of templatedKeys) {
      const text = entry[key];
      if (!saysMore(text)) continue;
      const before = entry;
      const expanded = this.#expander.expand(text, () => loadData(before), originOf(raw, index, [key]));
      if (expanded === undefined) unreadable.add(key);
      if (expanded !== text) entry = { ...entry, [key]: expanded ?? "" };
    }
    if (!entry.targets.some(saysMore)) return entry;
    const targets = entry.targets.map((text, position) => {
      const path = originOf(raw, index, ["targets", position]);
      const expanded = this.#expander.expand(text, () => loadData(entry), path);
      if (expanded === undefined) unreadable.add("targets");
      return expanded ?? "";
    });
    return { ...entry, targets };
  }

  #warnOfShortRetry(raw: RawInheritable, path: Path): void {
    const retry = nanoseconds(raw.ratelimit?.retry);
    if (retry === 0n || retry >= shortestRetry) return;
    this.#findings.warn(
      [...path, "ratelimit", "retry"],
      `${raw.ratelimit?.retry ?? ""} is too short, and counts as 5m`,
    );
  }
}

function timeLimits({ connect, tls, answer, commit, stall }: EffectiveTimeouts): PlannedTimeLimits {
  return {
    connectMs: timerMs(connect),
    tlsMs: timerMs(tls),
    headersMs: timerMs(answer),
    commitMs: timerMs(commit),
    stallMs: timerMs(stall),
  };
}

/** A limit as timers take it: whole milliseconds, rounded up; `undefined` when there is none. */
function timerMs(limit: bigint): number | undefined {
  return limit > 0n ? Math.min(Math.ceil(durationMs(limit)), longestTimerMs) : undefined;
}

/** Where the value of an entry's key is written: in the entry itself, or in `defaults`. */
function originOf(raw: RawEntry, index: number, path: Path): Path {
  const key = path[0] as keyof RawEntry & keyof RawInheritable; // others are never in `defaults`
  const isOwn = raw[key] !== undefined && raw[key] !== "";
  return isOwn || !inheritable.has(key) ? ["sync", index, ...path] : ["defaults", ...path];
}

const inheritable: ReadonlySet<string> = new Set<keyof RawInheritable>([
  "backup",
  "interval",
  "schedule",
  "referrerSource",
  "referrerTarget",
]);
