import { chmod, mkdir, readdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { diskFailure } from "../../src/layout/failures.ts";
import { makeImage } from "../support/images.ts";
import { readFiles } from "../support/layout-state.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { failureOf, makeLayouts, manifestOf, putImage, signal, writeBytes, writeVectorLayout } from "./samples.ts";

const image = makeImage({ seed: 1 });

describe("a target that cannot be written", () => {
  test.each(["oci-layout", "index.json"])("one with a damaged %s is refused and stays as it is", async (name) => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    await writeFile(join(folder.path, name), "{");
    const before = (await readFiles(folder.path)).get(name);

    const putting = layout.putManifest("v2", manifestOf(image), { child: false }, signal);

    await expect(putting).rejects.toMatchObject({ code: "LAYOUT_INVALID" });
    expect((await readFiles(folder.path)).get(name)).toBe(before);
  });

  test("one of another version is refused before a blob is asked for", async () => {
    await using folder = await makeTempFolder("layout");
    await writeVectorLayout(folder.path, "badversion");
    const before = await readFiles(folder.path);

    const writing = writeBytes(makeLayouts().repository(folder.path), "content");

    await expect(writing).rejects.toMatchObject({ code: "LAYOUT_INVALID" });
    expect(await readFiles(folder.path)).toEqual(before);
  });

  test("one whose blobs lie behind a link is refused, and nothing is written there", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(join(folder.path, "layout"));
    await putImage(layout, image, "v1");
    await mkdir(join(folder.path, "elsewhere"));
    await rename(join(folder.path, "layout", "blobs"), join(folder.path, "layout", "moved"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, "layout", "blobs"));

    const writing = writeBytes(makeLayouts().repository(join(folder.path, "layout")), "content");

    await expect(writing).rejects.toMatchObject({ code: "LAYOUT_INVALID" });
    expect(await readdir(join(folder.path, "elsewhere"))).toEqual([]);
  });

  test("a file where the folder should be is DISK_REFUSED, and says where", async () => {
    await using folder = await makeTempFolder("layout");
    await writeFile(join(folder.path, "file"), "");

    const failure = await failureOf(writeBytes(makeLayouts().repository(join(folder.path, "file")), "content"));

    expect(failure).toMatchObject({ code: "DISK_REFUSED" });
    expect(failure.message).toContain(join(folder.path, "file"));
  });

  test.skipIf(process.getuid?.() === 0)("one without permission is DISK_REFUSED, and can still be read", async () => {
    await using folder = await makeTempFolder("layout");
    const path = join(folder.path, "layout");
    await putImage(makeLayouts().repository(path), image, "v1");
    await chmod(join(path, "blobs", "sha256"), 0o555);
    await chmod(path, 0o555);
    const layout = makeLayouts().repository(path);

    const failure = await failureOf(writeBytes(layout, "content"));

    expect(failure).toMatchObject({ code: "DISK_REFUSED" });
    expect(await layout.listTags(signal)).toEqual(["v1"]);
    await chmod(path, 0o755);
    await chmod(join(path, "blobs", "sha256"), 0o755);
  });

  test.each([
    ["ENOSPC", "DISK_FULL"],
    ["EDQUOT", "DISK_FULL"],
    ["EROFS", "DISK_REFUSED"],
    ["EACCES", "DISK_REFUSED"],
    ["EIO", "DISK_REFUSED"],
  ])("%s of the system is %s", (system, code) => {
    const cause = Object.assign(new Error(`${system}: said the system`), { code: system });

    expect(diskFailure("/some/file", cause)).toMatchObject({
      code,
      message: expect.stringMatching(/\/some\/file: .*said the system/),
    });
  });

  test("what is no error of the system stays what it is", () => {
    const defect = new TypeError("a defect");

    expect(diskFailure("/some/file", defect)).toBe(defect);
  });
});
