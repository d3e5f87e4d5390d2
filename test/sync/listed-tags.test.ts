import { expect, test } from "vitest";
import type { Entry } from "../../src/config/plan.ts";
import type { Digest } from "../../src/oci/digest.ts";
import { addImage } from "../copy/samples.ts";
import type { MemoryRepository } from "../support/memory-store.ts";
import { entry, Passes, told } from "./passes.ts";

const weekMs = 168 * 60 * 60 * 1_000;

/** Two tags that both sides have, at a source whose list tells their digests. */
class Mirror {
  readonly passes = new Passes();
  readonly source: MemoryRepository = this.passes.stores.host("a.test").repository("app");
  readonly target: MemoryRepository = this.passes.stores.host("b.test").repository("app");

  constructor() {
    for (const tag of ["v1", "v2"]) {
      addImage(this.source, tag, [tag]);
      addImage(this.target, tag, [tag]);
    }
    this.listTheTruth();
  }

  listTheTruth(): void {
    this.source.listedDigests = new Map(this.source.tags);
  }

  listInstead(tag: string, digest: Digest): void {
    this.source.listedDigests = new Map([...this.source.tags, [tag, digest]]);
  }

  async pass(more: Partial<Entry> = {}): Promise<{ told: string[]; asked: string[] }> {
    for (const place of [this.source, this.target]) place.calls.length = 0;
    const { images } = await this.passes.run([entry("repository", "a.test/app", "b.test/app", more)]);
    const asked = [
      ...this.source.calls.map((call) => `source ${call.trimEnd()}`),
      ...this.target.calls.map((call) => `target ${call}`),
    ];
    return { told: told(images).toSorted(), asked };
  }
}

const allUnchanged = ["app:v1 unchanged", "app:v2 unchanged"];
const targetAlone = ["source tags", "target head v1", "target head v2"];
const bothSides = ["source tags", "source head v1", "source head v2", "target head v1", "target head v2"];

test("where the source's list tells digests, only the target is asked for each tag", async () => {
  expect(await new Mirror().pass()).toEqual({ told: allUnchanged, asked: targetAlone });
});

test("a new digest in the list is looked at before it is copied", async () => {
  const mirror = new Mirror();
  const changed = addImage(mirror.source, "v1", ["changed"]);
  mirror.listTheTruth();

  const { told, asked } = await mirror.pass();

  expect(told).toEqual(["app:v1 copied differs", "app:v2 unchanged"]);
  expect(asked.filter((each) => each.includes(" head "))).toEqual([
    "source head v1",
    "target head v1",
    "target head v2",
  ]);
  expect(mirror.target.tags.get("v1")).toBe(changed);
});

test("a list that invents a change costs a look, and changes nothing", async () => {
  const mirror = new Mirror();
  const before = mirror.target.tags.get("v1");
  mirror.listInstead("v1", addImage(mirror.source, undefined, ["never tagged"]));

  const { told, asked } = await mirror.pass();

  expect(told).toEqual(allUnchanged);
  expect(asked).toEqual(["source tags", "source head v1", "target head v1", "target head v2"]);
  expect(mirror.target.tags.get("v1")).toBe(before);
});

test("a list that hides a change delays it until both sides are asked again, and no longer", async () => {
  const mirror = new Mirror();
  await mirror.pass();
  const stale = mirror.source.tags.get("v1") ?? expect.unreachable();
  const changed = addImage(mirror.source, "v1", ["changed"]);
  mirror.listInstead("v1", stale);
  mirror.passes.clock.advance(weekMs - 1);
  expect((await mirror.pass()).told).toEqual(allUnchanged);

  mirror.passes.clock.advance(1);

  expect((await mirror.pass()).told).toContain("app:v1 copied differs");
  expect(mirror.target.tags.get("v1")).toBe(changed);
});

test("passes that believe the list do not put off when both sides are asked", async () => {
  const mirror = new Mirror();
  const asked: string[][] = [];
  for (let day = 0; day <= 8; day += 1) {
    asked.push((await mirror.pass()).asked);
    mirror.passes.clock.advance(weekMs / 7);
  }

  expect(asked.map((each) => each.length)).toEqual([3, 3, 3, 3, 3, 3, 3, 5, 3]);
});

test("a full pass believes no list", async () => {
  const mirror = new Mirror();
  mirror.passes.full = true;

  expect(await mirror.pass()).toEqual({ told: allUnchanged, asked: bothSides });
});

test("an image whose referrers are to be looked at is looked at on both sides", async () => {
  const { asked } = await new Mirror().pass({ referrers: true });

  expect(asked).toContain("source head v1");
  expect(asked).toContain("target head v1");
});

test("a tag that the list says nothing of is asked for on both sides", async () => {
  const mirror = new Mirror();
  mirror.source.listedDigests = new Map([["v1", mirror.source.tags.get("v1") ?? expect.unreachable()]]);

  const { asked } = await mirror.pass();

  expect(asked).toEqual(["source tags", "source head v2", "target head v1", "target head v2"]);
});

test("what the target does not have is read from the source without another look, and copied", async () => {
  const mirror = new Mirror();
  mirror.target.tags.delete("v1");

  const { told, asked } = await mirror.pass();

  expect(told).toContain("app:v1 copied absent");
  expect(asked.filter((each) => /^(source get|source head|target head) /.test(each)).toSorted()).toEqual([
    "source get v1",
    "target head v1",
    "target head v2",
  ]);
});
