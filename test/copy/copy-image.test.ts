import { expect, test } from "vitest";
import { Limiter } from "../../src/base/limiter.ts";
import { CopyMetrics } from "../../src/copy/copy-metrics.ts";
import { copyImage } from "../../src/copy/copy-image.ts";
import { BlobLedger } from "../../src/copy/ledger.ts";
import { type CopyOptions, plainCopy } from "../../src/copy/options.ts";
import type { CopyResult } from "../../src/copy/tally.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { TargetIncomplete } from "../../src/oci/store.ts";
import { noMetrics } from "../../src/observe/metrics.ts";
import { noImageProgress } from "../../src/observe/progress.ts";
import { MemoryHost, type MemoryRepository } from "../support/memory-store.ts";
import { silentLog } from "../support/silent-log.ts";
import { addImage, addIndex, describe, describeBlob } from "./samples.ts";

const never = new AbortController().signal;

function twoHosts(): { source: MemoryRepository; target: MemoryRepository } {
  return { source: new MemoryHost("a.test").repository("app"), target: new MemoryHost("b.test").repository("mirror") };
}

async function copy(
  source: MemoryRepository,
  target: MemoryRepository,
  tag: string,
  options: Partial<CopyOptions> = {},
  { ledger = new BlobLedger(), signal = never }: { ledger?: BlobLedger; signal?: AbortSignal } = {},
): Promise<CopyResult> {
  const head = await source.headManifest(tag, never);
  if (head === undefined) throw new Error(`the test's source has no ${tag}`);
  const there = await target.headManifest(tag, never);
  source.calls.length = 0;
  target.calls.length = 0;
  return await copyImage(
    {
      source,
      sourceName: tag,
      digest: head.digest,
      target,
      targetName: tag,
      there,
      options: { ...plainCopy, ...options },
    },
    { log: silentLog, ledger, progress: noImageProgress, counted: new CopyMetrics(noMetrics) },
    signal,
  );
}

function positionOf(target: MemoryRepository, call: string): number {
  const position = target.calls.indexOf(call);
  expect(position, `${call} among ${target.calls.join(", ")}`).toBeGreaterThanOrEqual(0);
  return position;
}

test("writes blobs before their manifest and the tag last", async () => {
  const { source, target } = twoHosts();
  const child = addImage(source, undefined, ["one", "two"]);
  addIndex(source, "v1", [child]);

  const totals = await copy(source, target, "v1");

  expect(target.calls.at(-1)).toBe("put v1");
  for (const write of target.called("write")) {
    expect(positionOf(target, write)).toBeLessThan(positionOf(target, `put ${child}`));
  }
  expect(totals).toMatchObject({ blobsSent: 3, blobsMounted: 0, blobsPresent: 0, manifestsSent: 2 });
});

test("asks the source for the manifest once, and the target for nothing that is no larger than a question", async () => {
  const { source, target } = twoHosts();
  const digest = addImage(source, "v1", ["one", "two"]);

  await copy(source, target, "v1");

  expect(source.calls.filter((call) => !call.startsWith("read"))).toEqual([`get ${digest}`]);
  expect(target.calls.map((call) => call.split(" ")[0])).toEqual(["write", "write", "write", "put"]);
});

test("leaves blobs alone that the target has", async () => {
  const { source, target } = twoHosts();
  addImage(source, "v1", ["one", "two"]);
  target.addBlob(Buffer.from("one"));

  const totals = await copy(source, target, "v1");

  expect(totals).toMatchObject({ blobsSent: 2, blobsPresent: 1 });
  expect(source.called("read")).not.toContain(`read ${digestOf(Buffer.from("one"))}`);
});

test("reads a blob that several images of one run need once, whichever comes first", async () => {
  const { source, target } = twoHosts();
  const ledger = new BlobLedger();
  addImage(source, "v1", ["shared", "one"]);
  addImage(source, "v2", ["shared", "two"]);

  await Promise.all([copy(source, target, "v1", {}, { ledger }), copy(source, target, "v2", {}, { ledger })]);

  const shared = digestOf(Buffer.from("shared"));
  expect(target.called("write").filter((call) => call.endsWith(shared))).toHaveLength(1);
});

test("sends a blob to a host once and mounts it into the other repositories there", async () => {
  const source = new MemoryHost("a.test").repository("app");
  const host = new MemoryHost("b.test");
  const [one, two] = [host.repository("one"), host.repository("two")];
  const ledger = new BlobLedger();
  addImage(source, "v1", ["shared"]);

  await copy(source, one, "v1", {}, { ledger });
  const totals = await copy(source, two, "v1", {}, { ledger });

  expect(totals).toMatchObject({ blobsSent: 0, blobsMounted: 2 });
  expect(source.called("read")).toEqual([]);
});

test("mounts from the source when both are on one host, and sends when the host does not agree", async () => {
  const host = new MemoryHost("a.test");
  const [source, target, other] = [host.repository("app"), host.repository("mirror"), host.repository("other")];
  addImage(source, "v1", ["one"]);

  const mounted = await copy(source, target, "v1");
  host.mounts = false;
  const sent = await copy(source, other, "v1");

  expect(mounted).toMatchObject({ blobsMounted: 2, blobsSent: 0 });
  expect(sent).toMatchObject({ blobsMounted: 0, blobsSent: 2 });
});

test("writes the tag alone when source and target are one repository", async () => {
  const source = new MemoryHost("a.test").repository("app");
  const digest = addImage(source, "v1", ["one"]);

  await copyImage(
    { source, sourceName: "v1", digest, target: source, targetName: "old", there: undefined, options: plainCopy },
    { log: silentLog, ledger: new BlobLedger(), progress: noImageProgress, counted: new CopyMetrics(noMetrics) },
    never,
  );

  expect(source.calls).toEqual([`get ${digest}`, "put old"]);
});

test("goes on with the digest that was decided on when the tag moves meanwhile", async () => {
  const { source, target } = twoHosts();
  const before = addImage(source, "v1", ["one"]);
  source.before = (call) => {
    if (call === `get ${before}`) addImage(source, "v1", ["two"]);
  };

  await copy(source, target, "v1");

  expect(target.tags.get("v1")).toBe(before);
});

test("takes what the tag stands for when the source dropped the digest it named before", async () => {
  const { source, target } = twoHosts();
  const before = addImage(source, "v1", ["one"]);
  let after: Digest | undefined;
  source.before = (call) => {
    if (call !== `get ${before}`) return;
    source.manifests.delete(before);
    after = addImage(source, "v1", ["two"]);
  };

  const { digest } = await copy(source, target, "v1");

  expect(target.tags.get("v1")).toBe(after);
  expect(digest).toBe(after);
});

test("does not write the tag when a blob does not match its digest, even fetched again", async () => {
  const { source, target } = twoHosts();
  addImage(source, "v1", ["one", "two"]);
  const damaged = digestOf(Buffer.from("two"));
  source.onRead = (digest, content) => (digest === damaged ? Buffer.from("TWO") : content);

  await expect(copy(source, target, "v1")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });

  expect(target.tags.has("v1")).toBe(false);
  expect(target.blobs.has(damaged)).toBe(false);
  expect(source.called("read").filter((call) => call.endsWith(damaged))).toHaveLength(2);
});

test.each([
  ["is damaged", "ONE"],
  ["is longer than its manifest says", "one and more"],
])("fetches content that %s once more, and goes on when it is right then", async (_, sent) => {
  const { source, target } = twoHosts();
  addImage(source, "v1", ["one"]);
  const damaged = digestOf(Buffer.from("one"));
  let reads = 0;
  source.onRead = (digest, content) => {
    if (digest !== damaged) return content;
    reads += 1;
    return reads === 1 ? Buffer.from(sent) : content;
  };

  await copy(source, target, "v1");

  expect(target.blobs.get(damaged)?.toString()).toBe("one");
});

for (const [what, sent] of [
  ["longer", "one and more"],
  ["shorter", "on"],
] as const) {
  test(`refuses a blob that is ${what} than its manifest says`, async () => {
    const { source, target } = twoHosts();
    addImage(source, "v1", ["one"]);
    const wrong = digestOf(Buffer.from("one"));
    source.onRead = (digest, content) => (digest === wrong ? Buffer.from(sent) : content);

    await expect(copy(source, target, "v1")).rejects.toMatchObject({ code: "SIZE_MISMATCH" });

    expect(target.blobs.has(wrong)).toBe(false);
    expect(target.tags.size).toBe(0);
  });
}

test("stops its other transfers when one fails, and has none running when it gives up", async () => {
  const { source, target } = twoHosts();
  addImage(source, "v1", ["one", "two", "three"]);
  const failing = digestOf(Buffer.from("two"));
  let running = 0;
  target.before = async (call) => {
    if (!call.startsWith("write")) return;
    if (call.endsWith(failing)) throw new Error("refused");
    running += 1;
    await Promise.resolve();
    running -= 1;
  };

  await expect(copy(source, target, "v1")).rejects.toThrow("refused");

  expect(running).toBe(0);
  expect(target.pinned).toBe(0);
  expect(target.called("put")).toEqual([]);
});

test("writes nothing more after it was interrupted", async () => {
  const { source, target } = twoHosts();
  addImage(source, "v1", ["one"]);
  const stop = new AbortController();
  target.before = (call) => {
    if (call.startsWith("write")) stop.abort();
  };

  await expect(copy(source, target, "v1", {}, { signal: stop.signal })).rejects.toThrow();

  expect(target.called("put")).toEqual([]);
  expect(target.pinned).toBe(0);
});

test("sends the content again when the target says it misses some of what it was thought to have", async () => {
  const { source, target } = twoHosts();
  addImage(source, "v1", ["one"]);
  const ledger = new BlobLedger();
  await copy(source, target, "v1", {}, { ledger });
  const lost = digestOf(Buffer.from("one"));
  target.blobs.delete(lost);
  addImage(source, "v2", ["one", "two"]);
  target.before = (call) => {
    if (call === "put v2" && !target.blobs.has(lost)) throw new TargetIncomplete("blob unknown");
  };

  await copy(source, target, "v2", {}, { ledger });

  expect(target.blobs.has(lost)).toBe(true);
  expect(target.tags.has("v2")).toBe(true);
});

test("looks for everything again in a target that has lost what was brought there, once it says so", async () => {
  const { source, target } = twoHosts();
  const tags = ["v1", "v2", "v3"];
  const layers = new Map(tags.map((tag) => [tag, digestOf(Buffer.from(tag))]));
  for (const tag of tags) addImage(source, tag, [tag]);
  const ledger = new BlobLedger();
  for (const tag of tags) await copy(source, target, tag, {}, { ledger });
  for (const lost of [target.tags, target.manifests, target.blobs]) lost.clear();
  let complaints = 0;
  target.before = (call) => {
    const layer = layers.get(call.replace("put ", ""));
    if (layer === undefined || target.blobs.has(layer)) return;
    complaints += 1;
    throw new TargetIncomplete("blob unknown");
  };

  for (const tag of tags) await copy(source, target, tag, {}, { ledger });

  expect(complaints).toBe(1);
  expect([...target.tags.keys()]).toEqual(tags);
});

test("sends a blob instead of mounting it again when the target says it misses what it mounted", async () => {
  const source = new MemoryHost("a.test").repository("app");
  const host = new MemoryHost("b.test");
  const [before, target] = [host.repository("before"), host.repository("mirror")];
  const layer = digestOf(Buffer.from("one"));
  addImage(source, "v1", ["one"]);
  const ledger = new BlobLedger();
  await copy(source, before, "v1", {}, { ledger });
  target.before = (call) => {
    // Whatever is mounted is not there.
    if (call !== "put v1" || target.called("write").includes(`write ${layer}`)) return;
    target.blobs.delete(layer);
    throw new TargetIncomplete("blob unknown");
  };

  await copy(source, target, "v1", {}, { ledger });

  expect(target.calls.filter((call) => call.endsWith(layer))).toEqual([
    `mount ${layer}`,
    `blob? ${layer}`,
    `write ${layer}`,
  ]);
  expect(target.tags.has("v1")).toBe(true);
});

test("sends a child again that the target says it misses, though it took it before", async () => {
  const { source, target } = twoHosts();
  const child = addImage(source, undefined, ["one"]);
  addIndex(source, "v1", [child]);
  let lies = 1;
  target.before = (call) => {
    // The first time the child is taken and not kept.
    if (call === "put v1" && lies > 0) target.manifests.delete(child);
    if (call === "put v1") lies -= 1;
    if (call === "put v1" && !target.manifests.has(child)) throw new TargetIncomplete("manifest unknown");
  };

  await copy(source, target, "v1");

  expect(target.manifests.has(child)).toBe(true);
  expect(target.tags.has("v1")).toBe(true);
});

test("leaves layers alone that are to be had elsewhere, unless external content is wanted", async () => {
  const { source, target } = twoHosts();
  const foreign = { ...describeBlob(source, "foreign", "application/vnd.x"), urls: ["https://cdn.test/layer"] };
  addImage(source, "v1", [], { layers: [foreign] });
  addImage(source, "v2", [], { layers: [foreign], annotations: { a: "b" } });

  await copy(source, target, "v1");
  expect(target.blobs.has(foreign.digest)).toBe(false);

  await copy(source, target, "v2", { includeExternal: true });
  expect(target.blobs.has(foreign.digest)).toBe(true);
});

test("uses content that a descriptor carries instead of asking for it", async () => {
  const { source, target } = twoHosts();
  const config = { ...describeBlob(source, "{}", mediaTypes.ociEmpty), data: Buffer.from("{}").toString("base64") };
  addImage(source, "v1", [], { config });

  await copy(source, target, "v1");

  expect(source.called("read")).toEqual([]);
  expect(target.blobs.get(config.digest)?.toString()).toBe("{}");
});

test("copies a child of unknown type as a manifest, and as a blob when it is none", async () => {
  const { source, target } = twoHosts();
  const image = describe(source, addImage(source, undefined, ["one"]));
  const blob = describeBlob(source, "just bytes", "application/vnd.example.thing");
  addIndex(source, "v1", [image, blob]);

  await copy(source, target, "v1");

  expect(target.blobs.has(blob.digest)).toBe(true);
  expect(target.manifests.has(image.digest)).toBe(true);
});

test("copies the children for the platforms that are wanted, and the index as it is", async () => {
  const { source, target } = twoHosts();
  const child = (architecture: string) => ({
    ...describe(source, addImage(source, undefined, [architecture])),
    platform: { os: "linux", architecture },
  });
  const [amd64, arm64] = [child("amd64"), child("arm64")];
  const index = addIndex(source, "v1", [amd64, arm64]);
  const wanted = { os: "linux", architecture: "arm64", variant: "", osVersion: "", osFeatures: [], features: [] };

  await copy(source, target, "v1", { platforms: [wanted] });

  expect(target.tags.get("v1")).toBe(index);
  expect(target.manifests.has(arm64.digest)).toBe(true);
  expect(target.manifests.has(amd64.digest)).toBe(false);
});

test("fails, saying which platforms there are, when none of the wanted ones is in the index", async () => {
  const { source, target } = twoHosts();
  const child = describe(source, addImage(source, undefined, ["one"]));
  addIndex(source, "v1", [{ ...child, platform: { os: "linux", architecture: "amd64" } }]);
  const wanted = { os: "linux", architecture: "s390x", variant: "", osVersion: "", osFeatures: [], features: [] };

  await expect(copy(source, target, "v1", { platforms: [wanted] })).rejects.toThrow(/linux\/s390x.*linux\/amd64/);

  expect(target.tags.size).toBe(0);
});

test("copies what is named after an image for some platforms, though nothing in it is for a platform", async () => {
  const { source, target } = twoHosts();
  const child = describe(source, addImage(source, undefined, ["one"]));
  const index = addIndex(source, "v1", [{ ...child, platform: { os: "linux", architecture: "amd64" } }]);
  const tag = `${index.replace(":", "-")}.att`;
  const attestations = addIndex(source, tag, [addImage(source, undefined, ["attestation"])]);
  const wanted = { os: "linux", architecture: "amd64", variant: "", osVersion: "", osFeatures: [], features: [] };

  await copy(source, target, "v1", { platforms: [wanted], digestTags: true });

  expect(target.tags.get("v1")).toBe(index);
  expect(target.tags.get(tag)).toBe(attestations);
});

test("refuses manifests inside manifests without an end", async () => {
  const { source, target } = twoHosts();
  let child = addImage(source, undefined, ["one"]);
  for (let depth = 0; depth < 40; depth += 1)
    child = addIndex(source, "v1", [child], { annotations: { depth: `${depth}` } });

  await expect(copy(source, target, "v1")).rejects.toMatchObject({ code: "MANIFEST_INVALID" });

  expect(target.tags.size).toBe(0);
});

test("refuses an image of more manifests than any image has", async () => {
  const { source, target } = twoHosts();
  const children = Array.from({ length: 10_000 }, (_, number) =>
    addIndex(source, undefined, [], { annotations: { number: `${number}` } }),
  );
  addIndex(source, "v1", children);

  await expect(copy(source, target, "v1")).rejects.toMatchObject({
    code: "MANIFEST_INVALID",
    message: expect.stringContaining("more than 10000 manifests"),
  });

  expect(target.tags.size).toBe(0);
});

test("refuses an image whose manifests are larger together than those of any image", async () => {
  const { source, target } = twoHosts();
  const children = Array.from({ length: 20 }, (_, number) =>
    addIndex(source, undefined, [], { annotations: { number: `${number}${"x".repeat(4 * 1024 * 1024)}` } }),
  );
  addIndex(source, "v1", children);

  await expect(copy(source, target, "v1")).rejects.toMatchObject({
    code: "MANIFEST_TOO_LARGE",
    message: expect.stringContaining("more than 67108864 bytes"),
  });

  expect(target.tags.size).toBe(0);
});

test("holds one slot of each host for a transfer, never more than the hosts allow", async () => {
  const [from, to] = [new MemoryHost("a.test"), new MemoryHost("b.test")];
  const [read, write] = [new Limiter(2), new Limiter(1)];
  from.limiters.push(read);
  to.limiters.push(write);
  const [source, target] = [from.repository("app"), to.repository("mirror")];
  addImage(source, "v1", ["one", "two", "three", "four"]);
  let most = 0;
  target.before = (call) => {
    if (call.startsWith("write")) most = Math.max(most, write.taken);
  };

  await copy(source, target, "v1");

  expect(most).toBe(1);
  expect([read.taken, write.taken]).toEqual([0, 0]);
});
