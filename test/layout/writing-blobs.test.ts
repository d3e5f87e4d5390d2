import { readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { takeAll } from "../../src/base/limiter.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { type OpenContent } from "../../src/oci/store.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { contentOf, makeLayouts, noLease, readBytes, signal, writeBytes } from "./samples.ts";
import { descriptorOf } from "../support/blobs.ts";

describe("writing a blob", () => {
  const bytes = Buffer.from("some content");

  test.each([
    ["other bytes of the same length", ["some CONTENT"], "DIGEST_MISMATCH"],
    ["too few bytes", ["some con"], "SIZE_MISMATCH"],
    ["no bytes", [], "SIZE_MISMATCH"],
    ["too many bytes", ["some content", "!"], "SIZE_MISMATCH"],
  ])("%s are refused, and nothing stays of them", async (_what, pieces, code) => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);

    const writing = layout.writeBlob(descriptorOf(bytes), undefined, contentOf(...pieces), await noLease(), signal);

    await expect(writing).rejects.toMatchObject({ code });
    expect(await readdir(join(folder.path, "blobs", "sha256"))).toEqual([]);
    expect(await layout.hasBlob(descriptorOf(bytes), signal)).toBe(false);
  });

  test("an endless stream is cut off at the size that was promised", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    let sent = 0;
    async function* endless(): AsyncGenerator<Uint8Array, void> {
      for (;;) {
        sent += 100_000;
        yield Buffer.alloc(100_000);
      }
    }
    const open: OpenContent = async () => ({ chunks: endless(), [Symbol.asyncDispose]: async () => undefined });

    const writing = layout.writeBlob(descriptorOf(bytes), undefined, open, await noLease(), signal);

    await expect(writing).rejects.toMatchObject({ code: "SIZE_MISMATCH" });
    expect(sent).toBeLessThan(2_000_000);
  });

  test("a source that fails leaves nothing, and its failure is passed on", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    async function* broken(): AsyncGenerator<Uint8Array, void> {
      yield bytes.subarray(0, 4);
      throw new Error("the line went dead");
    }
    let closed = 0;
    const open: OpenContent = async () => ({
      chunks: broken(),
      [Symbol.asyncDispose]: async () => {
        closed += 1;
      },
    });

    const writing = layout.writeBlob(descriptorOf(bytes), undefined, open, await noLease(), signal);

    await expect(writing).rejects.toThrow("the line went dead");
    expect(closed).toBe(1);
    expect(await readdir(join(folder.path, "blobs", "sha256"))).toEqual([]);
  });

  test("an abort leaves nothing", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const stop = new AbortController();
    const large = Buffer.alloc(2_000_000);
    async function* stopped(): AsyncGenerator<Uint8Array, void> {
      yield large.subarray(0, 1_000_000);
      stop.abort();
      yield large.subarray(1_000_000);
    }
    const open: OpenContent = async () => ({ chunks: stopped(), [Symbol.asyncDispose]: async () => undefined });

    const writing = layout.writeBlob(descriptorOf(large), undefined, open, await noLease(), stop.signal);

    await expect(writing).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(await readdir(join(folder.path, "blobs", "sha256"))).toEqual([]);
  });

  test("a damaged file is replaced", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await writeBytes(layout, bytes);
    await truncate(join(folder.path, "blobs", ...digestOf(bytes).split(":")), 3);

    await writeBytes(layout, bytes);

    expect((await readBytes(layout, descriptorOf(bytes))).equals(bytes)).toBe(true);
  });

  test.each(["sha384", "sha512"])("content named by %s has a folder of its own", async (algorithm) => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const blob = descriptorOf(bytes, { digest: digestOf(bytes, algorithm) });

    await layout.writeBlob(blob, undefined, contentOf(bytes), await noLease(), signal);

    expect(await readdir(join(folder.path, "blobs"))).toEqual([algorithm]);
    expect(await layout.hasBlob(blob, signal)).toBe(true);
  });

  test("one whose size nobody knows is verified by its digest", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const blob = descriptorOf(bytes, { sizeBytes: undefined });
    const write = async (text: string) =>
      await layout.writeBlob(blob, undefined, contentOf(text), await noLease(), signal);

    await expect(write("something else")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
    expect(await write("some content")).toEqual({ kind: "uploaded" });
  });

  test("no more than three are written at once, however they are asked for", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    let [open, most] = [0, 0];
    const write = async (at: number): Promise<void> => {
      const content = Buffer.from(`blob ${at}`);
      const opened: OpenContent = async (opening) => {
        open += 1;
        most = Math.max(most, open);
        const download = await contentOf(content)(opening);
        return {
          ...download,
          [Symbol.asyncDispose]: async () => {
            open -= 1;
          },
        };
      };
      await layout.writeBlob(descriptorOf(content), undefined, opened, await noLease(), signal);
    };

    await Promise.all(Array.from({ length: 12 }, (_, at) => write(at)));

    expect(most).toBe(3);
  });

  test("who holds the slot already does not wait for another", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const leases = await Promise.all([1, 2, 3].map(() => takeAll(layout.writeLimiters, signal)));

    const written = await Promise.all(
      leases.map((lease) => layout.writeBlob(descriptorOf(bytes), undefined, contentOf(bytes), lease, signal)),
    );

    expect(written).toHaveLength(3);
    for (const lease of leases) lease[Symbol.dispose]();
  });
});

describe("a blob that another layout has", () => {
  const bytes = Buffer.from("shared content");
  const never: OpenContent = () => Promise.reject(new Error("the source was asked"));

  test("is taken from there without asking the source", async () => {
    await using folder = await makeTempFolder("layout");
    const layouts = makeLayouts();
    const [first, second] = [layouts.repository(join(folder.path, "1")), layouts.repository(join(folder.path, "2"))];
    await writeBytes(first, bytes);

    const how = await second.writeBlob(descriptorOf(bytes), first, never, await noLease(), signal);

    expect(how).toEqual({ kind: "mounted" });
    expect(second.host).toBe(first.host);
    expect((await readBytes(second, descriptorOf(bytes))).equals(bytes)).toBe(true);
  });

  test.each([
    ["is missing there", async (path: string) => await rm(path)],
    ["is damaged there", async (path: string) => await writeFile(path, "SHARED CONTENT")],
    ["is cut short there", async (path: string) => await truncate(path, 2)],
  ])("and %s comes from the source", async (_how, damage) => {
    await using folder = await makeTempFolder("layout");
    const layouts = makeLayouts();
    const [first, second] = [layouts.repository(join(folder.path, "1")), layouts.repository(join(folder.path, "2"))];
    await writeBytes(first, bytes);
    await damage(join(folder.path, "1", "blobs", ...digestOf(bytes).split(":")));

    const how = await writeBytes(second, bytes, first);

    expect(how).toEqual({ kind: "uploaded" });
    expect(await readdir(join(folder.path, "2", "blobs", "sha256"))).toEqual([digestOf(bytes).slice(7)]);
  });
});
