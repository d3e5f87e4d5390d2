import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeImage, makeMultiPlatformImage, makeSbom } from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { skopeoCopy, skopeoDigest } from "../support/skopeo.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";
import { makeLayouts, putImage, signal } from "./samples.ts";

const image = makeMultiPlatformImage(1, [
  { os: "linux", architecture: "amd64" },
  { os: "linux", architecture: "arm64" },
]);
const other = makeImage({ seed: 3 });

describe.skipIf(!haveTools("skopeo"))("skopeo", () => {
  test("reads what was written, with its digests", async () => {
    await using folder = await makeTempFolder("skopeo");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    await putImage(layout, makeSbom(image));
    await layout.tidy(signal);

    expect(await skopeoDigest({ address: `oci:${folder.path}:v1` })).toBe(image.digest);
    await skopeoCopy({ address: `oci:${folder.path}:v1` }, { address: `dir:${folder.path}/out` });
  });

  test("adds to a layout of ours, and we read and keep what it added", async () => {
    await using folder = await makeTempFolder("skopeo");
    const [ours, theirs] = [join(folder.path, "ours"), join(folder.path, "theirs")];
    await putImage(makeLayouts().repository(theirs), image, "v1");
    const layout = makeLayouts().repository(ours);
    await putImage(layout, other, "other");

    await skopeoCopy({ address: `oci:${theirs}:v1` }, { address: `oci:${ours}:added` });
    await putImage(layout, makeImage({ seed: 4 }), "other");
    await layout.tidy(signal);

    expect((await layout.headManifest("added", signal))?.digest).toBe(image.digest);
    const { blobs, damaged } = await readLayout(ours);
    expect(blobs).toEqual(expect.arrayContaining([...image.manifests.keys(), ...image.blobs.keys()]));
    expect(blobs).not.toContain(other.digest);
    expect(damaged).toEqual([]);
  });
});
