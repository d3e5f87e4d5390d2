import { describe, expect, test } from "vitest";
import { Failure } from "../../src/base/failure.ts";
import type { Entry } from "../../src/config/plan.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import type { Action } from "../../src/sync/context.ts";
import { addImage, addIndex, describe as describeManifest } from "../copy/samples.ts";
import type { MemoryRepository } from "../support/memory-store.ts";
import { entry, Passes, told } from "./passes.ts";

// Which side is asked first, and what that saves.

class Unavailable extends Failure {
  readonly code = "REGISTRY_STATUS";
}

/** A source with some tags, and a target without any. */
class Places {
  readonly passes = new Passes();
  readonly source: MemoryRepository = this.passes.stores.host("a.test").repository("app");
  readonly target: MemoryRepository = this.passes.stores.host("b.test").repository("app");
  /** Every question about a manifest, of both sides, in order. */
  readonly asked: string[] = [];

  constructor(...tags: string[]) {
    for (const tag of tags) addImage(this.source, tag, [tag]);
    for (const [side, place] of Object.entries({ source: this.source, target: this.target })) {
      place.before = (call) => {
        if (/^(head|get) /.test(call)) this.asked.push(`${side} ${call}`);
      };
    }
  }

  /** Keeps the target's answer about a tag until the source has been asked for it. */
  answerLate(tag: string): void {
    const isAsked = Promise.withResolvers<void>();
    const [source, target] = [this.source.before, this.target.before];
    this.source.before = async (call) => {
      await source(call);
      if (call === `head ${tag}`) isAsked.resolve();
    };
    this.target.before = async (call) => {
      await target(call);
      if (call === `head ${tag}`) await isAsked.promise;
    };
  }

  digestOf(tag: string): string {
    return this.source.tags.get(tag) ?? expect.unreachable(`there is no ${tag}`);
  }

  /** One pass over the tag `v1` alone. */
  async image(more: Partial<Entry> = {}, action: Action = "copy"): Promise<string[]> {
    const { images } = await this.passes.run([entry("image", "a.test/app:v1", "b.test/app:v1", more)], { action });
    return told(images);
  }

  /** One pass over every tag. */
  async repository(more: Partial<Entry> = {}, action: Action = "copy"): Promise<string[]> {
    const { images } = await this.passes.run([entry("repository", "a.test/app", "b.test/app", more)], { action });
    return told(images);
  }
}

describe("a single image for a repository that nothing is known of", () => {
  test("is read at once when the target does not have it", async () => {
    const places = new Places("v1");

    expect(await places.image()).toEqual(["app:v1 copied absent"]);
    expect(places.asked).toEqual(["target head v1", "source get v1"]);
    expect(places.target.tags.get("v1")).toBe(places.digestOf("v1"));
  });

  test("is only looked at, on either side once, when the target has it", async () => {
    const places = new Places("v1");
    addImage(places.target, "v1", ["v1"]);

    expect(await places.image()).toEqual(["app:v1 unchanged"]);
    expect(places.asked).toEqual(["target head v1", "source head v1"]);
  });

  test("is read by its digest when the target has another one", async () => {
    const places = new Places("v1");
    addImage(places.target, "v1", ["old"]);

    expect(await places.image()).toEqual(["app:v1 copied differs"]);
    expect(places.asked).toEqual(["target head v1", "source head v1", `source get ${places.digestOf("v1")}`]);
  });

  test.each([
    ["a quota is to be left", { rateLimit: { min: 10, retryMs: 300_000 } }],
    ["its type may be one that is not wanted", { mediaTypes: [mediaTypes.ociManifest, mediaTypes.ociIndex] }],
  ])("is looked at before it is read when %s", async (_why, more) => {
    const places = new Places("v1");

    expect(await places.image(more)).toEqual(["app:v1 copied absent"]);
    expect(places.asked.toSorted()).toEqual([
      `source get ${places.digestOf("v1")}`,
      "source head v1",
      "target head v1",
    ]);
  });

  test("is not read when its type is not wanted", async () => {
    const places = new Places("v1");

    expect(await places.image({ mediaTypes: [mediaTypes.dockerManifest] })).toEqual(["app:v1 skipped mediaType"]);
    expect(places.source.called("get")).toEqual([]);
  });

  test("is not read by a pass that only looks", async () => {
    const places = new Places("v1");

    expect(await places.image({}, "check")).toEqual(["app:v1 stale absent"]);
    expect(places.asked.toSorted()).toEqual(["source head v1", "target head v1"]);
  });

  test("is looked at in the same way when it is copied with its referrers and digest tags", async () => {
    const places = new Places("v1");

    expect(await places.image({ referrers: true, digestTags: true })).toEqual(["app:v1 copied absent"]);
    expect(places.asked).toEqual(["target head v1", "source get v1"]);
  });

  test("has its list read once for all when one platform of it is wanted", async () => {
    const places = new Places();
    const child = addImage(places.source, undefined, ["arm64"]);
    const platform = { os: "linux", architecture: "arm64" };
    addIndex(places.source, "v1", [{ ...describeManifest(places.source, child), platform }]);
    const wanted = { ...platform, variant: "", osVersion: "", osFeatures: [], features: [] };

    expect(await places.image({ platform: wanted })).toEqual(["app:v1 copied absent"]);
    expect(places.asked).toEqual(["target head v1", "source get v1", `source get ${child}`]);
    expect(places.target.tags.get("v1")).toBe(child);
  });

  test("is missing on the source after one question", async () => {
    const places = new Places();

    expect(await places.image()).toEqual(["app:v1 failed MANIFEST_NOT_FOUND"]);
    expect(places.asked).toEqual(["target head v1", "source get v1"]);
    expect(places.passes.log.at("error")).toContain("Failed to lookup source manifest");
  });

  test("is looked at on the source all the same when the target cannot tell: its failure comes first", async () => {
    const places = new Places();
    const usual = places.target.before;
    places.target.before = async (call) => {
      await usual(call);
      throw new Unavailable("503");
    };

    expect(await places.image()).toEqual(["app:v1 failed MANIFEST_NOT_FOUND"]);
    expect(places.asked).toEqual(["target head v1", "source head v1"]);
  });

  test("is looked at after all when it is no manifest that can be read, and left alone as any of an unwanted type", async () => {
    const places = new Places();
    places.source.addManifest("application/vnd.example.unknown+json", {}, "v1");

    expect(await places.image()).toEqual(["app:v1 skipped mediaType"]);
    expect(places.asked).toEqual(["target head v1", "source get v1", "source head v1"]);
  });

  test("is not held in memory when its manifest is large", async () => {
    const places = new Places();
    const digest = addImage(places.source, "v1", ["v1"], { annotations: { long: "x".repeat(64 * 1024) } });

    expect(await places.image()).toEqual(["app:v1 copied absent"]);
    expect(places.asked).toEqual(["target head v1", "source get v1", `source get ${digest}`]);
  });

  test("is looked at again, but not read again, when its turn comes late", async () => {
    const places = new Places("v1");
    const turn = await places.passes.gate.take(new AbortController().signal);
    const copied = places.image();
    await expect.poll(() => places.passes.log.lines.map(({ message }) => message)).toContain("Image sync needed");

    places.passes.clock.advance(60_000);
    turn[Symbol.dispose]();

    expect(await copied).toEqual(["app:v1 copied absent"]);
    expect(places.asked.toSorted()).toEqual(["source get v1", "source head v1", "target head v1", "target head v1"]);
  });

  test("is read again when it has moved on until its turn came", async () => {
    const places = new Places("v1");
    const turn = await places.passes.gate.take(new AbortController().signal);
    const copied = places.image();
    await expect.poll(() => places.passes.log.lines.map(({ message }) => message)).toContain("Image sync needed");

    const moved = addImage(places.source, "v1", ["moved"]);
    places.passes.clock.advance(60_000);
    turn[Symbol.dispose]();

    expect(await copied).toEqual(["app:v1 copied absent"]);
    expect(places.target.tags.get("v1")).toBe(moved);
    expect(places.source.called("get")).toEqual(["get v1", `get ${moved}`]);
  });
});

test("several single images of one repository ask both sides at once, after the first has shown that it was there", async () => {
  const places = new Places("v1", "v2");
  for (const tag of ["v1", "v2"]) addImage(places.target, tag, [tag]);
  places.answerLate("v2");
  const entries = ["v1", "v2"].map((tag) => entry("image", `a.test/app:${tag}`, `b.test/app:${tag}`));

  const { images } = await places.passes.run(entries);

  expect(told(images)).toEqual(["app:v1 unchanged", "app:v2 unchanged"]);
  expect(places.asked).toHaveLength(4);
});

describe("the tags of a repository", () => {
  test("are looked at on both sides at once while nothing is known of the target", async () => {
    const places = new Places("v1");
    places.answerLate("v1");

    expect(await places.repository()).toEqual(["app:v1 copied absent"]);
    expect(places.source.called("get")).toEqual([`get ${places.digestOf("v1")}`]);
  });

  test("are read at once after one that the target does not have", async () => {
    const places = new Places("v1", "v2", "v3", "v4", "v5", "v6", "v7");

    await places.repository();

    // Five are looked at together, and whoever comes next knows of the first.
    expect(places.source.called("head")).toEqual(["head v1", "head v2", "head v3", "head v4", "head v5"]);
    expect(places.source.called("get").filter((call) => call.startsWith("get v"))).toEqual(["get v6", "get v7"]);
    expect(places.target.called("head")).toHaveLength(7);
  });

  test("cost no further question when the target has the next one after all", async () => {
    const tags = Array.from({ length: 9 }, (_, number) => `v${number + 1}`);
    const places = new Places(...tags);
    for (const tag of tags.slice(5)) addImage(places.target, tag, [tag]);

    const results = await places.repository();

    expect(results.filter((result) => result.endsWith("unchanged"))).toHaveLength(4);
    for (const tag of tags.slice(5)) {
      expect(places.asked.filter((question) => question.endsWith(` ${tag}`)).toSorted()).toEqual([
        `source head ${tag}`,
        `target head ${tag}`,
      ]);
    }
  });

  test("are read at once when the target was seen not to list them", async () => {
    const places = new Places("v1", "v2");
    addImage(places.target, "v1", ["old"]);

    expect(await places.repository({}, "missing")).toEqual(["app:v2 copied absent"]);
    expect(places.asked).toEqual(["source get v2"]);
  });

  test("are read at once when a layout does not have them: looking there costs nothing", async () => {
    const places = new Places("v1", "v2");
    places.passes.stores.host("b.test").looksAreFree = true;
    addImage(places.target, "v1", ["v1"]);

    expect((await places.repository()).toSorted()).toEqual(["app:v1 unchanged", "app:v2 copied absent"]);
    expect(places.source.calls.filter((call) => /^(head|get) /.test(call))).toEqual(["head v1", "get v2"]);
  });
});

describe("an image for several targets", () => {
  const both = async (places: Places, more: Partial<Entry> = {}): Promise<string[]> => {
    const { images } = await places.passes.run([entry("image", "a.test/app:v1", "b.test/app:v1, c.test/app:v1", more)]);
    return told(images);
  };
  const askedOfSource = ({ source }: Places): string[] => source.calls.filter((call) => /^(head|get) /.test(call));

  test("is read on the source once, and not looked at, when none of them has it", async () => {
    const places = new Places("v1");

    expect(await both(places)).toEqual(["app:v1 copied absent", "app:v1 copied absent"]);
    expect(askedOfSource(places)).toEqual(["get v1"]);
  });

  test("is looked at once for all of them when they have it", async () => {
    const places = new Places("v1");
    for (const host of ["b.test", "c.test"]) addImage(places.passes.stores.host(host).repository("app"), "v1", ["v1"]);

    expect(await both(places)).toEqual(["app:v1 unchanged", "app:v1 unchanged"]);
    expect(askedOfSource(places)).toEqual(["head v1"]);
  });

  test("is read once and looked at once when one of them has it", async () => {
    const places = new Places("v1");
    addImage(places.target, "v1", ["v1"]);

    expect((await both(places)).toSorted()).toEqual(["app:v1 copied absent", "app:v1 unchanged"]);
    expect(askedOfSource(places).toSorted()).toEqual(["get v1", "head v1"]);
  });

  test("is looked at before it is read when a quota is to be left", async () => {
    const places = new Places("v1");

    await both(places, { rateLimit: { min: 10, retryMs: 300_000 } });

    expect(askedOfSource(places)).toEqual(["head v1", `get ${places.digestOf("v1")}`]);
  });

  test("is looked at again once, but not read again, when its turn comes late", async () => {
    const places = new Places("v1");
    const turn = await places.passes.gate.take(new AbortController().signal);
    const copied = both(places);
    const found = (): number => places.passes.log.lines.filter(({ message }) => message === "Image sync needed").length;
    await expect.poll(found).toBe(2);

    places.passes.clock.advance(60_000);
    turn[Symbol.dispose]();

    expect(await copied).toEqual(["app:v1 copied absent", "app:v1 copied absent"]);
    expect(askedOfSource(places)).toEqual(["get v1", "head v1"]);
  });

  test("is not held while it waits when its manifest is large, and is read again once for all of them", async () => {
    const places = new Places();
    const digest = addImage(places.source, "v1", ["v1"], { annotations: { long: "x".repeat(64 * 1024) } });

    expect(await both(places)).toEqual(["app:v1 copied absent", "app:v1 copied absent"]);
    expect(askedOfSource(places)).toEqual(["get v1", `get ${digest}`]);
  });
});
