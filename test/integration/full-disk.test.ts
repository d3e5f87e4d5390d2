import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { writeRepositoryAsLayout } from "../support/fixture-repository.ts";
import { makeImage } from "../support/images.ts";
import { readFiles, readLayout } from "../support/layout-state.ts";
import { runProgram } from "../support/program.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

const mebibyte = 1024 * 1024;

test("a full disk fails the image that does not fit, and leaves the layout and the other images whole", async (context) => {
  await using folder = await makeTempFolder("full-disk");
  await mkdir(join(folder.path, "disk"));
  using disk = mountSmallDisk(join(folder.path, "disk"), 2 * mebibyte);
  if (disk === undefined) return context.skip("this user may not mount a small disk");
  const repository = new StoredRepository();
  const small = makeImage({ seed: 1 });
  repository.add(small, "small");
  repository.add(makeImage({ seed: 2, layerBytes: [4 * mebibyte] }), "huge");
  await writeRepositoryAsLayout(join(folder.path, "source"), repository);
  const entry = (tag: string) => ({
    source: `ocidir://source:${tag}`,
    target: `ocidir://disk/target:${tag}`,
    type: "image",
  });
  const config = configText({ sync: [entry("huge"), entry("small")] });

  const result = await runProgram(["once", "--output", "json"], { config, cwd: folder.path });

  expect(result.exit, result.stderr).toBe(1);
  expect(JSON.parse(result.stdout)).toMatchObject({
    images: [{ outcome: "failed", code: "DISK_FULL" }, { outcome: "copied" }],
  });
  const target = join(folder.path, "disk", "target");
  const { tags, damaged } = await readLayout(target);
  expect({ tags, damaged }).toEqual({ tags: { small: small.digest }, damaged: [] });
  expect([...(await readFiles(target)).keys()].filter((name) => name.endsWith(".tmp"))).toEqual([]);
});
