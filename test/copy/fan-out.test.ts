import { describe, expect, test } from "vitest";
import { Limiter } from "../../src/base/limiter.ts";
import { LinkedController } from "../../src/base/together.ts";
import { copyImageBy } from "../../src/copy/copy-image.ts";
import { CopyMetrics } from "../../src/copy/copy-metrics.ts";
import { FanOut } from "../../src/copy/fan-out.ts";
import { BlobLedger } from "../../src/copy/ledger.ts";
import { type CopyOptions, plainCopy } from "../../src/copy/options.ts";
import type { CopyResult } from "../../src/copy/tally.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { noMetrics } from "../../src/observe/metrics.ts";
import { noImageProgress } from "../../src/observe/progress.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { settled } from "../support/settled.ts";
import { MemoryHost, type MemoryRepository } from "../support/memory-store.ts";
import { silentLog } from "../support/silent-log.ts";
import { addImage, addIndex } from "./samples.ts";

const never = new AbortController().signal;

/** Layers that are worth asking for, each with content of its own. */
function large(name: string): string {
  return name.repeat(Math.ceil((300 * 1024) / name.length));
}

function digest(text: string): string {
  return digestOf(Buffer.from(text));
}

interface World {
  readonly source: MemoryRepository;
  readonly one: MemoryRepository;
  readonly two: MemoryRepository;
  readonly clock: FakeClock;
}

function world(): World {
  return {
    source: new MemoryHost("a.test").repository("app"),
    one: new MemoryHost("b.test").repository("mirror"),
    two: new MemoryHost("c.test").repository("mirror"),
    clock: new FakeClock(),
  };
}

interface Fanning {
  readonly options?: Partial<CopyOptions>;
  readonly ledger?: BlobLedger;
  readonly signals?: readonly AbortSignal[];
}

/** Copies an image to several targets at once, as one fan-out. */
async function fan(
  { source, clock }: Pick<World, "source" | "clock">,
  targets: readonly MemoryRepository[],
  tag: string,
  { options = {}, ledger = new BlobLedger(), signals = [] }: Fanning = {},
): Promise<PromiseSettledResult<CopyResult>[]> {
  const head = (await source.headManifest(tag, never)) ?? expect.unreachable(`the source has no ${tag}`);
  const there = await Promise.all(targets.map((target) => target.headManifest(tag, never)));
  for (const repository of [source, ...targets]) repository.calls.length = 0;
  const fanOut = new FanOut(clock);
  const copies = targets.map(async (target, at) => {
    using life = new LinkedController(signals[at] ?? never);
    const context = { log: silentLog, ledger, progress: noImageProgress, counted: new CopyMetrics(noMetrics) };
    await using lane = fanOut.lane(target, context, life.signal);
    const image = {
      source,
      sourceName: tag,
      digest: head.digest,
      target,
      targetName: tag,
      there: there[at],
      options: { ...plainCopy, ...options },
    };
    return await copyImageBy(lane, image, context, life.signal);
  });
  return await Promise.allSettled(copies);
}

function statuses(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.map(({ status }) => status);
}

test("reads every manifest and blob once, and writes them to every target", async () => {
  const { source, one, two, clock } = world();
  const child = addImage(source, undefined, [large("first"), "second"]);
  const index = addIndex(source, "v1", [child]);

  const results = await fan({ source, clock }, [one, two], "v1");

  expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
  for (const target of [one, two]) {
    expect(target.tags.get("v1")).toBe(index);
    expect(target.blobs.size).toBe(3);
    expect(target.calls.at(-1)).toBe("put v1");
  }
  expect(source.called("get").sort()).toEqual([`get ${child}`, `get ${index}`].sort());
  expect(source.called("read")).toHaveLength(3);
  expect(clock.alarms).toBe(0);
});

test("asks each target no more than a copy of its own would, and says the same of it", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first"), "second"]);

  const results = await fan({ source, clock }, [one, two], "v1");

  const verbs = (target: MemoryRepository): string[] => target.calls.map((call) => call.split(" ")[0] ?? "").sort();
  expect(verbs(one)).toEqual(["blob?", "put", "write", "write", "write"]);
  expect(verbs(two)).toEqual(verbs(one));
  const sent = { blobsSent: 3, blobsMounted: 0, blobsPresent: 0 };
  expect(results).toMatchObject([{ value: sent }, { value: sent }]);
});

test("reads a blob for those that lack it, and leaves the others alone", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first"), large("second")]);
  two.addBlob(Buffer.from(large("first")));
  two.addManifest("application/vnd.oci.image.manifest.v1+json", {}, "other");

  await fan({ source, clock }, [one, two], "v1");

  expect(source.called("read")).toHaveLength(3);
  expect(two.called("write").some((call) => call.endsWith(digest(large("first"))))).toBe(false);
  expect(two.tags.get("v1")).toBe(source.tags.get("v1"));
});

test("asks a target nothing about the blobs of a manifest that it has whole", async () => {
  const { source, one, two, clock } = world();
  const old = addImage(source, undefined, [large("first")]);
  addIndex(source, "v1", [old]);
  await fan({ source, clock }, [two], "v1");
  addIndex(source, "v1", [old, addImage(source, undefined, [large("second")])]);

  await fan({ source, clock }, [one, two], "v1");

  expect(two.calls.filter((call) => call.endsWith(digest(large("first"))))).toEqual([]);
  expect(one.tags.get("v1")).toBe(two.tags.get("v1"));
});

test("copies to the other target when one fails", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first"), large("second")]);
  two.before = (call) => {
    if (call === `write ${digest(large("first"))}`) throw new Error("disk full");
  };

  const results = await fan({ source, clock }, [one, two], "v1");

  expect(statuses(results)).toEqual(["fulfilled", "rejected"]);
  expect(one.tags.has("v1")).toBe(true);
  expect(two.tags.has("v1")).toBe(false);
  expect(source.called("read")).toHaveLength(3);
  expect([one.pinned, two.pinned, clock.alarms]).toEqual([0, 0, 0]);
});

test("copies to the other target when one is interrupted in the midst of a blob", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first")]);
  const stop = new AbortController();
  two.before = (call) => {
    if (call.startsWith("write")) stop.abort();
  };

  const results = await fan({ source, clock }, [one, two], "v1", { signals: [never, stop.signal] });

  expect(statuses(results)).toEqual(["fulfilled", "rejected"]);
  expect(two.called("put")).toEqual([]);
});

test("sends anew to a target that was given up, and goes on with nothing that it was being sent then", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first")]);
  const layer = digest(large("first"));
  const write = two.writeBlob.bind(two);
  let again: unknown;
  two.writeBlob = async (blob, from, open, lease, signal) => {
    if (blob.digest !== layer || again !== undefined) return await write(blob, from, open, lease, signal);
    const download = await open(signal);
    await download.chunks[Symbol.asyncIterator]().next();
    await settled();
    clock.advance(10_000); // the other target is done with its piece, and waits
    // As after an answer that did not come: the rest is wanted, for the same upload.
    again = await open(signal).catch((failure: unknown) => failure);
    throw again;
  };

  const results = await fan({ source, clock }, [one, two], "v1");

  expect(again).toMatchObject({ name: "FellBehind" });
  expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
  for (const { blobs } of [one, two]) expect(blobs.get(layer)?.byteLength).toBe(large("first").length);
  expect(source.called("read").filter((call) => call.endsWith(layer))).toHaveLength(2);
});

test("refuses damaged content for every target, and takes it for all once it is right", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first")]);
  const wrong = digest(large("first"));
  let reads = 0;
  source.onRead = (name, content) => {
    if (name !== wrong) return content;
    reads += 1;
    return reads === 1 ? Buffer.from(large("wrong")).subarray(0, content.byteLength) : content;
  };

  const results = await fan({ source, clock }, [one, two], "v1");

  expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
  for (const target of [one, two]) expect(digestOf(target.blobs.get(wrong) ?? Buffer.from(""))).toBe(wrong);
});

test("sends content again to the one target that says it misses some", async () => {
  const { source, one, two, clock } = world();
  const { TargetIncomplete } = await import("../../src/oci/store.ts");
  addImage(source, "v1", ["layer"]);
  const ledger = new BlobLedger();
  await fan({ source, clock }, [one, two], "v1", { ledger });
  const lost = digest("layer");
  two.blobs.delete(lost);
  addImage(source, "v2", ["layer", "another"]);
  two.before = (call) => {
    if (call === "put v2" && !two.blobs.has(lost)) throw new TargetIncomplete("blob unknown");
  };

  const results = await fan({ source, clock }, [one, two], "v2", { ledger });

  expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
  expect(two.blobs.has(lost)).toBe(true);
});

describe("targets on one host", () => {
  test("get a blob once, and mount it into the other repository", async () => {
    const { source, clock } = world();
    const host = new MemoryHost("b.test");
    const [one, two] = [host.repository("one"), host.repository("two")];
    addImage(source, "v1", [large("first")]);

    const results = await fan({ source, clock }, [one, two], "v1");

    expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
    expect([...one.called("write"), ...two.called("write")]).toHaveLength(2);
    expect([...one.called("mount"), ...two.called("mount")]).toHaveLength(2);
    expect(source.called("read")).toHaveLength(2);
  });

  test("are sent to together when the host has shown that it does not mount", async () => {
    const { source, clock } = world();
    const host = new MemoryHost("b.test");
    host.mounts = false;
    const ledger = new BlobLedger();
    addImage(source, "v1", [large("first")]);
    await fan({ source, clock }, [host.repository("one"), host.repository("two")], "v1", { ledger });
    addImage(source, "v2", [large("second")]);

    await fan({ source, clock }, [host.repository("one"), host.repository("two")], "v2", { ledger });

    expect(source.called("read").filter((call) => call.endsWith(digest(large("second"))))).toHaveLength(1);
  });
});

test("images that share a blob read it once for all targets, though they are copied at the same time", async () => {
  const { source, one, two, clock } = world();
  const ledger = new BlobLedger();
  addImage(source, "v1", [large("shared"), "one"]);
  addImage(source, "v2", [large("shared"), "two"]);

  await Promise.all([
    fan({ source, clock }, [one, two], "v1", { ledger }),
    fan({ source, clock }, [two, one], "v2", { ledger }),
  ]);

  expect(source.called("read").filter((call) => call.endsWith(digest(large("shared"))))).toHaveLength(1);
  expect([one.tags.size, two.tags.size]).toEqual([2, 2]);
});

test("takes a slot of the source for one transfer, whatever the number of targets, and gives all of them back", async () => {
  const { source, one, two, clock } = world();
  const limiters = [source, one, two].map((repository) => {
    const limiter = new Limiter(1);
    (repository.readLimiters as Limiter[]).push(limiter); // the memory host's own list
    return limiter;
  });
  addImage(source, "v1", [large("first"), large("second"), "third"]);

  const results = await fan({ source, clock }, [one, two], "v1");

  expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
  expect(source.called("read")).toHaveLength(4);
  expect(limiters.map(({ taken }) => taken)).toEqual([0, 0, 0]);
});

test("does not wait for ever for a target that cannot say whether it lacks a blob", async () => {
  const { source, one, two, clock } = world();
  addImage(source, "v1", [large("first")]);
  const answer = Promise.withResolvers<void>();
  two.before = (call) => (call.startsWith("blob?") ? answer.promise : undefined);
  one.before = (call) => {
    if (call === "put v1") answer.resolve();
  };

  const copying = fan({ source, clock }, [one, two], "v1");
  await settled();
  expect(one.called("write").filter((call) => call.endsWith(digest(large("first"))))).toEqual([]);
  clock.advance(10_000);
  const results = await copying;

  expect(statuses(results)).toEqual(["fulfilled", "fulfilled"]);
  expect(source.called("read").filter((call) => call.endsWith(digest(large("first"))))).toHaveLength(2);
});

test("referrers go to every target, and are listed and read once", async () => {
  const { source, one, two, clock } = world();
  const subject = addImage(source, "v1", ["layer"]);
  const { mediaType, bytes } = source.manifests.get(subject) ?? expect.unreachable("it was just added");
  const about = { subject: { mediaType, digest: subject, size: bytes.byteLength } };
  const signature = addImage(source, undefined, ["signature"], about);

  await fan({ source, clock }, [one, two], "v1", { options: { referrers: true } });

  for (const target of [one, two]) expect(target.manifests.has(signature)).toBe(true);
  expect(source.called("referrers").length).toBe(2);
  expect(source.called("read")).toHaveLength(3);
});
