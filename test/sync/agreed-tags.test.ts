import { expect, test } from "vitest";
import type { Entry } from "../../src/config/plan.ts";
import type { Action } from "../../src/sync/context.ts";
import { addImage, addIndex, describe as describeManifest } from "../copy/samples.ts";
import type { MemoryRepository } from "../support/memory-store.ts";
import { entry, Passes, told } from "./passes.ts";

const weekMs = 168 * 60 * 60 * 1_000;

/** Two tags that both sides have, of which the versions never change. */
class Mirror {
  readonly passes = new Passes();
  readonly source: MemoryRepository = this.passes.stores.host("a.test").repository("app");
  readonly target: MemoryRepository = this.passes.stores.host("b.test").repository("app");

  constructor() {
    for (const tag of ["v1", "latest"]) {
      addImage(this.source, tag, [tag]);
      addImage(this.target, tag, [tag]);
    }
  }

  /** One pass: what became of the tags, and what was asked of both sides. */
  async pass(more: Partial<Entry> = {}, action: Action = "copy"): Promise<{ told: string[]; asked: string[] }> {
    for (const place of [this.source, this.target]) place.calls.length = 0;
    const tags = { allow: [], deny: [], semverRange: [], immutable: ["v.*"] };
    const { images } = await this.passes.run([entry("repository", "a.test/app", "b.test/app", { tags, ...more })], {
      action,
    });
    const asked = [
      ...this.source.calls.filter((call) => call !== "tags ").map((call) => `source ${call}`),
      ...this.target.calls.map((call) => `target ${call}`),
    ];
    return { told: told(images).toSorted(), asked };
  }
}

const everything = ["source head v1", "source head latest", "target head v1", "target head latest"];
const latestAlone = ["source head latest", "target head latest"];

test("a tag that never changes is not asked for again on either side once both agreed", async () => {
  const mirror = new Mirror();
  expect((await mirror.pass()).asked).toEqual(everything);

  const second = await mirror.pass();

  expect(second).toEqual({ told: ["app:latest unchanged", "app:v1 unchanged"], asked: latestAlone });
});

test("a tag that was copied counts as agreed on once a later pass has seen it", async () => {
  const mirror = new Mirror();
  mirror.target.tags.delete("v1");
  expect((await mirror.pass()).told).toContain("app:v1 copied absent");

  expect((await mirror.pass()).asked).toEqual(everything);
  expect((await mirror.pass()).asked).toEqual(latestAlone);
});

test("a tag that the target says it stored and did not is copied by the next pass", async () => {
  const mirror = new Mirror();
  mirror.target.tags.delete("v1");
  await mirror.pass();
  mirror.target.tags.delete("v1");

  expect((await mirror.pass()).told).toContain("app:v1 copied absent");
  expect(mirror.target.tags.get("v1")).toBe(mirror.source.tags.get("v1"));
});

test("a tag that the target's list lacks is copied, whatever both agreed on before", async () => {
  const mirror = new Mirror();
  await mirror.pass();
  mirror.target.tags.delete("v1");

  const missing = await mirror.pass({}, "missing");

  expect(missing.told).toEqual(["app:v1 copied absent"]);
  expect(mirror.target.tags.get("v1")).toBe(mirror.source.tags.get("v1"));
});

test("everything is asked for again when the interval is over, and then not for another one", async () => {
  const mirror = new Mirror();
  await mirror.pass();
  mirror.passes.clock.advance(weekMs - 1);
  expect((await mirror.pass()).asked).toEqual(latestAlone);

  mirror.passes.clock.advance(1);

  expect((await mirror.pass()).asked).toEqual(everything);
  expect((await mirror.pass()).asked).toEqual(latestAlone);
});

test("a full pass asks for everything", async () => {
  const mirror = new Mirror();
  await mirror.pass();

  mirror.passes.full = true;

  expect((await mirror.pass()).asked).toEqual(everything);
});

test("a change that a verification finds is copied, and said to be one that should not be", async () => {
  const mirror = new Mirror();
  await mirror.pass();
  addImage(mirror.source, "v1", ["changed"]);
  mirror.passes.clock.advance(weekMs);

  const verification = await mirror.pass();

  expect(verification.told).toContain("app:v1 copied differs");
  expect(mirror.passes.log.at("warn")).toEqual(["A tag that is called immutable has changed"]);
  expect((await mirror.pass()).asked).toEqual(everything);
  expect((await mirror.pass()).asked).toEqual(latestAlone);
});

test("a clock that was put back vouches for nothing", async () => {
  const mirror = new Mirror();
  mirror.passes.tags.note(
    "a.test/app:v1",
    "b.test/app:v1",
    mirror.source.tags.get("v1") ?? expect.unreachable(),
    mirror.passes.clock.now() + 1,
  );

  expect((await mirror.pass()).asked).toEqual(everything);
});

test("a pass that only looks uses what is remembered, and adds nothing", async () => {
  const mirror = new Mirror();
  await mirror.pass({}, "check");
  expect((await mirror.pass({}, "check")).asked).toEqual(everything);

  await mirror.pass();

  expect((await mirror.pass({}, "check")).asked).toEqual(latestAlone);
});

test.each<[string, Partial<Entry>]>([
  ["no pattern", { tags: { allow: [], deny: [], semverRange: [], immutable: [] } }],
  ["a pattern for a part of the name", { tags: { allow: [], deny: [], semverRange: [], immutable: ["v"] } }],
  ["referrers", { referrers: true }],
  ["digest tags", { digestTags: true }],
  ["every part to be looked at", { forceRecursive: true }],
])("with %s a tag is looked at in every pass", async (_what, more) => {
  const mirror = new Mirror();
  await mirror.pass(more);

  const { asked } = await mirror.pass(more);

  expect(asked).toContain("source head v1");
  expect(asked).toContain("target head v1");
});

test("a tag of a set may be one that never changes", async () => {
  const mirror = new Mirror();
  const tagSets = [{ allow: [".*"], deny: [], semverRange: [], immutable: ["v1"] }];
  const tags = { allow: [], deny: [], semverRange: [], immutable: [] };
  await mirror.pass({ tags, tagSets });

  expect((await mirror.pass({ tags, tagSets })).asked).toEqual(latestAlone);
});

test("a failure leaves nothing behind", async () => {
  const mirror = new Mirror();
  mirror.target.tags.delete("v1");
  mirror.target.before = (call) => {
    if (call === "put v1") throw new Error("no");
  };
  await mirror.pass().catch(() => undefined);
  mirror.target.before = () => undefined;

  expect((await mirror.pass()).told).toContain("app:v1 copied absent");
});

test("another platform is another agreement", async () => {
  const mirror = new Mirror();
  const unsaid = { variant: "", osVersion: "", osFeatures: [], features: [] };
  const platforms = ["arm64", "amd64"].map((architecture) => ({ os: "linux", architecture, ...unsaid }));
  const children = platforms.map((platform) => ({
    ...describeManifest(mirror.source, addImage(mirror.source, undefined, [platform.architecture])),
    platform: { os: platform.os, architecture: platform.architecture },
  }));
  addIndex(mirror.source, "v1", children);
  await mirror.pass({ platform: platforms[0] });

  const { told } = await mirror.pass({ platform: platforms[1] });

  expect(told).toContain("app:v1 copied differs");
  expect(mirror.target.tags.get("v1")).toBe(children[1]?.digest);
});
