import { describe, expect, test } from "vitest";
import type { Digest } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { Denied } from "../../src/oci/store.ts";
import { Failure } from "../../src/base/failure.ts";
import { addImage, addIndex, describe as described } from "../copy/samples.ts";
import type { MemoryRepository } from "../support/memory-store.ts";
import { entry, Passes, registryEntry, told } from "./passes.ts";

class Refused extends Denied {}

class LoginFailed extends Failure {
  readonly code = "LOGIN_FAILED";
}

class Unavailable extends Failure {
  readonly code = "REGISTRY_STATUS";
}

function twoPlaces(): { passes: Passes; source: MemoryRepository; target: MemoryRepository } {
  const passes = new Passes();
  return {
    passes,
    source: passes.stores.host("a.test").repository("app"),
    target: passes.stores.host("b.test").repository("app"),
  };
}

const image = (more = {}): ReturnType<typeof entry> => entry("image", "a.test/app:v1", "b.test/app:v1", more);
const repository = (more = {}): ReturnType<typeof entry> => entry("repository", "a.test/app", "b.test/app", more);

test("copies an image that is absent, and does nothing with two questions when it is there", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one"]);

  const first = await passes.run([image()]);
  source.calls.length = 0;
  target.calls.length = 0;
  const second = await passes.run([image()]);

  expect(told(first.images)).toEqual(["app:v1 copied absent"]);
  expect(told(second.images)).toEqual(["app:v1 unchanged"]);
  expect([...source.calls, ...target.calls]).toEqual(["head v1", "head v1"]);
});

test("only counts images that are unchanged when nobody wants a list of them", async () => {
  const { passes, source, target } = twoPlaces();
  for (const tag of ["v1", "v2", "v3"]) addImage(source, tag, [tag]);
  for (const tag of ["v1", "v2"]) addImage(target, tag, [tag]);

  const { images, unlisted } = await passes.run([repository()], { listUnchanged: false });

  expect(told(images)).toEqual(["app:v3 copied absent"]);
  expect(unlisted).toBe(2);
});

test("says what a copying pass would do, and writes nothing", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["new"]);
  addImage(source, "v2", ["two"]);
  addImage(target, "v1", ["old"]);
  const before = target.tags.get("v1");

  const report = await passes.run([repository()], { action: "check" });

  expect(told(report.images)).toEqual(["app:v1 stale differs", "app:v2 stale absent"]);
  expect(target.tags.get("v1")).toBe(before);
  expect(target.calls.filter((call) => !call.startsWith("head"))).toEqual([]);
  expect(passes.log.at("info")).toEqual(["Image sync needed", "Image sync needed"]);
});

test("copies only the tags that the target does not list when only missing ones are wanted", async () => {
  const { passes, source, target } = twoPlaces();
  for (const tag of ["v3", "v1", "v2"]) addImage(source, tag, [tag]);
  addImage(target, "v1", ["another"]);
  const kept = target.tags.get("v1");

  const report = await passes.run([repository()], { action: "missing" });

  expect(told(report.images)).toEqual(["app:v2 copied absent", "app:v3 copied absent"]);
  expect(target.tags.get("v1")).toBe(kept);
});

test("leaves an image alone that exists in whatever form when only missing ones are wanted", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["new"]);
  addImage(target, "v1", ["old"]);

  const report = await passes.run([image({ referrers: true })], { action: "missing" });

  expect(told(report.images)).toEqual(["app:v1 skipped exists"]);
});

test("leaves media types alone that are not wanted", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one"]);

  const report = await passes.run([image({ mediaTypes: [mediaTypes.dockerManifest] })]);

  expect(told(report.images)).toEqual(["app:v1 skipped mediaType"]);
  expect(target.tags.size).toBe(0);
});

test("copies the child for the platform that is wanted, and asks for no index when that is there", async () => {
  const { passes, source, target } = twoPlaces();
  const child = addImage(source, undefined, ["arm"]);
  addIndex(source, "v1", [{ ...described(source, child), platform: { os: "linux", architecture: "arm64" } }]);
  const platform = { os: "linux", architecture: "arm64", variant: "", osVersion: "", osFeatures: [], features: [] };

  await passes.run([image({ platform })]);
  const again = await passes.run([image({ platform })]);

  expect(target.tags.get("v1")).toBe(child);
  expect(told(again.images)).toEqual(["app:v1 unchanged"]);
});

test.for([
  ["", {}, "unchanged"],
  [", for referrers", { referrers: true }, "unchanged"],
  [", for digest tags", { digestTags: true }, "unchanged"],
  [" but when every part is to be looked at", { forceRecursive: true }, "copied differs"],
] as const)(
  "leaves a target that has the whole index as it is, though one platform is wanted%s",
  async ([, settings, outcome]) => {
    const { passes, source, target } = twoPlaces();
    const child = addImage(source, undefined, ["arm"]);
    const index = addIndex(source, "v1", [
      { ...described(source, child), platform: { os: "linux", architecture: "arm64" } },
    ]);
    const platform = { os: "linux", architecture: "arm64", variant: "", osVersion: "", osFeatures: [], features: [] };
    await passes.run([image()]);

    const report = await passes.run([image({ platform, ...settings })]);

    expect(told(report.images)).toEqual([`app:v1 ${outcome}`]);
    expect(target.tags.get("v1")).toBe(outcome === "unchanged" ? index : child);
  },
);

test("fails an image whose index has nothing for the platform, naming what there is", async () => {
  const { passes, source } = twoPlaces();
  const child = addImage(source, undefined, ["arm"]);
  addIndex(source, "v1", [{ ...described(source, child), platform: { os: "linux", architecture: "arm64" } }]);
  const platform = { os: "plan9", architecture: "mips", variant: "", osVersion: "", osFeatures: [], features: [] };

  const { images } = await passes.run([image({ platform })]);

  expect(told(images)).toEqual(["app:v1 failed PLATFORM_NOT_FOUND"]);
  expect(passes.log.lines.find((line) => line.message === "Failed to sync")?.fields.error).toMatch(
    /a\.test\/app:v1 .*plan9\/mips.*linux\/arm64/,
  );
});

test("goes on with the others when an image fails, and names what is missing", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);

  const report = await passes.run([entry("image", "a.test/app:gone", "b.test/app:gone"), image()]);

  expect(told(report.images)).toEqual(["app:gone failed MANIFEST_NOT_FOUND", "app:v1 copied absent"]);
  expect(passes.log.at("error")).toEqual(["Failed to lookup source manifest", "Failed to sync"]);
});

test("stops at the first failure when told to", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);

  const report = await passes.run([entry("image", "a.test/app:gone", "b.test/app:gone"), image()], {
    abortOnError: true,
  });

  expect(told(report.images)).toEqual(["app:gone failed MANIFEST_NOT_FOUND"]);
  expect(report.interrupted).toBe(true);
});

test("fails an entry whose repository does not exist, and runs the next one", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);

  const report = await passes.run([entry("repository", "a.test/gone", "b.test/gone"), image()]);

  expect(report.failures.map(({ entry: at, failure }) => [at, failure.code])).toEqual([[0, "REPOSITORY_NOT_FOUND"]]);
  expect(told(report.images)).toEqual(["app:v1 copied absent"]);
});

test("does not run an entry that was refused, and counts it as failed", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);
  const complaint = {
    severity: "error",
    file: "f.yml",
    line: 3,
    column: 5,
    path: "sync[0].type",
    message: "no type",
  } as const;

  const report = await passes.run([
    {
      kind: "refused",
      index: 0,
      name: "y",
      type: "image",
      sourceText: "x",
      targetText: "y",
      complaints: [complaint],
    },
    image(),
  ]);

  expect(report.failures.map(({ failure }) => failure.message)).toEqual(["sync[0].type: no type"]);
  expect(told(report.images)).toEqual(["app:v1 copied absent"]);
});

test("warns when no tag is left by the filters, and succeeds", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);

  const report = await passes.run([
    repository({ tags: { allow: ["latest"], deny: [], semverRange: [], immutable: [] } }),
  ]);

  expect(report.failures).toEqual([]);
  expect(
    passes.log.lines.filter((line) => line.level === "warn").map((line) => [line.message, line.fields.available]),
  ).toEqual([["No matching tags found", ["v1"]]]);
});

test("goes through every repository of a registry that is wanted", async () => {
  const passes = new Passes();
  const host = passes.stores.host("a.test");
  for (const name of ["one/app", "two/app", "private/app"]) addImage(host.repository(name), "v1", [name]);

  const report = await passes.run([
    registryEntry("a.test", "b.test/mirror", { repos: { allow: [], deny: ["private/.*"] } }),
  ]);

  expect(report.images.map(({ target }) => target)).toEqual(["b.test/mirror/one/app:v1", "b.test/mirror/two/app:v1"]);
});

test("takes a target that does not let look as empty", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one"]);
  target.before = (call) => {
    if (call === "head v1") throw new Refused("403");
  };

  const report = await passes.run([image()]);

  expect(told(report.images)).toEqual(["app:v1 copied absent"]);
});

test("copies nothing into the dark when the target cannot answer", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one"]);
  target.before = (call) => {
    if (call === "head v1") throw new Unavailable("503");
  };

  const report = await passes.run([image()]);

  expect(told(report.images)).toEqual(["app:v1 failed REGISTRY_STATUS"]);
  expect(target.called("write")).toEqual([]);
});

test("says a wrong password once for a host and not once for every tag", async () => {
  const { passes, source } = twoPlaces();
  for (const tag of ["v1", "v2", "v3"]) addImage(source, tag, [tag]);
  source.before = (call) => {
    if (call.startsWith("head")) throw new LoginFailed("a.test refused the password of bob");
  };

  const report = await passes.run([repository()]);

  expect(told(report.images)).toHaveLength(3);
  expect(passes.log.at("error")).toEqual(["Failed to lookup source manifest"]);
});

test("saves what is about to be replaced under the name that the entry gives", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["new"]);
  const old = addImage(target, "v1", ["old"]);

  await passes.run([image({ renderBackup: () => " old-v1 \n" })]);

  expect(target.tags.get("old-v1")).toBe(old);
});

test("saves into another repository when the name of the backup is a whole reference", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["new"]);
  const old = addImage(target, "v1", ["old"]);

  await passes.run([image({ renderBackup: () => "b.test/backups/app:v1-old" })]);

  expect(passes.stores.host("b.test").repository("backups/app").tags.get("v1-old")).toBe(old);
});

for (const [what, name] of [
  ["comes out empty", "  "],
  ["is no tag", "not valid!"],
  ["is no reference", "b.test/UPPER:x"],
] as const) {
  test(`overwrites nothing when the name of the backup ${what}`, async () => {
    const { passes, source, target } = twoPlaces();
    addImage(source, "v1", ["new"]);
    const old = addImage(target, "v1", ["old"]);

    const report = await passes.run([image({ renderBackup: () => name })]);

    expect(told(report.images)).toEqual(["app:v1 failed BACKUP_INVALID"]);
    expect(target.tags.get("v1")).toBe(old);
  });
}

test("saves into a repository that does not let look, as many do before it is there", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["new"]);
  const old = addImage(target, "v1", ["old"]);
  const backups = passes.stores.host("b.test").repository("backups/app");
  backups.before = (call) => {
    if (call === "head v1-old") throw new Refused("403");
  };

  await passes.run([image({ renderBackup: () => "b.test/backups/app:v1-old" })]);

  expect(backups.tags.get("v1-old")).toBe(old);
});

test("overwrites all the same when the backup cannot be written, and warns", async () => {
  const { passes, source, target } = twoPlaces();
  const fresh = addImage(source, "v1", ["new"]);
  addImage(target, "v1", ["old"]);
  target.before = (call) => {
    if (call === "put old") throw new Unavailable("507");
  };

  await passes.run([image({ renderBackup: () => "old" })]);

  expect(target.tags.get("v1")).toBe(fresh);
  expect(passes.log.at("warn")).toContain("Failed to backup existing image");
});

test("makes no backup of what is absent or equal", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one"]);
  let asked = 0;
  const renderBackup = (): string => {
    asked += 1;
    return "old";
  };

  await passes.run([image({ renderBackup })]);
  await passes.run([image({ renderBackup, forceRecursive: true })]);

  expect(asked).toBe(0);
  expect(target.tags.has("old")).toBe(false);
});

test("waits until enough of the quota is left, without keeping others from copying", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);
  source.rateLimits = [3, 3, 9, 10].map((remaining) => ({ limit: 100, remaining }));
  const takenWhileAsleep: number[] = [];
  passes.clock.advance(0);
  passes.clock.after(1, () => takenWhileAsleep.push(passes.gate.taken));

  const report = await passes.run([image({ rateLimit: { min: 10, retryMs: 900_000 } })]);

  expect(told(report.images)).toEqual(["app:v1 copied absent"]);
  expect(passes.clock.slept).toEqual([900_000, 900_000]);
  expect(takenWhileAsleep).toEqual([0]);
  expect(passes.log.lines.find((line) => line.message === "Delaying for rate limit")?.fields).toMatchObject({
    "source-remain": 3,
    "step-min": 10,
    sleep: "15m0s",
  });
});

test("does not wait for a quota that nobody speaks of, nor for one that stops being spoken of", async () => {
  const { passes, source } = twoPlaces();
  addImage(source, "v1", ["one"]);
  addImage(source, "v2", ["two"]);
  const limited = { rateLimit: { min: 10, retryMs: 300_000 } };

  const silent = await passes.run([image(limited)]);
  source.rateLimits = [{ limit: 100, remaining: 1 }];
  const stopped = await passes.run([entry("image", "a.test/app:v2", "b.test/app:v2", limited)]);

  expect([...told(silent.images), ...told(stopped.images)]).toEqual(["app:v1 copied absent", "app:v2 copied absent"]);
  expect(passes.clock.slept).toEqual([]);
});

test("runs entries one after another unless the file allows several at once", async () => {
  const sequence = async (parallel: number): Promise<string[]> => {
    const passes = new Passes();
    const heads: string[] = [];
    for (const name of ["one", "two"]) {
      const place = passes.stores.host("a.test").repository(name);
      addImage(place, "v1", [name]);
      place.before = (call) => {
        if (call === "get v1") heads.push(`${name} begins`);
      };
      passes.stores.host("b.test").repository(name).before = (call) => {
        if (call === "put v1") heads.push(`${name} ends`);
      };
    }
    await passes.run(
      ["one", "two"].map((name) => entry("image", `a.test/${name}:v1`, `b.test/${name}:v1`)),
      { parallel },
    );
    return heads;
  };

  expect(await sequence(0)).toEqual(["one begins", "one ends", "two begins", "two ends"]);
  expect((await sequence(1)).slice(0, 2)).toEqual(["one begins", "two begins"]);
});

test("copies as many images at once as the file allows, whatever is looked at meanwhile", async () => {
  const { passes, source, target } = twoPlaces();
  for (let position = 0; position < 10; position += 1) addImage(source, `v${position}`, [`layer ${position}`]);
  const pins: number[] = [];
  target.before = () => {
    pins.push(target.pinned / 2);
  };

  await passes.run([repository()], { parallel: 1 });

  expect(Math.max(...pins)).toBe(1);
  expect(target.tags.size).toBe(10);
});

test("reports what was done before it was interrupted, and counts nothing that was stopped as failed", async () => {
  const { passes, source, target } = twoPlaces();
  for (const tag of ["v1", "v2", "v3"]) addImage(source, tag, [tag]);
  const stop = new AbortController();
  let puts = 0;
  target.before = (call) => {
    if (!call.startsWith("put")) return;
    puts += 1;
    if (puts === 2) stop.abort();
  };

  const report = await passes.run([repository()], { signal: stop.signal });

  expect(report.interrupted).toBe(true);
  expect(report.failures).toEqual([]);
  expect(told(report.images).every((line) => line.includes("copied"))).toBe(true);
  expect(passes.log.at("error")).toEqual([]);
});

test("removes what nothing refers to once at the end of an entry", async () => {
  const { passes, source, target } = twoPlaces();
  for (const tag of ["v1", "v2", "v3"]) addImage(source, tag, [tag]);

  await passes.run([repository()]);

  expect(target.tidied).toBe(1);
});

test("refreshes referrers of an image that is equal and says so", async () => {
  const { passes, source, target } = twoPlaces();
  const digest: Digest = addImage(source, "v1", ["one"]);
  await passes.run([image()]);
  const signature = addImage(source, undefined, ["sig"], { subject: described(source, digest), artifactType: "a/b" });

  const report = await passes.run([image({ referrers: true })]);

  expect(told(report.images)).toEqual(["app:v1 copied referrers"]);
  expect(target.manifests.has(signature)).toBe(true);
  expect(passes.log.at("info")).toContain("Image refreshing");
});

test("does not let entries that wait for one host keep those between other hosts from running", async () => {
  const passes = new Passes();
  addImage(passes.stores.host("quick.test").repository("app"), "v1", ["one"]);
  const { promise: quickIsDone, resolve } = Promise.withResolvers<void>();
  passes.stores.host("b.test").repository("app").before = (call) => {
    if (call === "put v1") resolve();
  };
  const slow = Array.from({ length: 300 }, (_, position) => {
    const repository = `app${position}`;
    passes.stores.host("slow.test").repository(repository).before = () => quickIsDone;
    return entry("image", `slow.test/${repository}:v1`, `b.test/${repository}:v1`);
  });

  const report = await passes.run([...slow, entry("image", "quick.test/app:v1", "b.test/app:v1")], { parallel: 1 });

  expect(told(report.images).at(-1)).toBe("app:v1 copied absent");
});

function threePlaces(): {
  passes: Passes;
  source: MemoryRepository;
  one: MemoryRepository;
  two: MemoryRepository;
} {
  const { passes, source, target } = twoPlaces();
  return { passes, source, one: target, two: passes.stores.host("c.test").repository("app") };
}

const toTwo = (kind: "image" | "repository", more = {}): ReturnType<typeof entry> =>
  kind === "image"
    ? entry(kind, "a.test/app:v1", "b.test/app:v1, c.test/app:v1", more)
    : entry(kind, "a.test/app", "b.test/app, c.test/app", more);

describe("an entry with several targets", () => {
  test("asks the source once for each tag, and each target once", async () => {
    const { passes, source, one, two } = threePlaces();
    addImage(source, "v1", ["one"]);
    await passes.run([toTwo("image")]);
    for (const each of [source, one, two]) each.calls.length = 0;

    const report = await passes.run([toTwo("image")]);

    expect(told(report.images)).toEqual(["app:v1 unchanged", "app:v1 unchanged"]);
    expect([source.calls, one.calls, two.calls]).toEqual([["head v1"], ["head v1"], ["head v1"]]);
  });

  test("reports every target by itself, and copies only to those that lack the image", async () => {
    const { passes, source, one, two } = threePlaces();
    const digest = addImage(source, "v1", ["one"]);
    addImage(one, "v1", ["one"]);
    addImage(two, "v1", ["other"]);

    const report = await passes.run([toTwo("repository")]);

    const results = report.images.map(({ target, outcome }) => `${target} ${outcome.kind}`).sort();
    expect(results).toEqual(["b.test/app:v1 unchanged", "c.test/app:v1 copied"]);
    expect(two.tags.get("v1")).toBe(digest);
    expect(one.calls).toEqual(["head v1"]);
  });

  test("copies an image to all of its targets in one turn", async () => {
    const { passes, source, one, two } = threePlaces();
    addImage(source, "v1", ["one"]);
    passes.gate.resize(1);

    const report = await passes.run([toTwo("image")]);

    expect(told(report.images)).toEqual(["app:v1 copied absent", "app:v1 copied absent"]);
    expect(source.called("read")).toHaveLength(2);
    expect([one.tags.size, two.tags.size]).toEqual([1, 1]);
    expect(passes.gate.taken).toBe(0);
  });

  test.each([
    ["cannot be asked", "head v1"],
    ["refuses the manifest", "put v1"],
  ])("goes on with the others when one %s", async (_how, failing) => {
    const { passes, source, one, two } = threePlaces();
    addImage(source, "v1", ["one"]);
    one.before = (call) => {
      if (call === failing) throw new Unavailable("503");
    };

    const report = await passes.run([toTwo("image")]);

    const results = report.images.map(({ target, outcome }) => `${target} ${outcome.kind}`).sort();
    expect(results).toEqual(["b.test/app:v1 failed", "c.test/app:v1 copied"]);
    expect(two.tags.has("v1")).toBe(true);
  });

  test("fails for every target when the source cannot be asked", async () => {
    const { passes } = threePlaces();

    const report = await passes.run([toTwo("image")]);

    expect(told(report.images)).toEqual(["app:v1 failed MANIFEST_NOT_FOUND", "app:v1 failed MANIFEST_NOT_FOUND"]);
  });

  test("says for each target what a copying pass would do", async () => {
    const { passes, source, one } = threePlaces();
    addImage(source, "v1", ["one"]);
    addImage(one, "v1", ["other"]);

    const report = await passes.run([toTwo("image")], { action: "check" });

    expect(told(report.images)).toEqual(["app:v1 stale differs", "app:v1 stale absent"]);
    expect(one.called("put")).toEqual([]);
  });

  test("saves in each target what is replaced there", async () => {
    const { passes, source, one, two } = threePlaces();
    addImage(source, "v1", ["new"]);
    const old = [addImage(one, "v1", ["old"]), addImage(two, "v1", ["older"])];

    await passes.run([toTwo("image", { renderBackup: () => "before" })]);

    expect([one.tags.get("before"), two.tags.get("before")]).toEqual(old);
    expect(one.tags.get("v1")).toBe(source.tags.get("v1"));
  });

  test("brings to each target the tags that it misses, when only those are wanted", async () => {
    const { passes, source, one, two } = threePlaces();
    for (const tag of ["v1", "v2"]) addImage(source, tag, [tag]);
    addImage(one, "v1", ["mine"]);
    addImage(two, "v2", ["mine"]);

    const report = await passes.run([toTwo("repository")], { action: "missing" });

    const results = report.images.map(({ target, outcome }) => `${target} ${outcome.kind}`).sort();
    expect(results).toEqual(["b.test/app:v2 copied", "c.test/app:v1 copied"]);
    expect([...one.called("head"), ...two.called("head")]).toEqual([]);
  });

  test("of a whole registry has every repository in every target", async () => {
    const passes = new Passes();
    addImage(passes.stores.host("a.test").repository("team/app"), "v1", ["one"]);

    const report = await passes.run([registryEntry("a.test", "b.test/mirror, c.test")]);

    const names = report.images.map(({ target }) => target).sort();
    expect(names).toEqual(["b.test/mirror/team/app:v1", "c.test/team/app:v1"]);
  });

  test("waits once for the quota of its source", async () => {
    const { passes, source } = threePlaces();
    addImage(source, "v1", ["one"]);
    source.rateLimits = [
      { limit: 100, remaining: 1 },
      { limit: 100, remaining: 1 },
      { limit: 100, remaining: 50 },
    ];

    const report = await passes.run([toTwo("image", { rateLimit: { min: 10, retryMs: 300_000 } })]);

    expect(told(report.images)).toEqual(["app:v1 copied absent", "app:v1 copied absent"]);
    expect(passes.clock.slept).toEqual([300_000]);
  });
});

test("asks a target again for a tag that it did not list when that was long ago", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one"]);
  addImage(source, "v2", ["two"]);
  target.before = (call) => {
    if (call === "put v1") passes.clock.advance(60_000);
  };

  await passes.run([repository()], { action: "missing" });

  expect(target.called("head")).toEqual(["head v2"]);
});

test("does not ask for blobs in a repository that cannot be looked at: it is taken as new", async () => {
  const { passes, source, target } = twoPlaces();
  addImage(source, "v1", ["one".repeat(200_000)]);
  target.before = (call) => {
    if (call === "head v1" || call.startsWith("blob?")) throw new Refused("403");
  };

  const report = await passes.run([image()]);

  expect(told(report.images)).toEqual(["app:v1 copied absent"]);
});
