import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { digestOf } from "../../src/oci/digest.ts";
import type { Failure } from "../../src/base/failure.ts";
import type { Manifest } from "../../src/oci/manifest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";

const digest = digestOf(Buffer.from("content"));
const descriptor = { mediaType: "application/x", digest, size: 7 };
const config = { mediaType: mediaTypes.ociConfig, digest, size: 7 };

function read(document: unknown, mediaType: string = mediaTypes.ociManifest): Manifest {
  const text = typeof document === "string" ? document : JSON.stringify(document);
  return readManifest(Buffer.from(text), mediaType, undefined);
}

function refusal(document: unknown, mediaType?: string): string {
  try {
    read(document, mediaType);
  } catch (failure) {
    expect(failure).toMatchObject({ code: "MANIFEST_INVALID" });
    return (failure as Failure).message.replace(/^sha256:[0-9a-f]{64} is no manifest that can be read: /, ""); // has that code
  }
  return "was accepted";
}

describe("a manifest", () => {
  test("of an image says what it is made of", () => {
    const subject = { ...descriptor, mediaType: mediaTypes.ociManifest };
    const document = { config, layers: [descriptor], artifactType: "a/b", annotations: { k: "v" }, subject, more: 1 };

    const { body } = read(document);

    expect(body).toMatchObject({
      kind: "image",
      config: { mediaType: mediaTypes.ociConfig, digest, sizeBytes: 7 },
      layers: [{ mediaType: "application/x", digest, sizeBytes: 7, urls: [], annotations: {}, artifactType: "" }],
      artifactType: "a/b",
      annotations: { k: "v" },
      subject: { digest },
    });
  });

  test("keeps its bytes as they came", () => {
    const bytes = Buffer.from(` {"config":${JSON.stringify(config)},\n"layers":[] }\n`);

    const manifest = readManifest(bytes, mediaTypes.ociManifest, undefined);

    expect(manifest.bytes).toBe(bytes);
    expect(manifest.digest).toBe(digestOf(bytes));
  });

  test("that is an index says which platforms its children are for", () => {
    const platform = {
      os: "windows",
      architecture: "amd64",
      variant: "v2",
      "os.version": "10.0",
      "os.features": ["win32k"],
      features: ["x"],
    };

    const { body } = read({ manifests: [{ ...descriptor, platform }, descriptor] }, mediaTypes.ociIndex);

    expect(body).toMatchObject({
      kind: "index",
      manifests: [
        {
          platform: {
            os: "windows",
            architecture: "amd64",
            variant: "v2",
            osVersion: "10.0",
            osFeatures: ["win32k"],
            features: ["x"],
          },
        },
        { platform: undefined },
      ],
    });
  });

  test("of the old artifact form has blobs", () => {
    expect(read({ blobs: [descriptor] }, mediaTypes.ociArtifact).body).toMatchObject({
      kind: "artifact",
      blobs: [{ digest }],
    });
  });

  test("may leave out lists, or have null for them", () => {
    expect(read({ config }).body).toMatchObject({ layers: [] });
    expect(read({ config, layers: null, manifests: null, annotations: null, subject: null }).body).toMatchObject({
      layers: [],
      annotations: {},
      subject: undefined,
    });
    expect(read({}, mediaTypes.dockerList).body).toMatchObject({ kind: "index", manifests: [] });
  });

  test("may hold unknown types of content", () => {
    const layers = [
      { ...descriptor, mediaType: "application/vnd.unknown" },
      { digest, size: 7 },
    ];

    expect(read({ config, layers }).body).toMatchObject({ layers: [{ mediaType: "application/vnd.unknown" }, {}] });
  });

  test("cannot change anything by the names it uses", () => {
    const manifest = read(`{"config":${JSON.stringify(config)},"annotations":{"__proto__":"x","constructor":"y"}}`);

    expect(Object.entries(manifest.body.annotations)).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(refusal('{"__proto__":{"config":{}}}')).toBe("config is not an object");
  });
});

describe("content inside a descriptor", () => {
  const data = Buffer.from("content").toString("base64");
  const dataOf = (layer: object): Uint8Array | undefined => {
    const { body } = read({ config, layers: [layer] });
    return body.kind === "image" ? body.layers[0]?.data : undefined;
  };

  test("is taken when it is what the descriptor says", () => {
    expect(dataOf({ ...descriptor, data })).toEqual(Buffer.from("content"));
  });

  test.each([
    ["another size", { ...descriptor, size: 8, data }],
    ["other content", { ...descriptor, data: Buffer.from("CONTENT").toString("base64") }],
    ["nothing", { ...descriptor, data: "" }],
    ["no base64", { ...descriptor, data: "§§§" }],
  ])("is left alone when it is %s", (_, layer) => {
    expect(dataOf(layer)).toBeUndefined();
  });
});

describe("what a document is", () => {
  const image = { config, layers: [] };
  const docker = { ...image, config: { ...config, mediaType: "application/vnd.docker.container.image.v1+json" } };

  test.each([
    ["its announcement", image, "Application/vnd.oci.image.manifest.v1+json; charset=utf-8", mediaTypes.ociManifest],
    [
      "itself, when it is announced as JSON",
      { mediaType: mediaTypes.ociManifest, ...image },
      "application/json",
      mediaTypes.ociManifest,
    ],
    ["its config", image, "", mediaTypes.ociManifest],
    ["its config, for Docker", docker, "text/plain", mediaTypes.dockerManifest],
    ["its list", { manifests: [] }, "", mediaTypes.ociIndex],
    ["its children", { manifests: [{ ...descriptor, mediaType: mediaTypes.ociManifest }] }, "", mediaTypes.ociIndex],
    [
      "its children, for Docker",
      { manifests: [{ ...descriptor, mediaType: mediaTypes.dockerManifest }] },
      "",
      mediaTypes.dockerList,
    ],
    ["its version", { schemaVersion: 1, fsLayers: [] }, "application/json", mediaTypes.dockerSchema1],
  ])("is told by %s", (_, document, announced, expected) => {
    expect(read(document, announced).mediaType).toBe(expected);
  });

  test.each([
    ["nobody says", {}, "", "nothing says what it is"],
    ["it is a page", "<html>", "text/html", 'its type "text/html" is unknown'],
    ["its type is unknown", { ...image, mediaType: "a/b" }, "", 'its type "a/b" is unknown'],
    ["its announcement is unknown", image, "a/b", 'its type "a/b" is unknown'],
  ])("is not guessed when %s", (_, document, announced, words) => {
    expect(refusal(document, announced)).toBe(announced === "text/html" ? "it is not JSON" : words);
  });

  test("may not be said in two ways", () => {
    expect(refusal({ ...image, mediaType: mediaTypes.dockerManifest })).toBe(
      `it was announced as ${mediaTypes.ociManifest} and calls itself "${mediaTypes.dockerManifest}"`,
    );
  });

  test.each([
    [mediaTypes.ociManifest, { config, layers: [], manifests: [] }],
    [mediaTypes.ociIndex, { manifests: [], layers: [] }],
    [mediaTypes.ociIndex, { manifests: [], config }],
    [mediaTypes.ociIndex, { layers: [descriptor] }],
    ["", { manifests: [], config, layers: [] }],
    ["", { schemaVersion: 1, fsLayers: [], manifests: [] }],
  ])("may not be two things at once: %s %j", (announced, document) => {
    expect(refusal(document, announced)).toMatch(/^it could be an index as well as an image/);
  });
});

describe("a document that is not shaped as it should be", () => {
  test.each([
    ["", "it is not JSON"],
    ["{", "it is not JSON"],
    ["\ufeff{}", "it is not JSON"],
    ["[]", "the document is not an object"],
    ["null", "the document is not an object"],
    [{ layers: [] }, "config is not an object"],
    [{ config: [] }, "config is not an object"],
    [{ config, layers: {} }, "layers is not a list"],
    [{ config, layers: ["x"] }, "layers[0] is not an object"],
    [
      { config, layers: [descriptor, { ...descriptor, digest: undefined }] },
      "layers[1] has no digest that can be verified",
    ],
    [
      { config, layers: [{ ...descriptor, digest: "sha256:../../etc" }] },
      "layers[0] has no digest that can be verified",
    ],
    [
      { config, layers: [{ ...descriptor, digest: digest.toUpperCase() }] },
      "layers[0] has no digest that can be verified",
    ],
    [
      { config, layers: [{ ...descriptor, digest: `md5:${"0".repeat(32)}` }] },
      "layers[0] has no digest that can be verified",
    ],
    [{ config, layers: [{ ...descriptor, size: undefined }] }, "layers[0] has no size"],
    [{ config, layers: [{ ...descriptor, size: -1 }] }, "layers[0] has no size"],
    [{ config, layers: [{ ...descriptor, size: 1.5 }] }, "layers[0] has no size"],
    [{ config, layers: [{ ...descriptor, size: "7" }] }, "layers[0] has no size"],
    [{ config, layers: [{ ...descriptor, size: 2 ** 53 }] }, "layers[0] has no size"],
    [{ config, layers: [{ ...descriptor, mediaType: 7 }] }, "mediaType is not a text"],
    [{ config, layers: [{ ...descriptor, urls: "https://h.test" }] }, "urls is not a list"],
    [{ config, layers: [{ ...descriptor, urls: [7] }] }, "urls holds something that is not a text"],
    [{ config, annotations: { a: 1 } }, "annotations holds something that is not a text"],
    [{ config, annotations: ["a"] }, "annotations is not an object"],
    [{ config, artifactType: {} }, "artifactType is not a text"],
    [{ config, subject: "x" }, "subject is not an object"],
    [{ config, mediaType: 7 }, "mediaType is not a text"],
  ])("is refused: %j", (document, words) => {
    expect(refusal(document)).toBe(words);
  });

  test("is refused when its platform is none", () => {
    expect(refusal({ manifests: [{ ...descriptor, platform: { os: 7 } }] }, mediaTypes.ociIndex)).toBe(
      "os is not a text",
    );
  });

  test("is refused when it is nested without an end, before it is taken apart", () => {
    const deep = `{"a":${"[".repeat(1_000_000)}`;

    expect(refusal(deep)).toBe("it is nested more than 64 levels deep");
  });

  test.each(["{},", "[],", '"":0,'])(
    "is refused when it is made of nothing but %j, before it is taken apart",
    (part) => {
      const hollow = `{"a":${part.startsWith('"') ? "{" : "["}${part.repeat(2_000_000)}`;

      expect(refusal(hollow)).toBe("it has more objects, lists and members than any document of its length");
    },
  );

  test("may list as many images as fit, each said as briefly as can be", () => {
    const manifests = Array.from({ length: 40_000 }, () => ({
      ...descriptor,
      platform: { os: "a", architecture: "b" },
    }));

    expect(read({ manifests }, mediaTypes.ociIndex).body).toMatchObject({
      kind: "index",
      manifests: { length: 40_000 },
    });
  });

  test("may hold as many brackets in its texts as it likes", () => {
    const annotations = { a: `${"[".repeat(200)}"\\"${"{".repeat(200)}` };

    expect(read({ config, annotations }).body.annotations).toEqual(annotations);
  });

  test("is refused when it is not UTF-8", () => {
    expect(() => readManifest(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]), "", undefined)).toThrow("it is not JSON");
  });

  test("never leads to anything but a manifest or a refusal", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), fc.constantFrom("", ...Object.values(mediaTypes)), (text, type) => {
        try {
          expect(readManifest(Buffer.from(text), type, undefined).bytes.toString()).toBe(text);
        } catch (failure) {
          expect(failure).toMatchObject({ code: "MANIFEST_INVALID" });
        }
      }),
    );
  });
});

describe("the digest that is expected", () => {
  const bytes = Buffer.from(JSON.stringify({ config, layers: [] }));

  test.each(["sha256", "sha384", "sha512"])("is verified in %s", (algorithm) => {
    const expected = digestOf(bytes, algorithm);

    expect(readManifest(bytes, mediaTypes.ociManifest, expected).digest).toBe(expected);
  });

  test.each([mediaTypes.ociManifest, "", mediaTypes.dockerSchema1Signed])(
    "is refused when the content is other, announced as %j",
    (announced) => {
      expect(() => readManifest(bytes, announced, digest)).toThrow(
        expect.objectContaining({ code: "DIGEST_MISMATCH", expected: digest, received: digestOf(bytes) }),
      );
    },
  );
});

describe("a signed schema 1 manifest", () => {
  const payload = `{\n   "schemaVersion": 1,\n   "fsLayers": [{"blobSum": "${digest}"}]\n}`;
  const formatLength = payload.length - 2;
  const tail = Buffer.from(payload.slice(formatLength)).toString("base64url");

  function signed(...headers: readonly object[]): Uint8Array {
    const signatures = headers.map((header) => ({
      protected: Buffer.from(JSON.stringify(header)).toString("base64url"),
      signature: "x",
    }));
    return Buffer.from(`${payload.slice(0, formatLength)},\n   "signatures": ${JSON.stringify(signatures)}\n}`);
  }

  const good = { formatLength, formatTail: tail, time: "2020-01-01T00:00:00Z" };
  const ofPayload = digestOf(Buffer.from(payload));

  test("has the digest of what was signed", () => {
    const bytes = signed(good, good);

    const manifest = readManifest(bytes, mediaTypes.dockerSchema1Signed, ofPayload);

    expect(manifest.digest).toBe(ofPayload);
    expect(manifest.bytes).toBe(bytes);
    expect(manifest.body).toMatchObject({ kind: "schema1", layers: [{ digest, sizeBytes: undefined, mediaType: "" }] });
  });

  test("is recognised when nobody announces it", () => {
    expect(readManifest(signed(good), "application/json", undefined)).toMatchObject({
      digest: ofPayload,
      mediaType: mediaTypes.dockerSchema1Signed,
    });
  });

  test("is also good under the digest of all its bytes", () => {
    const bytes = signed(good);

    expect(readManifest(bytes, mediaTypes.dockerSchema1Signed, digestOf(bytes)).digest).toBe(digestOf(bytes));
  });

  test.each([
    ["are absent", []],
    ["do not agree", [good, { ...good, formatLength: 5 }]],
    ["reach beyond the document", [{ ...good, formatLength: 1e9 }]],
    ["do not say a length", [{ formatTail: tail }]],
    ["say a length that is none", [{ ...good, formatLength: -1 }]],
  ])("is refused when its signatures %s", (_, headers) => {
    expect(() => readManifest(signed(...headers), mediaTypes.dockerSchema1Signed, undefined)).toThrow(
      expect.objectContaining({ code: "MANIFEST_INVALID" }),
    );
    expect(() => readManifest(signed(...headers), mediaTypes.dockerSchema1Signed, ofPayload)).toThrow(
      expect.objectContaining({ code: "DIGEST_MISMATCH" }),
    );
  });
});
