import {
  addDigest,
  commonName,
  isSet,
  isSetRepository,
  type Reference,
  toReg,
  withDigest,
  withTag,
} from "../oci/reference.ts";
import { fromBytes } from "../template/bytes.ts";
import { stringType } from "../template/go-type.ts";
import {
  bytesOf,
  type Field,
  goBool,
  goDuration,
  goInt,
  goList,
  goNilPointer,
  goPointer,
  goString,
  goStringList,
  goStringMap,
  goStruct,
  type Method,
  type Methods,
  type Value,
} from "../template/value.ts";
import type { EffectiveEntry } from "./effective.ts";
import type { RawHook, RawReferrerFilter, RawTagSet } from "./raw.ts";

/** What a template of `source`, `target` and the referrer places sees: `.Sync`. Spec: regsync.md §3.1. */
export function loadData(entry: EffectiveEntry): Value {
  return goStruct("struct { Sync main.ConfigSync }", [field("Sync", syncData(entry))]);
}

/** What a template of `backup` sees: `.Ref` is the image about to be replaced, `.Step` the same as `.Sync`. */
export function backupData(entry: EffectiveEntry, target: Reference): Value {
  const sync = syncData(entry);
  return goStruct("struct { Ref ref.Ref; Step main.ConfigSync; Sync main.ConfigSync }", [
    field("Ref", referenceData(target)),
    field("Step", sync),
    field("Sync", sync),
  ]);
}

function syncData(entry: EffectiveEntry): Value {
  return goStruct("main.ConfigSync", [
    field("Source", goString(entry.source), "source"),
    field("Target", goString(entry.target), "target"),
    field("Type", goString(entry.type), "type"),
    field("Tags", tagSetData(entry.tags), "tags"),
    field("TagSets", goList(tagSetData({}).type, entry.tagSets?.map(tagSetData)), "tagSets"),
    field(
      "Repos",
      goStruct("main.RepoAllowDeny", [
        field("Allow", goStringList(entry.repos.allow), "allow"),
        field("Deny", goStringList(entry.repos.deny), "deny"),
      ]),
      "repos",
    ),
    field("DigestTags", goBool(entry.digestTags), "digestTags"),
    field("Referrers", goBool(entry.referrers), "referrers"),
    field("ReferrerFilters", goList(filterData({}).type, entry.referrerFilters?.map(filterData)), "referrerFilters"),
    field("ReferrerSrc", goString(entry.referrerSource), "referrerSource"),
    field("ReferrerTgt", goString(entry.referrerTarget), "referrerTarget"),
    field("ReferrerSlow", goBool(entry.referrerSlow), "referrerSlow"),
    field("Platform", goString(entry.platform), "platform"),
    field("Platforms", goStringList(entry.platforms), "platforms"),
    field("FastCheck", goBool(entry.fastCheck), "fastCheck"),
    field("ForceRecursive", goBool(entry.forceRecursive), "forceRecursive"),
    field("IncludeExternal", goBool(entry.includeExternal), "includeExternal"),
    field("Backup", goString(entry.backup), "backup"),
    field("Interval", goDuration(entry.interval), "interval"),
    field("Schedule", goString(entry.schedule), "schedule"),
    field(
      "RateLimit",
      goStruct("main.ConfigRateLimit", [
        field("Min", goInt(entry.ratelimit.min), "min"),
        field("Retry", goDuration(entry.ratelimit.retry), "retry"),
      ]),
      "ratelimit",
    ),
    field("MediaTypes", goStringList(entry.mediaTypes), "mediaTypes"),
    field(
      "Hooks",
      goStruct("main.ConfigHooks", [
        field("Pre", hookData(entry.hooks.pre), "pre"),
        field("Post", hookData(entry.hooks.post), "post"),
        field("Unchanged", hookData(entry.hooks.unchanged), "unchanged"),
      ]),
      "hooks",
    ),
  ]);
}

function tagSetData(set: RawTagSet): Value {
  return goStruct("main.TagAllowDeny", [
    field("Allow", goStringList(set.allow), "allow"),
    field("Deny", goStringList(set.deny), "deny"),
    { name: "SemverRange", json: "semverRange", omitEmpty: true, value: goStringList(set.semverRange) },
  ]);
}

function filterData(filter: RawReferrerFilter): Value {
  const annotations = filter.annotations === undefined ? undefined : Object.entries(filter.annotations);
  return goStruct("main.ConfigReferrerFilter", [
    field("ArtifactType", goString(filter.artifactType ?? ""), "artifactType"),
    field("Annotations", goStringMap(annotations), "annotations"),
  ]);
}

function hookData(hook: RawHook | undefined): Value {
  const data = goStruct("main.ConfigHook", [
    field("Type", goString(hook?.type ?? ""), "type"),
    field("Params", goStringList(hook?.params), "params"),
  ]);
  return hook === undefined ? goNilPointer(data.type) : goPointer(data);
}

/** A `ref.Ref` with its methods; those that give another reference leave this one as it is. */
function referenceData(ref: Reference): Value {
  const returnsReference = (change: (text: string) => Reference): Method => ({
    parameters: [stringType],
    call: ([argument]) => referenceData(change(fromBytes(bytesOf(argument)))),
  });
  const returns = (value: () => Value): Method => ({ parameters: [], call: value });
  const methods: Methods = new Map([
    ["CommonName", returns(() => goString(commonName(ref)))],
    ["SetTag", returnsReference((tag) => withTag(ref, tag))],
    ["SetDigest", returnsReference((digest) => withDigest(ref, digest))],
    ["AddDigest", returnsReference((digest) => addDigest(ref, digest))],
    ["ToReg", returns(() => referenceData(toReg(ref)))],
    ["IsSet", returns(() => goBool(isSet(ref)))],
    ["IsSetRepo", returns(() => goBool(isSetRepository(ref)))],
    ["IsZero", returns(() => goBool(isZero(ref)))],
  ]);
  return goStruct(
    "ref.Ref",
    [
      field("Scheme", goString(ref.scheme)),
      field("Reference", goString(ref.text)),
      field("Registry", goString(ref.registry)),
      field("Repository", goString(ref.repository)),
      field("Tag", goString(ref.tag)),
      field("Digest", goString(ref.digest)),
      field("Path", goString(ref.path)),
    ],
    methods,
  );
}

/** Whether nothing is said at all, which no reference that was parsed is. */
function isZero(ref: Reference): boolean {
  return ref.text === "" && ref.registry === "" && ref.repository === "" && ref.tag === "" && ref.path === "";
}

function field(name: string, value: Value, json = name): Field {
  return { name, json, value };
}
