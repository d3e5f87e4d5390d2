import { describe, expect, test } from "vitest";
import { digestOf, parseDigest } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";
import { isReferrersList, referrersTag, withReferrer } from "../../src/oci/referrers-list.ts";
import { type FixtureImage, makeArtifact, makeImage, makeIndex, makeSbom } from "../support/images.ts";

const subject = makeImage({ seed: 1 });
const manifestOf = ({ bytes, mediaType }: FixtureImage) => readManifest(bytes, mediaType, undefined);
const textOf = (bytes: Uint8Array | undefined) => (bytes === undefined ? undefined : Buffer.from(bytes).toString());

describe("the tag for referrers", () => {
  test.each([
    [`sha256:${"ab".repeat(32)}`, `sha256-${"ab".repeat(32)}`],
    [`sha512:${"ab".repeat(64)}`, `sha512-${"ab".repeat(32)}`],
  ])("of %s is %s", (digest, tag) => {
    expect(referrersTag(parseDigest(digest))).toBe(tag);
  });
});

describe("a list of referrers", () => {
  test("begins with the first of them", () => {
    const sbom = makeSbom(subject);

    const list = withReferrer(undefined, manifestOf(sbom));

    expect(textOf(list)).toBe(
      `{"schemaVersion":2,"mediaType":"${mediaTypes.ociIndex}","manifests":[{"mediaType":"${mediaTypes.ociManifest}",` +
        `"digest":"${sbom.digest}","size":${sbom.bytes.byteLength},"artifactType":"application/spdx+json"}]}`,
    );
  });

  test("names the type of the configuration when the manifest says no other", () => {
    const list = withReferrer(undefined, manifestOf(makeImage({ seed: 2, subject })));

    expect(JSON.parse(textOf(list) ?? "")).toMatchObject({ manifests: [{ artifactType: mediaTypes.ociConfig }] });
  });

  test("names no type for an index without one", () => {
    const list = withReferrer(undefined, manifestOf(makeIndex([subject])));

    expect(textOf(list)).not.toContain("artifactType");
  });

  test("has the annotations of the manifest, sorted", () => {
    const annotations = { z: "1", __proto__x: "2", a: "3" };

    const list = withReferrer(undefined, manifestOf(makeArtifact({ artifactType: "a/b", content: "", annotations })));

    expect(textOf(list)).toContain('"annotations":{"__proto__x":"2","a":"3","z":"1"}');
  });

  test("keeps everything that stood in it", () => {
    const old = { "x-more": 1, annotations: { kept: "yes" }, schemaVersion: 2, mediaType: mediaTypes.ociIndex };
    const entry = { ...subject.descriptor, "x-entry": [true] };
    const bytes = Buffer.from(JSON.stringify({ ...old, manifests: [entry] }));

    const list = withReferrer(readManifest(bytes, "", digestOf(bytes)), manifestOf(makeSbom(subject)));

    expect(JSON.parse(textOf(list) ?? "")).toMatchObject({
      ...old,
      manifests: [entry, { artifactType: "application/spdx+json" }],
    });
  });

  test("stays as it is when the manifest is in it", () => {
    const sbom = manifestOf(makeSbom(subject));
    const bytes = withReferrer(undefined, sbom) ?? expect.unreachable("the first is always added");

    expect(withReferrer(readManifest(bytes, "", undefined), sbom)).toBeUndefined();
  });

  test.each([
    ["an image", manifestOf(subject)],
    ["a Docker list", manifestOf(makeIndex([subject], { format: "docker" }))],
  ])("is not made of %s that has its tag", (_what, other) => {
    expect(isReferrersList(other)).toBe(false);
    expect(() => withReferrer(other, manifestOf(makeSbom(subject)))).toThrow(/cannot be kept: its tag names sha256:/);
  });
});
