import { rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf, parseDigest } from "../../src/oci/digest.ts";
import { manifestLimitBytes } from "../../src/oci/manifest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { makeTempFolder, type TempFolder } from "../support/temp-folder.ts";
import { failureOf, makeLayouts, noLease, readBytes, signal, writeVectorLayout } from "./samples.ts";
import { descriptorOf } from "../support/blobs.ts";

const v1 = "sha256:a344535ffcf7d23f29bf1bcc917f66c287ad4595266d5e030dd02d5737fd98ea";
const v2 = parseDigest("sha256:c15c1cbbfbc1cde34f3808d925aca1d2b18e973ddcd63e0f1806cce40936e046");
const childOfV2 = "sha256:1f2d1f99eaa11695057fa186e8321a98ac2d1169683fe6d3a2a4239c0d6dd0c1";

async function layoutIn(folder: TempFolder, name: string) {
  await writeVectorLayout(folder.path, name);
  return makeLayouts().repository(folder.path);
}

function blobPath(folder: TempFolder, digest: string): string {
  return join(folder.path, "blobs", ...digest.split(":"));
}

describe("looking up a manifest", () => {
  test("a tag names its entry", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");

    const head = await layout.headManifest("v1", signal);

    expect(head).toEqual({ digest: v1, mediaType: mediaTypes.ociIndex, sizeBytes: 1262, rateLimit: undefined });
  });

  test.each([
    ["v1", "sha256:60edb6c89f598ad9228bd1ee09bf7da61afc303d705886d01f6a2872fb640abb", "the end of a whole image name"],
    ["v2", "sha256:6e7704c07758c46ae52bb3c060165a77c58e3a20f8add9b7b5b5a14d0f2bfe3c", "the end of a whole image name"],
    ["v1.dup", "sha256:6e7704c07758c46ae52bb3c060165a77c58e3a20f8add9b7b5b5a14d0f2bfe3c", "the first of two"],
    ["v3", "sha256:72c1d4d59a58083ea2b73f36a779b5b5b5e6ed8fe50ae81f810627b7944d90b1", "an entry without a type"],
  ])("the tag %s is found as %s: %s", async (tag, digest) => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "fullnames");

    const head = await layout.headManifest(tag, signal);

    expect(head).toMatchObject({ digest, mediaType: mediaTypes.ociManifest });
  });

  test("a name that is exactly the tag goes before a longer one that stands first", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const entry = (name: string, digest: string) => ({
      mediaType: mediaTypes.ociIndex,
      digest,
      size: 1,
      annotations: { "org.opencontainers.image.ref.name": name },
    });
    const manifests = [entry("registry.test/app:v9", v1), entry("v9", v2)];
    await writeFile(join(folder.path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));

    expect((await layout.getManifest("v9", signal))?.digest).toBe(v2);
  });

  test("nothing is asked for as the tag latest", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");

    expect(await layout.headManifest("", signal)).toBeUndefined();
  });

  test("a digest that is part of a listed image is found though it is not listed", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");

    const manifest = await layout.getManifest(childOfV2, signal);

    expect(manifest).toMatchObject({ digest: childOfV2, mediaType: mediaTypes.ociManifest });
  });

  test.each(["nope", "1", `sha256:${"0".repeat(64)}`])("%s is not there", async (name) => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "fullnames");

    expect(await layout.headManifest(name, signal)).toBeUndefined();
    expect(await layout.getManifest(name, signal)).toBeUndefined();
  });

  test("an entry called like a digest never stands for that digest", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const annotations = { "org.opencontainers.image.ref.name": v1 };
    const manifests = [{ mediaType: mediaTypes.ociIndex, digest: v2, size: 749, annotations }];
    await writeFile(join(folder.path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));

    expect((await layout.getManifest(v1, signal))?.digest).toBe(v1);
  });

  test.each(["sha256:../../../etc/passwd", `md5:${"0".repeat(32)}`, "sha256:", "app:v1", `SHA256:${"0".repeat(64)}`])(
    "%s is refused as a digest",
    async (name) => {
      await using folder = await makeTempFolder("layout");
      const layout = await layoutIn(folder, "repo");

      await expect(layout.headManifest(name, signal)).rejects.toMatchObject({ code: "DIGEST_INVALID" });
    },
  );
});

describe("a manifest whose file is", () => {
  test("missing is not there", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await rm(blobPath(folder, v1));

    expect(await layout.headManifest("v1", signal)).toBeUndefined();
    expect(await layout.getManifest("v1", signal)).toBeUndefined();
  });

  test("cut short is not there when looked for, so that a copy brings it again", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await truncate(blobPath(folder, v1), 100);

    expect(await layout.headManifest("v1", signal)).toBeUndefined();
  });

  test("changed is not there when looked for by digest, so that a copy brings it again", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await writeFile(blobPath(folder, childOfV2), '{"schemaVersion":2}');

    expect(await layout.headManifest(childOfV2, signal)).toBeUndefined();
  });

  test("changed is refused when read", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await writeFile(blobPath(folder, v1), '{"schemaVersion":2}');

    await expect(layout.getManifest("v1", signal)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  test("larger than any manifest is refused unread", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await truncate(blobPath(folder, v1), manifestLimitBytes + 1);

    await expect(layout.getManifest("v1", signal)).rejects.toMatchObject({ code: "MANIFEST_TOO_LARGE" });
  });
});

describe("tags", () => {
  test("are the ends of names, once each, sorted", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "fullnames");

    expect(await layout.listTags(signal)).toEqual(["v1", "v1.dup", "v2", "v3"]);
  });

  test.each([
    "../../victim/manifests/latest",
    "app:../../victim",
    "%2e%2e/%2e%2e/victim/manifests/latest",
    "v1?x=y",
    "v1#x",
    "\u001b[31mred",
    "registry.test/app",
    "registry.test/app:",
    "x".repeat(129),
  ])("are none of what could be no tag and lead somewhere else: %j", async (name) => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const entry = (text: string) => ({
      mediaType: mediaTypes.ociIndex,
      digest: v1,
      size: 1262,
      annotations: { "org.opencontainers.image.ref.name": text },
    });
    const manifests = [entry(name), entry("v9")];
    await writeFile(join(folder.path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));

    expect(await layout.listTags(signal)).toEqual(["v9"]);
  });

  test("include those that list referrers", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");

    expect(await layout.listTags(signal)).toContain(v2.replace(":", "-"));
  });

  test("a layout that lists nothing has none", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "empty");

    expect(await layout.listTags(signal)).toEqual([]);
  });
});

describe("referrers", () => {
  test("are what the list under the fallback tag says", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "external");

    const { descriptors, fallbackTag } = await layout.listReferrers(v2, signal);

    expect(fallbackTag).toBe(v2.replace(":", "-"));
    expect(descriptors.map(({ artifactType, annotations }) => ({ artifactType, annotations }))).toEqual([
      { artifactType: "application/example.sbom", annotations: { preference: "1" } },
      { artifactType: "application/example.sbom", annotations: { preference: "2" } },
    ]);
  });

  test("there are none where nothing lists them", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "versions");

    expect(await layout.listReferrers(v2, signal)).toEqual({ descriptors: [], fallbackTag: undefined });
  });

  test("an image under the fallback tag is not taken for a list", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const mirror = parseDigest("sha256:4470f376dd0db1a65ff6f2fa35cef696b14281d01610893becb66fc8f5b365b9");

    expect(await layout.listReferrers(mirror, signal)).toEqual({ descriptors: [], fallbackTag: undefined });
  });

  test("an index under its own fallback tag is not taken for a list", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const annotations = { "org.opencontainers.image.ref.name": v2.replace(":", "-") };
    const manifests = [{ mediaType: mediaTypes.ociIndex, digest: v2, size: 749, annotations }];
    await writeFile(join(folder.path, "index.json"), JSON.stringify({ schemaVersion: 2, manifests }));

    expect(await layout.listReferrers(v2, signal)).toEqual({ descriptors: [], fallbackTag: undefined });
  });
});

describe("reading a blob", () => {
  test("gives its bytes in pieces of bounded size", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const bytes = Buffer.alloc(3_000_000, "content");
    await writeFile(blobPath(folder, digestOf(bytes)), bytes);
    const sizes: number[] = [];

    const blob = descriptorOf(bytes);
    await using download = await layout.openBlob(blob, await noLease(), signal);
    for await (const piece of download.chunks) sizes.push(piece.byteLength);

    expect(sizes.reduce((sum, size) => sum + size)).toBe(3_000_000);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024 * 1024);
    expect((await readBytes(layout, blob)).equals(bytes)).toBe(true);
  });

  test("stops when it is told to", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const bytes = Buffer.alloc(3_000_000, "content");
    await writeFile(blobPath(folder, digestOf(bytes)), bytes);
    const stop = new AbortController();

    await using download = await layout.openBlob(descriptorOf(bytes), await noLease(), stop.signal);
    const reading = (async () => {
      for await (const _piece of download.chunks) stop.abort();
    })();

    await expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("one that is missing is BLOB_NOT_FOUND, and says where", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");

    const failure = await failureOf(readBytes(layout, descriptorOf(Buffer.from("not there"))));

    expect(failure).toMatchObject({ code: "BLOB_NOT_FOUND" });
    expect(failure.message).toContain(folder.path);
  });

  test("one of the wrong size is refused before a byte is read, and counts as absent", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    const bytes = Buffer.from("whole content");
    await writeFile(blobPath(folder, digestOf(bytes)), "whole");

    expect(await layout.hasBlob(descriptorOf(bytes), signal)).toBe(false);
    await expect(readBytes(layout, descriptorOf(bytes))).rejects.toMatchObject({ code: "SIZE_MISMATCH" });
  });

  test("one whose size nobody knows is there when its file is", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");

    const blob = descriptorOf(Buffer.from("any"), { digest: parseDigest(v1), sizeBytes: undefined });

    expect(await layout.hasBlob(blob, signal)).toBe(true);
  });
});

describe("a folder that is no layout", () => {
  test.each([
    ["is missing", async (path: string) => await rm(path, { recursive: true })],
    ["is empty", async () => undefined],
    ["holds other things", async (path: string) => await writeFile(join(path, "notes.txt"), "hello")],
  ])("that %s is a repository that is not there", async (_how, prepare) => {
    await using folder = await makeTempFolder("layout");
    await prepare(folder.path);
    const layout = makeLayouts().repository(folder.path);

    expect(await layout.listTags(signal)).toBeUndefined();
    expect(await layout.headManifest("v1", signal)).toBeUndefined();
    expect(await layout.getManifest(v1, signal)).toBeUndefined();
    expect(await layout.hasBlob(descriptorOf(Buffer.from("x")), signal)).toBe(false);
    expect((await layout.listReferrers(v2, signal)).descriptors).toEqual([]);
  });
});
