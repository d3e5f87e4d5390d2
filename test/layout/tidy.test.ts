import { readdirSync } from "node:fs";
import { mkdir, readdir, rm, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../src/oci/digest.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { makeImage, makeIndex, makeSbom } from "../support/images.ts";
import { readFiles, readLayout } from "../support/layout-state.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { makeLayouts, manifestOf, putImage, signal, writeBytes, writeVectorLayout } from "./samples.ts";
import { descriptorOf } from "../support/blobs.ts";

const [first, second, third] = [makeImage({ seed: 1 }), makeImage({ seed: 2 }), makeImage({ seed: 3 })];
const weekMs = 7 * 24 * 3_600_000;

function blobsOf(...images: readonly (typeof first)[]): string[] {
  return images.flatMap((image) => [...image.manifests.keys(), ...image.blobs.keys()]).sort();
}

describe("tidying removes", () => {
  test("what a tag named before it moved, and keeps what others still name", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    const all = makeIndex([first, second]);
    await putImage(layout, all, "all");
    await putImage(layout, first, "kept");

    await putImage(layout, third, "all");
    await layout.tidy(signal);

    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(first, third));
  });

  test("what lay there before this process came, once it has written something", async () => {
    await using folder = await makeTempFolder("tidy");
    await writeVectorLayout(folder.path, "t-garbage");
    const layout = makeLayouts().repository(folder.path);

    await putImage(layout, first, "new");
    await layout.tidy(signal);

    const { blobs, untagged } = await readLayout(folder.path);
    expect(blobs).not.toContain("sha256:6e7704c07758c46ae52bb3c060165a77c58e3a20f8add9b7b5b5a14d0f2bfe3c");
    expect(blobs).toEqual(expect.arrayContaining([...untagged, ...blobsOf(first)]));
  });

  test("what a copy that failed has left", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    await layout.tidy(signal);
    await writeBytes(layout, "a layer whose image never came");

    await layout.tidy(signal);

    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(first));
  });

  test("files that were never finished, its own and those of earlier programs", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    await writeFile(join(folder.path, "blobs", "sha256", "123456789.tmp"), "half");
    await writeFile(join(folder.path, "blobs", "sha256", ".regsync-0123456789abcdef.tmp"), "half");
    await writeFile(join(folder.path, ".regsync-0123456789abcdef.tmp"), "half");

    await layout.tidy(signal);

    const { blobs, strangers } = await readLayout(folder.path);
    expect({ blobs, strangers }).toEqual({ blobs: blobsOf(first), strangers: [] });
  });

  test("an earlier state of a list of referrers", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    const sboms = [makeSbom(first), makeSbom(second)];
    await putImage(layout, makeSbom(first));
    const list = (await layout.headManifest(first.digest.replace(":", "-"), signal))?.digest;

    const signature = makeImage({ seed: 9, subject: first });
    await putImage(layout, signature);
    await layout.tidy(signal);

    const { blobs } = await readLayout(folder.path);
    expect(blobs).not.toContain(list);
    expect(blobs).toEqual(expect.arrayContaining(blobsOf(first, signature, sboms[0] ?? first)));
  });

  test("a manifest before the content it names, so that what is left is never half an image", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    const nested = makeIndex([makeIndex([first, second])]);
    await putImage(layout, nested, "v1");
    await putImage(layout, third, "v1");
    const stop = new AbortController();
    const states: string[][] = [];
    const watched = new Proxy(stop.signal, {
      get: (target, name) => {
        if (name === "aborted") states.push([...blobsThere(folder.path)]);
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });

    await layout.tidy(watched);

    expect(states.length).toBeGreaterThan(blobsOf(nested).length);
    for (const there of states) {
      for (const image of [nested, first, second]) {
        if (there.includes(image.digest)) expect(there).toEqual(expect.arrayContaining(blobsOf(image)));
      }
    }
    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(third));
  });
});

function blobsThere(folder: string): string[] {
  return readdirSync(join(folder, "blobs", "sha256")).map((name) => `sha256:${name}`);
}

describe("tidying keeps", () => {
  test("everything in a layout this process has not written to", async () => {
    await using folder = await makeTempFolder("tidy");
    await writeVectorLayout(folder.path, "t-garbage");
    const before = await readFiles(folder.path);
    const layout = makeLayouts().repository(folder.path);
    await layout.listTags(signal);

    await layout.tidy(signal);

    expect(await readFiles(folder.path)).toEqual(before);
  });

  test("everything while an image is being written", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    await putImage(layout, second, "v1");
    const pin = await layout.pin(signal);

    await layout.tidy(signal);
    const during = (await readLayout(folder.path)).blobs;
    await pin[Symbol.asyncDispose]();
    await layout.tidy(signal);

    expect(during).toEqual(blobsOf(first, second));
    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(second));
  });

  test("everything while another process is at it, and whoever is last tidies for both", async () => {
    await using folder = await makeTempFolder("tidy");
    const [ours, theirs] = [makeLayouts().repository(folder.path), makeLayouts().repository(folder.path)];
    await putImage(theirs, third, "v3");
    await theirs.tidy(signal);
    const pin = await theirs.pin(signal);
    await writeBytes(theirs, "a layer that is not listed yet");
    await putImage(ours, first, "v1");
    await putImage(ours, second, "v1");

    await ours.tidy(signal);
    const during = (await readLayout(folder.path)).blobs;
    await pin[Symbol.asyncDispose]();
    await theirs.tidy(signal);

    expect(during).toEqual(
      [...blobsOf(first, second, third), digestOf(Buffer.from("a layer that is not listed yet"))].sort(),
    );
    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(second, third));
  });

  test("what was found in a layout that came into being after the pin", async () => {
    await using folder = await makeTempFolder("tidy");
    const path = join(folder.path, "new");
    const [ours, theirs] = [makeLayouts().repository(path), makeLayouts().repository(path)];
    await using _pin = await ours.pin(signal);
    await putImage(theirs, first, "v1");
    await writeBytes(theirs, "theirs as well");
    const found = await ours.hasBlob(descriptorOf(Buffer.from("theirs as well")), signal);

    await theirs.tidy(signal);

    expect(found).toBe(true);
    expect((await readLayout(path)).blobs).toContain(digestOf(Buffer.from("theirs as well")));
  });

  test("entries without a name, and all that is listed though some of it is missing", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    const all = makeIndex([first, second]);
    await putImage(layout, all, "all");
    await rm(join(folder.path, "blobs", ...second.digest.split(":")));
    await layout.putManifest(first.digest, manifestOf(first), { child: false }, signal);
    await putImage(layout, third, "v3");

    await layout.tidy(signal);

    expect((await readLayout(folder.path)).blobs).toEqual([all.digest, ...blobsOf(first, third)].sort());
  });

  test("what is the beginning of the first image", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await writeBytes(layout, "a layer whose image may come later");

    await layout.tidy(signal);

    expect(await readdir(join(folder.path, "blobs", "sha256"))).toHaveLength(1);
  });

  test("files that others put there", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    const strangers = ["notes.txt", "blobs/sha256/README", "blobs/md5/0123"];
    await mkdir(join(folder.path, "blobs", "md5"));
    for (const name of strangers) await writeFile(join(folder.path, name), "keep me");

    await layout.tidy(signal);

    expect((await readLayout(folder.path)).strangers).toEqual(
      expect.arrayContaining(["notes.txt", "blobs/sha256/README"]),
    );
    expect((await readFiles(folder.path)).get("blobs/md5/0123")).toBe("keep me");
  });

  test("everything when a manifest that is listed cannot be read, and says which", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    await putImage(layout, second, "v2");
    await putImage(layout, third, "v2");
    await truncate(join(folder.path, "blobs", ...first.digest.split(":")), 10);

    await expect(layout.tidy(signal)).rejects.toMatchObject({
      code: "LAYOUT_INVALID",
      message: expect.stringContaining(first.digest.slice(7)),
    });
    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(first, second, third));
  });
});

describe("what a process left that was killed", () => {
  async function leaveHalfAnImage(path: string) {
    const killed = makeLayouts().repository(path);
    await putImage(killed, first, "v1");
    for (const bytes of second.blobs.values()) await writeBytes(killed, bytes);
    await killed.putManifest(second.digest, manifestOf(second), { child: true }, signal);
  }

  test("is still there for who goes on, whatever was tidied in between", async () => {
    await using folder = await makeTempFolder("tidy");
    await leaveHalfAnImage(folder.path);
    const layout = makeLayouts().repository(folder.path);

    await putImage(layout, third, "v1");
    await layout.tidy(signal);

    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(second, third));
    for (const bytes of second.blobs.values()) expect(await layout.hasBlob(descriptorOf(bytes), signal)).toBe(true);
  });

  test("goes after a week, with the note of it", async () => {
    await using folder = await makeTempFolder("tidy");
    await leaveHalfAnImage(folder.path);
    const clock = new FakeClock();
    for (const name of await readdir(join(folder.path, ".regsync"))) {
      const seconds = (clock.now() - weekMs - 1) / 1_000;
      if (name !== "lock") await utimes(join(folder.path, ".regsync", name), seconds, seconds);
    }
    const layout = makeLayouts(clock).repository(folder.path);

    await putImage(layout, third, "v1");
    await layout.tidy(signal);

    const { blobs, strangers } = await readLayout(folder.path);
    expect({ blobs, strangers }).toEqual({ blobs: blobsOf(third), strangers: [] });
  });

  test("a note of it that is cut short or full of nonsense does no harm", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, first, "v1");
    const layer = digestOf(Buffer.from("left behind"));
    await writeBytes(makeLayouts().repository(folder.path), "left behind");
    const notes = `../../etc/passwd\n\u0000\n${layer}\nsha256:0123`;
    await writeFile(join(folder.path, ".regsync", "unfinished-else"), notes);

    await layout.tidy(signal);

    expect((await readLayout(folder.path)).blobs).toEqual([...blobsOf(first), layer].sort());
  });
});

describe("a process that has done its work", () => {
  test("leaves no note behind after tidying", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, makeIndex([first, second]), "v1");
    await putImage(layout, makeSbom(first));

    await layout.tidy(signal);

    expect(await readdir(join(folder.path, ".regsync"))).toEqual(["lock"]);
  });

  test("leaves no note behind when nobody tidied", async () => {
    await using folder = await makeTempFolder("tidy");
    const layout = makeLayouts().repository(folder.path);

    await putImage(layout, makeIndex([first, second]), "v1");
    await putImage(layout, makeSbom(first));

    expect(await readdir(join(folder.path, ".regsync"))).toEqual(["lock"]);
  });

  test("keeps nobody from tidying once it has let go", async () => {
    await using folder = await makeTempFolder("tidy");
    const [ours, theirs] = [makeLayouts(), makeLayouts().repository(folder.path)];
    await putImage(theirs, first, "v1");
    await ours.repository(folder.path).pin(signal);
    await putImage(theirs, second, "v1");

    ours.close();
    await theirs.tidy(signal);

    expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(second));
  });
});

test("a pin that is asked for while this process tidies waits for it, and not by the clock", async () => {
  await using folder = await makeTempFolder("tidy");
  const clock = new FakeClock();
  const layout = makeLayouts(clock).repository(folder.path);
  await putImage(layout, first, "v1");
  await putImage(layout, second, "v1");

  const tidying = layout.tidy(signal);
  await using _pin = await layout.pin(signal);

  expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(second));
  expect(clock.slept).toEqual([]);
  await tidying;
});

test("a pin that is given back twice counts once", async () => {
  await using folder = await makeTempFolder("tidy");
  const layout = makeLayouts().repository(folder.path);
  await putImage(layout, first, "v1");
  await putImage(layout, second, "v1");
  await using _kept = await layout.pin(signal);
  const pin = await layout.pin(signal);
  await pin[Symbol.asyncDispose]();
  await pin[Symbol.asyncDispose]();

  await layout.tidy(signal);

  expect((await readLayout(folder.path)).blobs).toEqual(blobsOf(first, second));
});

test("tidying that is stopped harms nothing", async () => {
  await using folder = await makeTempFolder("tidy");
  const layout = makeLayouts().repository(folder.path);
  await putImage(layout, first, "v1");
  await putImage(layout, second, "v1");

  await expect(layout.tidy(AbortSignal.abort())).rejects.toMatchObject({ code: "INTERRUPTED" });

  expect((await readLayout(folder.path)).blobs).toEqual(expect.arrayContaining(blobsOf(second)));
});
