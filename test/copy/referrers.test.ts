import { expect, test } from "vitest";
import { CopyMetrics } from "../../src/copy/copy-metrics.ts";
import { copyImage } from "../../src/copy/copy-image.ts";
import { BlobLedger } from "../../src/copy/ledger.ts";
import { type CopyOptions, plainCopy } from "../../src/copy/options.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import { TargetIncomplete } from "../../src/oci/store.ts";
import { noMetrics } from "../../src/observe/metrics.ts";
import { noImageProgress } from "../../src/observe/progress.ts";
import { MemoryHost, type MemoryRepository } from "../support/memory-store.ts";
import { settled } from "../support/settled.ts";
import { silentLog } from "../support/silent-log.ts";
import { addImage, addIndex, describe } from "./samples.ts";

const never = new AbortController().signal;
const source = (): MemoryRepository => new MemoryHost("a.test").repository("app");
const target = (): MemoryRepository => new MemoryHost("b.test").repository("mirror");

async function copy(
  from: MemoryRepository,
  to: MemoryRepository,
  tag: string,
  options: Partial<CopyOptions>,
): Promise<void> {
  const head = await from.headManifest(tag, never);
  if (head === undefined) throw new Error(`the test's source has no ${tag}`);
  const there = await to.headManifest(tag, never);
  to.calls.length = 0;
  await copyImage(
    {
      source: from,
      sourceName: tag,
      digest: head.digest,
      target: to,
      targetName: tag,
      there,
      options: { ...plainCopy, ...options },
    },
    { log: silentLog, ledger: new BlobLedger(), progress: noImageProgress, counted: new CopyMetrics(noMetrics) },
    never,
  );
}

function sign(repository: MemoryRepository, subject: Digest, artifactType: string, note = "x"): Digest {
  return addImage(repository, undefined, [`${artifactType} ${note}`], {
    artifactType,
    subject: describe(repository, subject),
    annotations: { note },
  });
}

test("copies what refers to the image before the image, and what refers to that before it", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one"]);
  const sbom = sign(from, image, "application/sbom");
  const signature = sign(from, sbom, "application/signature");

  await copy(from, to, "v1", { referrers: true });

  expect(to.called("put")).toEqual([`put ${signature}`, `put ${sbom}`, "put v1"]);
});

test("leaves referrers alone that no filter wants, at every level", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one"]);
  const sbom = sign(from, image, "application/sbom");
  const signature = sign(from, sbom, "application/signature");
  const filters = [{ artifactType: "application/sbom", annotations: {} }];

  await copy(from, to, "v1", { referrers: true, referrerFilters: filters });

  expect(to.manifests.has(sbom)).toBe(true);
  expect(to.manifests.has(signature)).toBe(false);
});

for (const [what, annotations, kept] of [
  ["whose annotation has the wanted value", { note: "x" }, true],
  ["whose annotation is there, whatever it says", { note: "" }, true],
  ["whose annotation says something else", { note: "y" }, false],
  ["without the annotation", { other: "" }, false],
  ["for an annotation named like a built-in of objects", { constructor: "" }, false],
] as const) {
  test(`${kept ? "keeps" : "drops"} a referrer ${what}`, async () => {
    const [from, to] = [source(), target()];
    const referrer = sign(from, addImage(from, "v1", ["one"]), "application/sbom");

    await copy(from, to, "v1", { referrers: true, referrerFilters: [{ artifactType: "", annotations }] });

    expect(to.manifests.has(referrer)).toBe(kept);
  });
}

test("looks for referrers of an image that is equal, unless a quick check is enough", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one"]);
  await copy(from, to, "v1", {});
  const late = sign(from, image, "application/signature");

  await copy(from, to, "v1", { referrers: true, fastCheck: true });
  expect(to.manifests.has(late)).toBe(false);

  await copy(from, to, "v1", { referrers: true });
  expect(to.manifests.has(late)).toBe(true);
  expect(to.called("put")).toEqual([`put ${late}`]);
});

test("asks about an image that is equal only what refers to it, level by level, and reads nothing", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one", "two"]);
  const signature = sign(from, image, "application/signature");
  await copy(from, to, "v1", { referrers: true });
  from.calls.length = 0;

  await copy(from, to, "v1", { referrers: true });

  expect(from.calls).toEqual(["head v1", `referrers ${image}`, `referrers ${signature}`]);
  expect(to.calls).toEqual([`head ${signature}`]);
});

test("reads a list that is equal, for referrers of what is in it, and asks about no blob", async () => {
  const [from, to] = [source(), target()];
  const child = addImage(from, undefined, ["one"]);
  const index = addIndex(from, "v1", [child]);
  await copy(from, to, "v1", {});
  const late = sign(from, child, "application/signature");
  from.calls.length = 0;

  await copy(from, to, "v1", { referrers: true });

  expect(to.called("put")).toEqual([`put ${late}`]);
  expect(from.called("get")).toEqual([`get ${index}`, `get ${late}`]);
  expect(to.called("blob?")).toEqual([]);
});

test("looks for every blob again when forced, and brings one that the target lost", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one"]);
  const signature = sign(from, image, "application/signature");
  await copy(from, to, "v1", { referrers: true });
  const lost = digestOf(Buffer.from("one"));
  to.blobs.delete(lost);

  await copy(from, to, "v1", { referrers: true, forceRecursive: true });

  expect(to.blobs.has(lost)).toBe(true);
  expect(to.called("put")).toEqual([`put ${signature}`, "put v1"]);
});

test("reads what is equal when the target does not say what it is: it may be a list", async () => {
  const [from, to] = [source(), target()];
  const child = addImage(from, undefined, ["one"]);
  const index = addIndex(from, "v1", [child]);
  await copy(from, to, "v1", {});
  const kept = to.manifests.get(index) ?? expect.unreachable("the target has the list");
  to.manifests.set(index, { ...kept, mediaType: "text/plain" });
  const late = sign(from, child, "application/signature");

  await copy(from, to, "v1", { referrers: true });

  expect(to.called("put")).toEqual([`put ${late}`]);
});

test("writes everything again when forced", async () => {
  const [from, to] = [source(), target()];
  addImage(from, "v1", ["one"]);
  await copy(from, to, "v1", {});

  await copy(from, to, "v1", { forceRecursive: true });

  expect(to.called("put")).toEqual(["put v1"]);
});

test("writes a referrer again that is there and in no list: a copy ended between the two", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one"]);
  const [listed, unlisted] = [sign(from, image, "application/sbom"), sign(from, image, "application/signature")];
  await copy(from, to, "v1", { referrers: true });
  to.keptReferrers = new Set([listed]);

  await copy(from, to, "v1", { referrers: true });

  expect(to.called("put")).toEqual([`put ${unlisted}`]);
});

test("leaves a referrer alone that is there and says nothing of the image it is listed with", async () => {
  const [from, to] = [source(), target()];
  addImage(from, "v1", ["one"]);
  const other = addImage(from, undefined, ["other"]);
  from.listReferrers = async (subject) => {
    const head = await from.headManifest(other, never);
    const { digest, mediaType } = head ?? expect.unreachable("the source has it");
    const plain = { sizeBytes: undefined, platform: undefined, annotations: {}, artifactType: "" };
    const listed = { digest, mediaType, ...plain, urls: [], data: undefined };
    return { descriptors: subject === other ? [] : [listed], fallbackTag: undefined };
  };
  await copy(from, to, "v1", { referrers: true });
  to.keptReferrers = new Set();

  await copy(from, to, "v1", { referrers: true });

  expect(to.called("put")).toEqual([]);
});

test("leaves a referrer alone that is there when the target does not tell what it lists", async () => {
  const [from, to] = [source(), target()];
  sign(from, addImage(from, "v1", ["one"]), "application/signature");
  await copy(from, to, "v1", { referrers: true });
  to.listedReferrers = () => Promise.reject(new TargetIncomplete("no"));

  await copy(from, to, "v1", { referrers: true });

  expect(to.called("put")).toEqual([]);
});

test("takes referrers from one place and puts them into another when told to", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "v1", ["one"]);
  const own = sign(from, image, "application/signature", "own");
  const [elsewhere, shelf] = [new MemoryHost("c.test").repository("x"), new MemoryHost("d.test").repository("y")];
  elsewhere.addManifest(describe(from, image).mediaType, JSON.parse(String(from.manifests.get(image)?.bytes)));
  const theirs = sign(elsewhere, image, "application/signature", "theirs");

  await copy(from, to, "v1", { referrers: true, referrerSource: elsewhere, referrerTarget: shelf });

  expect([...shelf.manifests.keys()]).toEqual([theirs]);
  expect(to.manifests.has(own)).toBe(false);
  expect(to.manifests.has(theirs)).toBe(false);
});

test("ends when an index lists what it is about, and copies both", async () => {
  const [from, to] = [source(), target()];
  const child = addImage(from, "v1", ["one"]);
  const loop = addIndex(from, undefined, [child], { subject: describe(from, child) });

  await copy(from, to, "v1", { referrers: true });

  expect([...to.manifests.keys()].toSorted()).toEqual([child, loop].toSorted());
  expect(to.tags.get("v1")).toBe(child);
});

for (const late of ["image", "list"] as const) {
  test(`copies an index of an image and of a list that refers to it, though the ${late} is read late`, async () => {
    const [from, to] = [source(), target()];
    const image = addImage(from, undefined, ["one"]);
    const list = addIndex(from, undefined, [image], { subject: describe(from, image) });
    const index = addIndex(from, "v1", [image, list]);
    from.before = async (call) => {
      if (call === `get ${{ image, list }[late]}`) await settled();
    };

    await copy(from, to, "v1", { referrers: true });

    expect(to.tags.get("v1")).toBe(index);
    expect([...to.manifests.keys()].toSorted()).toEqual([image, list, index].toSorted());
  });
}

test("copies what had to wait though something that it lists, and that it refers to, is still under way", async () => {
  const [from, to] = [source(), target()];
  const [image, slow] = [addImage(from, undefined, ["one"]), addImage(from, undefined, ["two"])];
  const list = addIndex(from, undefined, [image, slow], { subject: describe(from, image) });
  const index = addIndex(from, "v1", [image]);
  const usual = from.listReferrers.bind(from);
  from.listReferrers = (subject, signal) => usual(subject === slow ? image : subject, signal);
  let reads = 0;
  from.before = async (call) => {
    if (call === `get ${slow}`) for (let round = 0; round < 3; round += 1) await settled();
    if (call === `get ${list}`) reads += 1;
    if (call === `get ${list}` && reads > 1) for (let round = 0; round < 9; round += 1) await settled();
  };

  await copy(from, to, "v1", { referrers: true });

  expect([...to.manifests.keys()].toSorted()).toEqual([image, slow, list, index].toSorted());
});

test("ends when two referrers list each other's subject", async () => {
  const [from, to] = [source(), target()];
  const one = addImage(from, "v1", ["one"]);
  const two = addImage(from, undefined, ["two"]);
  const left = addIndex(from, undefined, [two], { subject: describe(from, one), annotations: { side: "left" } });
  const right = addIndex(from, undefined, [one], { subject: describe(from, two), annotations: { side: "right" } });

  await copy(from, to, "v1", { referrers: true });

  for (const digest of [one, two, left, right]) expect(to.manifests.has(digest)).toBe(true);
});

test("copies tags that are named after the digest of the image or of its children", async () => {
  const [from, to] = [source(), target()];
  const child = addImage(from, undefined, ["one"]);
  const index = addIndex(from, "v1", [child]);
  const named = (digest: Digest, end: string): string => digest.replace(":", "-") + end;
  const signature = addImage(from, named(index, ".sig"), ["signature"]);
  const attestation = addImage(from, named(child, ".att"), ["attestation"]);
  addImage(from, "sha256-unrelated.sig", ["unrelated"]);

  await copy(from, to, "v1", { digestTags: true });

  expect(to.tags.get(named(index, ".sig"))).toBe(signature);
  expect(to.tags.get(named(child, ".att"))).toBe(attestation);
  expect(to.tags.has("sha256-unrelated.sig")).toBe(false);
  expect(from.called("tags")).toHaveLength(1);
});

test("ends when a tag named after the image stands for the image", async () => {
  const [from, to] = [source(), target()];
  const image = addImage(from, "mirror", ["one"]);
  const tag = image.replace(":", "-");
  from.tags.set(tag, image);

  await copy(from, to, "mirror", { digestTags: true });

  expect(to.tags.get("mirror")).toBe(image);
  expect(to.tags.get(tag)).toBe(image);
});
