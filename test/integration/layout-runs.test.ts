import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../src/oci/digest.ts";
import { readFiles, readLayout, readStoredManifest, writeLayout } from "../support/layout-state.ts";
import { type LogLine, parseLog } from "../support/log-lines.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { readVectorDocument, readVectors } from "../support/vectors.ts";

// What regclient's regsync did to OCI layouts, run by run. Formats: test/vectors/README.md, "layout-runs".

interface LayoutRecord {
  readonly ociLayout: string;
  readonly index: string;
  readonly blobs: readonly string[];
  readonly blobText?: Readonly<Record<string, string>>;
}

type Tags = Readonly<Record<string, string>>;

interface FolderRecord {
  readonly tags?: Tags;
  readonly untagged?: readonly string[];
  readonly blobs?: readonly string[];
  readonly fallbackAnyOrder?: Readonly<Record<string, AnyOrder>>;
  readonly sometimes?: readonly string[];
  readonly leftovers?: number;
}

type AnyOrder = { readonly manifests: readonly string[] } | { readonly oneOf: readonly (readonly string[] | null)[] };

interface ReferrersList {
  readonly manifests: readonly { readonly digest: string }[];
}

interface RunRecord {
  readonly id: string;
  readonly args: readonly string[];
  readonly config: string;
  /** The machine it depends on, where it does. */
  readonly host?: string;
  readonly layouts: Readonly<Record<string, string>>;
  readonly exit: number;
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly unchanged: readonly string[];
  readonly result: Readonly<Record<string, FolderRecord>>;
}

/** Where ours differs from the record on purpose: the row of the README's compatibility table, and what changes. */
interface Deviation {
  readonly why: string;
  readonly exit?: number;
  /** The run changes nothing and copies nothing. */
  readonly changesNothing?: true;
}

const deviations: Readonly<Record<string, Deviation>> = {
  "fastcopy-key": { why: "fastCopy means fastCheck, and the target is up to date", changesNothing: true },
  "target-bad-version": {
    why: "a target layout of another version is refused, never overwritten",
    exit: 1,
    changesNothing: true,
  },
  "platforms-v2-2": { why: "platforms that match nothing fail the image", exit: 1, changesNothing: true },
  "platforms-v2-4": { why: "a bad platform is found before anything runs", changesNothing: true },
  "platforms-v2-7": { why: "a bad platform is found before anything runs", changesNothing: true },
};

const blobs = readVectorDocument<Readonly<Record<string, string>>>("layout-runs/blobs.json");
const layouts = readVectorDocument<Readonly<Record<string, LayoutRecord>>>("layout-runs/layouts.json");
const thisHost = `${process.platform}/${process.arch === "x64" ? "amd64" : process.arch}`;
const runs = readVectors<RunRecord>("layout-runs/runs.jsonl").filter(({ host = thisHost }) => host === thisHost);

async function prepare(run: RunRecord, folder: string): Promise<void> {
  for (const [name, layoutName] of Object.entries(run.layouts)) {
    const layout = layouts[layoutName] ?? expect.unreachable(`no layout ${layoutName}`);
    const content = new Map(layout.blobs.map((digest) => [digest, layout.blobText?.[digest] ?? blobs[digest] ?? ""]));
    await writeLayout(join(folder, name), { ...layout, blobs: content });
  }
  await writeFile(join(folder, "c.yml"), run.config);
}

/** A tag that lists referrers, or names its own image. */
const digestTag = /(?:^|:)sha256-[0-9a-f]{64}$/;

/**
 * The lines whose text is part of what users watch for, with the facts that are recorded, in any order. Tags are looked
 * at together and not one after another, so whether a list of referrers is there already when its own turn comes may
 * differ: lines about those are left out.
 */
function watched(lines: readonly Readonly<Record<string, unknown>>[]): string[] {
  const facts = ["source", "target", "original", "backup", "mediaType", "ref", "available"];
  const messages = new Set([
    "Image sync needed",
    "Image refreshing",
    "Saving backup",
    "Skipping unsupported media type",
    "No matching tags found",
  ]);
  return lines
    .filter((line) => messages.has(String(line["msg"])) && !digestTag.test(String(line["target"])))
    .map((line) => JSON.stringify([line["level"], line["msg"], ...facts.map((fact) => line[fact] ?? [])]))
    .sort();
}

async function expectFolder(folder: string, expected: FolderRecord, complete: boolean): Promise<void> {
  const state = await readLayout(folder);
  const lists = expected.fallbackAnyOrder ?? {};
  const recorded = await inRecordedOrder(folder, state.tags, expected.tags ?? {});
  const tags = Object.fromEntries(
    Object.entries(state.tags).map(([tag, digest]) => [tag, recorded.get(digest) ?? digest]),
  );

  expect(fixedTags(tags, complete, lists)).toEqual(fixedTags(expected.tags ?? {}, complete, lists));
  expect(state.untagged.toSorted()).toEqual((expected.untagged ?? []).toSorted());
  expect(state.damaged).toEqual([]);
  expect(state.strangers).toEqual([]);
  for (const [tag, list] of Object.entries(lists)) await expectList(folder, state.tags[tag], list);

  const listBlobs = new Set(Object.keys(lists).map((tag) => state.tags[tag]));
  const allowed = new Set([...(expected.blobs ?? []), ...(expected.sometimes ?? [])]);
  const found = state.blobs.filter((digest) => !listBlobs.has(digest)).map((digest) => recorded.get(digest) ?? digest);
  expect(found.filter((digest) => !allowed.has(digest)).length).toBeLessThanOrEqual(expected.leftovers ?? 0);
  if (complete) expect((expected.blobs ?? []).filter((digest) => !found.includes(digest))).toEqual([]);
}

/** Tags whose digest is certain. A copy that fails may have come as far as a list of referrers, or not. */
function fixedTags(tags: Tags, complete: boolean, lists: Readonly<Record<string, AnyOrder>>): Tags {
  return Object.fromEntries(
    Object.entries(tags).filter(([tag]) => !(tag in lists) && (complete || !digestTag.test(tag))),
  );
}

/**
 * What the lists of referrers that a run wrote would be called had their entries come in the order of the record: there
 * tags are copied one after another, here together, and each adds itself to the list of its subject when it arrives.
 */
async function inRecordedOrder(folder: string, tags: Tags, recorded: Tags): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const [tag, digest] of Object.entries(tags)) {
    const record = blobs[recorded[tag] ?? ""];
    if (!digestTag.test(tag) || record === undefined || digest === recorded[tag]) continue;
    const order = (JSON.parse(record) as ReferrersList).manifests.map((entry) => entry.digest); // one that regclient wrote
    const list = await readList(folder, digest);
    const manifests = list.manifests.toSorted((a, b) => order.indexOf(a.digest) - order.indexOf(b.digest));
    names.set(digest, digestOf(Buffer.from(JSON.stringify({ ...list, manifests }))));
  }
  return names;
}

async function expectList(folder: string, digest: string | undefined, expected: AnyOrder): Promise<void> {
  const choices = "oneOf" in expected ? expected.oneOf : [expected.manifests];
  const listed = digest === undefined ? null : await manifestsIn(folder, digest);

  expect(choices.map((choice) => choice?.toSorted() ?? null)).toContainEqual(listed);
}

async function manifestsIn(folder: string, digest: string): Promise<string[]> {
  return (await readList(folder, digest)).manifests.map((entry) => entry.digest).sort();
}

async function readList(folder: string, digest: string): Promise<ReferrersList> {
  return (await readStoredManifest(folder, digest)) as ReferrersList; // the run wrote it
}

/** An image or entry that failed in the record fails here too, with at least one line that names it. */
function expectFailuresNamed(run: RunRecord, result: ProgramResult, lines: readonly LogLine[]): void {
  const errors = lines.filter((line) => line.level === "ERROR");
  const failed = run.events
    .filter((event) => event["msg"] === "Failed to sync")
    .map((event) => String(event["source"]));

  if (result.exit !== 0) expect(errors.length + (result.stderr.trim() === "" ? 0 : 1)).toBeGreaterThan(0);
  for (const source of failed) expect(errors.filter((line) => JSON.stringify(line).includes(source))).not.toEqual([]);
}

describe("a run on layouts leaves what the original left", () => {
  test.concurrent.for(runs.map((run) => [run.id, run] as const))("%s", async ([id, run]) => {
    const deviation = deviations[id];
    await using folder = await makeTempFolder("run");
    await prepare(run, folder.path);
    const before = new Map(
      await Promise.all(
        Object.keys(run.layouts).map(async (name) => [name, await readFiles(join(folder.path, name))] as const),
      ),
    );

    const result = await runProgram([...run.args, "-c", "c.yml", "--logopt", "json"], { cwd: folder.path });

    const lines = parseLog(result.stderr);
    expect(result.exit, result.stderr).toBe(deviation?.exit ?? run.exit);
    const changesNothing = deviation?.changesNothing === true;
    for (const name of changesNothing ? Object.keys(run.layouts) : run.unchanged) {
      expect(await readFiles(join(folder.path, name)), `${name} has changed`).toEqual(before.get(name));
    }
    if (changesNothing) return;
    expect(watched(lines)).toEqual(watched(run.events));
    expectFailuresNamed(run, result, lines);
    for (const [name, expected] of Object.entries(run.result)) {
      // A run that failed may leave less behind than the original, an empty folder even, but no tag too many or too few.
      if (run.exit === 0 || existsSync(join(folder.path, name, "index.json"))) {
        await expectFolder(join(folder.path, name), expected, run.exit === 0);
      } else {
        expect(fixedTags(expected.tags ?? {}, false, {})).toEqual({});
      }
    }
  });
});
