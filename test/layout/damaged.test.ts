import { execFileSync } from "node:child_process";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parseDigest } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { readFiles } from "../support/layout-state.ts";
import { makeTempFolder, type TempFolder } from "../support/temp-folder.ts";
import { failureOf, makeLayouts, readBytes, signal, writeVectorLayout } from "./samples.ts";
import { descriptorOf } from "../support/blobs.ts";

const makePipe = "mkfifo";
const v1 = "sha256:a344535ffcf7d23f29bf1bcc917f66c287ad4595266d5e030dd02d5737fd98ea";

async function layoutIn(folder: TempFolder, name: string) {
  await writeVectorLayout(folder.path, name);
  return makeLayouts().repository(folder.path);
}

describe("a layout that is damaged", () => {
  const entry = { mediaType: mediaTypes.ociManifest, digest: v1, size: 7 };
  const index = (manifests: unknown, more: object = {}) => JSON.stringify({ schemaVersion: 2, ...more, manifests });

  test.each([
    ["oci-layout", "", "oci-layout is damaged: it is not JSON"],
    ["oci-layout", "[]", "oci-layout is damaged: the document is not an object"],
    ["oci-layout", "{}", 'oci-layout is of version "", and only 1.0.0 is known'],
    ["oci-layout", '{"imageLayoutVersion":"2.0.0"}', 'oci-layout is of version "2.0.0", and only 1.0.0 is known'],
    ["oci-layout", '{"imageLayoutVersion":1}', "oci-layout is damaged: imageLayoutVersion is not a text"],
    ["index.json", "", "index.json is damaged: it is not JSON"],
    ["index.json", "{not json", "index.json is damaged: it is not JSON"],
    ["index.json", "null", "index.json is damaged: the document is not an object"],
    ["index.json", "[".repeat(100_000), "index.json is damaged: it is nested more than 64 levels deep"],
    ["index.json", '{"schemaVersion":1,"manifests":[]}', "index.json is damaged: its schemaVersion is not 2"],
    ["index.json", index({}), "index.json is damaged: manifests is not a list"],
    ["index.json", index([entry, 7]), "index.json is damaged: manifests[1] is not an object"],
    ["index.json", index([{ ...entry, digest: "sha256:../../x" }]), "manifests[0] has no digest that can be verified"],
    ["index.json", index([{ ...entry, size: -1 }]), "index.json is damaged: manifests[0] has no size"],
    ["index.json", index([{ ...entry, annotations: { a: 1 } }]), "annotations holds something that is not a text"],
    ["index.json", index([], { mediaType: mediaTypes.ociManifest }), `its type is "${mediaTypes.ociManifest}"`],
  ])("%s with %j is refused, saying where and what", async (file, text, problem) => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await writeFile(join(folder.path, file), text);
    const before = await readFiles(folder.path);

    const attempts = [
      () => layout.listTags(signal),
      () => layout.headManifest("v1", signal),
      () => layout.getManifest(v1, signal),
    ];
    for (const attempt of attempts) {
      const failure = await failureOf(attempt());
      expect(failure).toMatchObject({ code: "LAYOUT_INVALID" });
      expect(failure.message).toContain(problem);
      expect(failure.message).toContain(folder.path);
    }
    expect(await readFiles(folder.path)).toEqual(before);
  });

  test("an index.json without oci-layout is refused", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await rm(join(folder.path, "oci-layout"));

    await expect(layout.listTags(signal)).rejects.toThrow("has an index.json and no file oci-layout");
  });

  test("is read again after it was repaired", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await rename(join(folder.path, "index.json"), join(folder.path, "kept"));
    await writeFile(join(folder.path, "index.json"), "{");
    await expect(layout.listTags(signal)).rejects.toMatchObject({ code: "LAYOUT_INVALID" });

    await rename(join(folder.path, "kept"), join(folder.path, "index.json"));

    expect(await layout.listTags(signal)).toContain("v1");
  });
});

describe("a layout that leads elsewhere", () => {
  test.each(["oci-layout", "index.json"])("%s as a symbolic link is refused", async (name) => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await rename(join(folder.path, name), join(folder.path, "elsewhere"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, name));

    await expect(layout.listTags(signal)).rejects.toThrow(`${name} is a symbolic link`);
  });

  test.each(["blobs", "blobs/sha256", `blobs/${v1.replace(":", "/")}`])(
    "%s as a symbolic link is refused",
    async (name) => {
      await using folder = await makeTempFolder("layout");
      const layout = await layoutIn(folder, "repo");
      await rename(join(folder.path, name), join(folder.path, "elsewhere"));
      await symlink(join(folder.path, "elsewhere"), join(folder.path, name));

      const attempts = [
        () => layout.headManifest("v1", signal),
        () => layout.getManifest("v1", signal),
        () => readBytes(layout, descriptorOf(Buffer.from("x"), { digest: parseDigest(v1) })),
      ];

      for (const attempt of attempts) await expect(attempt()).rejects.toThrow("is a symbolic link");
    },
  );

  test.skipIf(process.platform === "win32")("a pipe in place of a file is refused instead of waited for", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = await layoutIn(folder, "repo");
    await rm(join(folder.path, "index.json"));
    execFileSync(makePipe, [join(folder.path, "index.json")]);

    await expect(layout.listTags(signal)).rejects.toThrow("is not a regular file");
  });

  test("the layout itself may be reached by a link, and is the same layout", async () => {
    await using folder = await makeTempFolder("layout");
    await mkdir(join(folder.path, "real"));
    await writeVectorLayout(join(folder.path, "real"), "repo");
    await symlink(join(folder.path, "real"), join(folder.path, "link"));
    const layouts = makeLayouts();

    const layout = layouts.repository(join(folder.path, "link"));

    expect(await layout.listTags(signal)).toContain("v1");
    expect(layouts.repository(join(folder.path, "other", "..", "real"))).toBe(layout);
    expect(layouts.repository(join(folder.path, "link", "below"))).toBe(
      layouts.repository(join(folder.path, "real", "below")),
    );
  });
});
