import { readdir, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf, parseDigest } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";
import { TargetIncomplete } from "../../src/oci/store.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { makeImage, makeIndex } from "../support/images.ts";
import { readFiles, readLayout } from "../support/layout-state.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { failureOf, makeLayouts, manifestOf, putImage, signal, writeBytes, writeVectorLayout } from "./samples.ts";
import { descriptorOf } from "../support/blobs.ts";

const image = makeImage({ seed: 1 });
const other = makeImage({ seed: 2 });

async function indexOf(folder: string): Promise<{ readonly manifests: readonly Record<string, unknown>[] }> {
  return JSON.parse(await readFile(join(folder, "index.json"), "utf8"));
}

describe("a layout that did not exist", () => {
  test("holds what was written, byte for byte", async () => {
    await using folder = await makeTempFolder("layout");
    const path = join(folder.path, "some", "new folder");
    const layout = makeLayouts().repository(path);

    await putImage(layout, image, "v1");

    const state = await readLayout(path);
    expect(state.tags).toEqual({ v1: image.digest });
    expect(state.blobs).toEqual([image.digest, ...image.blobs.keys()].sort());
    expect(state.damaged).toEqual([]);
    expect(await readFile(join(path, "oci-layout"), "utf8")).toBe('{"imageLayoutVersion":"1.0.0"}');
    expect((await makeLayouts().repository(path).getManifest("v1", signal))?.bytes).toEqual(Buffer.from(image.bytes));
  });

  test("is readable by whom the umask lets", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(join(folder.path, "new"));

    await putImage(layout, image, "v1");

    const paths = ["", "oci-layout", "index.json", "blobs", "blobs/sha256", `blobs/${image.digest.replace(":", "/")}`];
    const modes = await Promise.all(
      paths.map(async (path) => (await stat(join(folder.path, "new", path))).mode & 0o777),
    );
    const [forFolder, forFile] = [0o755 & ~process.umask(), 0o644 & ~process.umask()];
    expect(modes).toEqual([forFolder, forFile, forFile, forFolder, forFolder, forFile]);
  });

  test("is not made by reading, pinning or tidying", async () => {
    await using folder = await makeTempFolder("layout");
    const path = join(folder.path, "new");
    const layout = makeLayouts().repository(path);

    {
      await using _pin = await layout.pin(signal);
      await layout.headManifest("v1", signal);
      await layout.hasBlob(descriptorOf(Buffer.from("x")), signal);
    }
    await layout.tidy(signal);

    expect(await readdir(folder.path)).toEqual([]);
  });

  test("may be an empty folder", async () => {
    await using folder = await makeTempFolder("layout");

    await putImage(makeLayouts().repository(folder.path), image, "v1");

    expect((await readLayout(folder.path)).tags).toEqual({ v1: image.digest });
  });
});

describe("the entry of a tag", () => {
  test("says type, digest, size, name and when it was listed", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts(new FakeClock(Date.UTC(2026, 4, 6, 7, 8, 9, 123))).repository(folder.path);

    await putImage(layout, image, "v1");

    expect((await indexOf(folder.path)).manifests).toEqual([
      {
        mediaType: mediaTypes.ociManifest,
        digest: image.digest,
        size: image.bytes.byteLength,
        annotations: {
          "org.opencontainers.image.created": "2026-05-06T07:08:09Z",
          "org.opencontainers.image.ref.name": "v1",
        },
      },
    ]);
  });

  test("says the time it is told to say", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts(new FakeClock(), 1_000_000_000_000).repository(folder.path);

    await putImage(layout, image, "v1");

    const [entry] = (await indexOf(folder.path)).manifests;
    expect(entry?.["annotations"]).toMatchObject({ "org.opencontainers.image.created": "2001-09-09T01:46:40Z" });
  });

  test("takes the place of the one before, and others of the same name go", async () => {
    await using folder = await makeTempFolder("layout");
    await writeVectorLayout(folder.path, "fullnames");
    const layout = makeLayouts().repository(folder.path);

    await putImage(layout, image, "v1.dup");

    const { manifests } = await indexOf(folder.path);
    const names = manifests.map((entry) => [
      (entry["annotations"] as Record<string, string> | undefined)?.["org.opencontainers.image.ref.name"], // as written
      entry["digest"] === image.digest,
    ]);
    expect(names).toEqual([
      ["reg.example.com/team/app:v1", false],
      ["reg.example.com/team/app:v2", false],
      ["v3", false],
      ["v1.dup", true],
      [undefined, false],
    ]);
  });

  test("leaves everything else in the index as it stands", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    const before = await indexOf(folder.path);
    const more = { "x-tool": { kept: [1, 2] }, annotations: { "org.example": "kept" } };
    const entry = { ...before.manifests[0], platform: { os: "linux", architecture: "riscv64" }, "x-entry": true };
    await writeFile(join(folder.path, "index.json"), JSON.stringify({ ...before, ...more, manifests: [entry] }));

    await putImage(layout, other, "v2");

    const after = await indexOf(folder.path);
    expect(after).toMatchObject(more);
    expect(after.manifests[0]).toEqual(entry);
  });

  test("stays as it is when the same image is put again", async () => {
    await using folder = await makeTempFolder("layout");
    const clock = new FakeClock();
    const layout = makeLayouts(clock).repository(folder.path);
    await putImage(layout, image, "v1");
    const before = await readFiles(folder.path);

    clock.advance(1_000_000);
    await putImage(layout, image, "v1");

    expect(await readFiles(folder.path)).toEqual(before);
  });

  test("an image that is written by its digest is listed without a name, once", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image);

    await layout.putManifest(image.digest, manifestOf(image), { child: false }, signal);
    await layout.putManifest(image.digest, manifestOf(image), { child: false }, signal);

    expect(await readLayout(folder.path)).toMatchObject({ tags: {}, untagged: [image.digest] });
  });

  test("a part of another image is not listed", async () => {
    await using folder = await makeTempFolder("layout");
    const index = makeIndex([image, other]);

    await putImage(makeLayouts().repository(folder.path), index, "all");

    expect(await readLayout(folder.path)).toMatchObject({ tags: { all: index.digest }, untagged: [] });
  });

  test("an index may lack children, which were left out on purpose", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const index = makeIndex([image, other]);
    await putImage(layout, image);

    await layout.putManifest("some", manifestOf(index), { child: false }, signal);

    expect((await layout.headManifest("some", signal))?.digest).toBe(index.digest);
  });
});

describe("what would not be whole", () => {
  test("a manifest whose blobs are missing is refused, and the tag stays", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, other, "v1");

    const failure = await failureOf(layout.putManifest("v1", manifestOf(image), { child: false }, signal));

    expect(failure).toBeInstanceOf(TargetIncomplete);
    expect(failure.message).toMatch(/lacks the blob sha256:[0-9a-f]{64}/);
    expect((await readLayout(folder.path)).tags).toEqual({ v1: other.digest });
  });

  test("a blob of the wrong size does not count", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    const [layer = ""] = image.blobs.keys();
    await truncate(join(folder.path, "blobs", ...layer.split(":")), 1);

    const putting = layout.putManifest("v2", manifestOf(image), { child: false }, signal);

    await expect(putting).rejects.toMatchObject({ code: "TARGET_INCOMPLETE" });
  });

  test("layers that can be had elsewhere need not be there", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await writeBytes(layout, "{}");
    const content = descriptorOf(Buffer.from("far away"));
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: mediaTypes.ociManifest,
        config: { mediaType: mediaTypes.ociEmpty, digest: digestOf(Buffer.from("{}")), size: 2 },
        layers: [{ mediaType: "x/y", digest: content.digest, size: 8, urls: ["https://elsewhere.test/layer"] }],
      }),
    );

    await layout.putManifest("v1", readManifest(bytes, "", undefined), { child: false }, signal);

    expect((await readLayout(folder.path)).tags).toEqual({ v1: digestOf(bytes) });
  });

  test("a digest that names another manifest is refused", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image);

    const putting = layout.putManifest(other.digest, manifestOf(image), { child: false }, signal);

    await expect(putting).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });
});

describe("a manifest that is written", () => {
  test("replaces a file that is damaged", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    await truncate(join(folder.path, "blobs", ...image.digest.split(":")), 10);

    await putImage(layout, image, "v1");

    expect((await readLayout(folder.path)).damaged).toEqual([]);
    expect((await layout.getManifest(parseDigest(image.digest), signal))?.digest).toBe(image.digest);
  });

  test("is found by who had looked before", async () => {
    await using folder = await makeTempFolder("layout");
    const [reader, writer] = [makeLayouts().repository(folder.path), makeLayouts().repository(folder.path)];
    expect(await reader.headManifest("v1", signal)).toBeUndefined();

    await putImage(writer, image, "v1");
    expect((await reader.headManifest("v1", signal))?.digest).toBe(image.digest);
    await putImage(writer, other, "v1");

    expect((await reader.headManifest("v1", signal))?.digest).toBe(other.digest);
  });
});
