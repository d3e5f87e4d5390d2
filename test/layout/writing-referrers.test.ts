import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeArtifact, makeImage, makeSbom, makeSignature, sbomType, signatureType } from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { makeLayouts, putImage, readBytes, signal, writeBytes, writeVectorLayout } from "./samples.ts";

const image = makeImage({ seed: 1 });
const other = makeImage({ seed: 2 });

describe("referrers", () => {
  test("are listed under the subject's fallback tag, in the bytes regclient would write", async () => {
    await using folder = await makeTempFolder("layout");
    await writeVectorLayout(join(folder.path, "source"), "repo");
    const source = makeLayouts().repository(join(folder.path, "source"));
    const target = makeLayouts().repository(join(folder.path, "target"));
    const tag = "sha256-c15c1cbbfbc1cde34f3808d925aca1d2b18e973ddcd63e0f1806cce40936e046";

    for (const name of ["a1", "a2", "a1"]) {
      const artifact = (await source.getManifest(name, signal)) ?? expect.unreachable("the fixture has it");
      const blobs = artifact.body.kind === "image" ? [artifact.body.config, ...artifact.body.layers] : [];
      for (const blob of blobs) await writeBytes(target, await readBytes(source, blob));
      await target.putManifest(artifact.digest, artifact, { child: true }, signal);
    }

    expect((await readLayout(join(folder.path, "target"))).tags).toEqual({
      [tag]: "sha256:7fc848dc10bb6547892784b349d8f8bd73855f51cabb3d4d201dba656322a0ee",
    });
  });

  test("are read back with type and annotations", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const annotations = { z: "1", a: "2" };
    const sbom = makeArtifact({ artifactType: sbomType, subject: image, content: "sbom", annotations });
    await putImage(layout, image, "v1");
    await putImage(layout, makeSignature(image));
    await putImage(layout, sbom);

    const { descriptors } = await layout.listReferrers(image.digest, signal);

    expect(descriptors.map(({ artifactType, annotations }) => ({ artifactType, annotations }))).toEqual([
      { artifactType: signatureType, annotations: {} },
      { artifactType: sbomType, annotations },
    ]);
  });

  test("that are there and not in the list are told from those that are", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    await putImage(layout, makeSbom(image));

    const listed = await layout.listedReferrers(image.digest, signal);

    expect(listed).toEqual(new Set([makeSbom(image).digest]));
    expect(await layout.listedReferrers(other.digest, signal)).toEqual(new Set());
  });

  test("a tagged manifest with a subject is listed under both names", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const sbom = makeSbom(image);

    await putImage(layout, sbom, "sbom");

    const { tags } = await readLayout(folder.path);
    expect(Object.keys(tags).sort()).toEqual(["sbom", image.digest.replace(":", "-")].sort());
  });

  test("many that are written at once are all listed", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    const artifacts = Array.from({ length: 8 }, (_, at) =>
      makeArtifact({ artifactType: sbomType, subject: image, content: `sbom ${at}` }),
    );

    await Promise.all(artifacts.map((artifact) => putImage(layout, artifact)));

    const { descriptors } = await layout.listReferrers(image.digest, signal);
    expect(descriptors.map(({ digest }) => digest).sort()).toEqual(artifacts.map(({ digest }) => digest).sort());
  });

  test("a tag that holds an image is not overwritten by a list", async () => {
    await using folder = await makeTempFolder("layout");
    const layout = makeLayouts().repository(folder.path);
    await putImage(layout, image, "v1");
    await putImage(layout, other, image.digest.replace(":", "-"));

    const putting = putImage(layout, makeSbom(image));

    await expect(putting).rejects.toMatchObject({ code: "MANIFEST_INVALID" });
    expect((await readLayout(folder.path)).tags[image.digest.replace(":", "-")]).toBe(other.digest);
  });
});
