import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { LockFile, type LockLevel } from "../../src/layout/lock.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { makeImage } from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { makeLayouts, putImage, signal } from "./samples.ts";
import { descriptorOf } from "../support/blobs.ts";

const program = fileURLToPath(new URL("./layout-process.ts", import.meta.url));

/** Another process that works on a layout, until it has said that it is ready. */
async function startProcess(task: string, folder: string, what: string): Promise<ChildProcess & AsyncDisposable> {
  const child = spawn(process.execPath, [program, task, folder, what], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "exit");
  const lines = createInterface({ input: child.stdout });
  const [line] = await Promise.race([once(lines, "line"), ended.then(() => ["ended too early"])]);
  expect(line).toBe("ready");
  return Object.assign(child, {
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  });
}

describe("a process that is killed", () => {
  test.each<LockLevel>(["writing", "listing", "tidying"])("loses the lock it held while %s", async (level) => {
    await using folder = await makeTempFolder("processes");
    const lock = new LockFile(join(folder.path, ".regsync", "lock"), new FakeClock());
    const child = await startProcess("hold", folder.path, level);

    const before = lock.tryTake("tidying");
    await child[Symbol.asyncDispose]();
    using after = lock.tryTake("tidying");

    expect(before).toBeUndefined();
    expect(after).toBeDefined();
  });

  test("leaves the blobs it had finished to who goes on with its work", async () => {
    await using folder = await makeTempFolder("processes");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, makeImage({ seed: 1 }), "v1");
    const child = await startProcess("begin", folder.path, "a finished layer");
    await child[Symbol.asyncDispose]();

    await putImage(layout, makeImage({ seed: 2 }), "v1");
    await layout.tidy(signal);

    const { blobs, strangers } = await readLayout(folder.path);
    expect(await layout.hasBlob(descriptorOf(Buffer.from("a finished layer")), signal)).toBe(true);
    expect(blobs).not.toContain(makeImage({ seed: 1 }).digest);
    expect(strangers).toHaveLength(1);
  });
});

test("what another process has written and not listed yet is not removed", async () => {
  await using folder = await makeTempFolder("processes");
  const layout = makeLayouts().repository(folder.path);
  await putImage(layout, makeImage({ seed: 1 }), "v1");
  await using _child = await startProcess("begin", folder.path, "a finished layer");

  await putImage(layout, makeImage({ seed: 2 }), "v1");
  await layout.tidy(signal);

  const { blobs } = await readLayout(folder.path);
  expect(blobs).toContain(digestOf(Buffer.from("a finished layer")));
  expect(blobs).toContain(makeImage({ seed: 1 }).digest);
});

test("two processes that write to one layout at once lose nothing of each other's", async () => {
  await using folder = await makeTempFolder("processes");
  const path = join(folder.path, "new");

  const children = await Promise.all([startProcess("write", path, "a"), startProcess("write", path, "b")]);
  for (const child of children) await child[Symbol.asyncDispose]();

  const layout = makeLayouts().repository(path);
  const { tags, blobs, damaged, strangers } = await readLayout(path);
  const wanted = ["a", "b"].flatMap((who) => Array.from({ length: 10 }, (_, at) => `${who}-${at}`));
  const { descriptors } = await layout.listReferrers(makeImage({ seed: 0 }).digest, signal);
  expect(Object.keys(tags)).toEqual(expect.arrayContaining([...wanted, "latest"]));
  expect(new Set(descriptors.map(({ digest }) => digest)).size).toBe(20);
  for (const digest of [...Object.values(tags), ...descriptors.map((each) => each.digest)]) {
    const manifest = (await layout.getManifest(digest, signal)) ?? expect.unreachable(`${digest} is missing`);
    const content = manifest.body.kind === "image" ? [manifest.body.config, ...manifest.body.layers] : [];
    expect(blobs).toEqual(expect.arrayContaining(content.map((blob) => blob.digest)));
  }
  expect({ damaged, strangers }).toEqual({ damaged: [], strangers: [] });
});
