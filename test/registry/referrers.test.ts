import { describe, expect, test } from "vitest";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";
import type { RegistryRepository } from "../../src/registry/repository.ts";
import { FakeRegistry, type FakeRegistryOptions } from "../support/fake-registry.ts";
import { htmlPage, json, refusal, withHeaders } from "../support/fake-registry/replies.ts";
import { type FixtureImage, makeArtifact, makeImage, makeSbom, makeSignature } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const image = makeImage({ seed: 1 });
const signature = makeSignature(image);
const sbom = makeSbom(image);
const tag = image.digest.replace(":", "-");
const api = `GET /v2/a/b/referrers/${image.digest}`;
const fallback = `GET /v2/a/b/manifests/${tag}`;

function indexOf(...images: readonly FixtureImage[]): object {
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: images.map(({ descriptor }) => descriptor) };
}

function asIndex(document: object): ReturnType<typeof json> {
  return json(200, document, { "content-type": mediaTypes.ociIndex });
}

async function startRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start(options);
  registry.add("a/b", image, "v1");
  return registry;
}

describe("listing referrers by the API", () => {
  test("ends where its pages are longer together than any list is", async () => {
    await using registry = await startRegistry();
    const annotations = { a: "x".repeat(7 * 1024 * 1024) };
    let pages = 0;
    registry.on(`GET /v2/a/b/referrers/${image.digest}`, () => {
      pages += 1;
      const digest = `sha256:${String(pages).padStart(64, "0")}`;
      const page = asIndex({ ...indexOf(), manifests: [{ ...signature.descriptor, digest, annotations }] });
      return { ...page, headers: { ...page.headers, link: `<?page=${pages}>; rel="next"` } };
    });
    await using client = new TestClient();

    const listing = client.repository(registry).listReferrers(image.digest, unhurried());

    await expect(listing).rejects.toThrow("its pages are longer than 67108864 bytes");
    expect(pages).toBe(10);
  });

  test("gives everything that the registry lists, page by page, each once", async () => {
    await using registry = await startRegistry({ pageSize: 1 });
    registry.add("a/b", signature);
    registry.add("a/b", sbom);
    await using client = new TestClient();

    const { descriptors, fallbackTag } = await client.repository(registry).listReferrers(image.digest, unhurried());

    expect(descriptors.map(({ digest }) => digest)).toEqual([signature.digest, sbom.digest]);
    expect(descriptors.map(({ artifactType }) => artifactType)).toEqual([
      signature.descriptor.artifactType,
      sbom.descriptor.artifactType,
    ]);
    expect(fallbackTag).toBeUndefined();
    expect(registry.conversation()).toEqual([api, `${api}?from=1`]);
  });

  test("gives nothing when nothing refers to the image", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    const listed = await client.repository(registry).listReferrers(image.digest, unhurried());

    expect(listed).toEqual({ descriptors: [], fallbackTag: undefined });
    expect(registry.conversation()).toEqual([api]);
  });

  test.each([
    ["400", refusal(400, "NAME_INVALID", "no"), "REGISTRY_STATUS"],
    ["403", refusal(403, "DENIED", "no"), "REGISTRY_DENIED"],
    ["500", refusal(500, "UNKNOWN", "no"), "REGISTRY_STATUS"],
    ["429", refusal(429, "TOOMANYREQUESTS", "no"), "REGISTRY_STATUS"],
    ["a broken index", asIndex({ manifests: "none" }), "REGISTRY_ANSWER_INVALID"],
    ["an entry without a digest", asIndex({ manifests: [{ mediaType: "x", size: 1 }] }), "REGISTRY_ANSWER_INVALID"],
  ])("does not take %s for nothing", async (_, answer, code) => {
    await using registry = await startRegistry();
    registry.on(api, answer);
    await using client = new TestClient();

    await expect(client.repository(registry).listReferrers(image.digest, unhurried())).rejects.toMatchObject({ code });
    expect(registry.count(fallback)).toBe(0);
  });

  test("tries again what may pass", async () => {
    await using registry = await startRegistry();
    registry.add("a/b", signature);
    registry.times(2, api, refusal(502, "", ""));
    await using client = new TestClient();

    const { descriptors } = await client.repository(registry).listReferrers(image.digest, unhurried());

    expect(descriptors).toHaveLength(1);
    expect(registry.count()).toBe(3);
  });
});

describe("listing referrers by the fallback tag", () => {
  test.each([
    ["404", { status: 404, body: "404 page not found\n" }],
    ["405", refusal(405, "UNSUPPORTED", "no")],
    ["501", { status: 501 }],
    ["UNSUPPORTED", refusal(400, "UNSUPPORTED", "no")],
    ["a page for people", htmlPage(200, "Welcome")],
  ])("is what happens after %s, and is remembered for five minutes", async (_, answer) => {
    await using registry = await startRegistry();
    registry.on(api, answer);
    registry.on(fallback, asIndex(indexOf(signature, sbom, signature)));
    await using client = new TestClient();
    const list = () => client.repository(registry).listReferrers(image.digest, unhurried());

    const { descriptors, fallbackTag } = await list();
    await list();
    client.clock.advance(5 * 60_000 + 1);
    await list();

    expect(descriptors.map(({ digest }) => digest)).toEqual([signature.digest, sbom.digest]);
    expect(fallbackTag).toBe(tag);
    expect(registry.conversation()).toEqual([api, fallback, fallback, api, fallback]);
  });

  test("gives nothing without such a tag", async () => {
    await using registry = await startRegistry({ referrers: "none" });
    await using client = new TestClient();

    expect(await client.repository(registry).listReferrers(image.digest, unhurried())).toEqual({
      descriptors: [],
      fallbackTag: undefined,
    });
  });

  test("gives nothing when the registry takes the tag for the image itself", async () => {
    await using registry = await startRegistry({ referrers: "none" });
    const child = makeImage({ seed: 2 });
    const document = Buffer.from(JSON.stringify(indexOf(child)));
    const subject = readManifest(document, mediaTypes.ociIndex, undefined).digest;
    registry.on("GET /v2/a/b/manifests/*", asIndex(indexOf(child)));
    await using client = new TestClient();

    const { descriptors } = await client.repository(registry).listReferrers(subject, unhurried());

    expect(descriptors).toEqual([]);
  });

  test("gives nothing when the tag is an image", async () => {
    await using registry = await startRegistry({ referrers: "none" });
    registry.add("a/b", makeImage({ seed: 2 }), tag);
    await using client = new TestClient();

    expect((await client.repository(registry).listReferrers(image.digest, unhurried())).descriptors).toEqual([]);
  });

  test("is not remembered for a repository that does not exist", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();
    const repository = client.repository(registry, "new/one");

    await repository.listReferrers(image.digest, unhurried());
    registry.add("new/one", image);
    registry.forget();
    await repository.listReferrers(image.digest, unhurried());

    expect(registry.conversation()).toEqual([`GET /v2/new/one/referrers/${image.digest}`]);
  });
});

describe("keeping the list of referrers when a manifest with a subject is written", () => {
  function put(repository: RegistryRepository, { bytes, mediaType, digest }: FixtureImage): Promise<void> {
    return repository.putManifest(digest, readManifest(bytes, mediaType, digest), { child: true }, unhurried());
  }

  function listed(registry: FakeRegistry): unknown {
    const { tags, manifests } = registry.repository("a/b");
    const digest = tags.get(tag);
    const stored = digest === undefined ? undefined : manifests.get(digest);
    return stored && JSON.parse(Buffer.from(stored.bytes).toString("utf8"));
  }

  function withContent(registry: FakeRegistry): FakeRegistry {
    for (const { blobs } of [image, signature, sbom, annotated]) {
      for (const [digest, bytes] of blobs) registry.repository("a/b").blobs.set(digest, bytes);
    }
    return registry;
  }

  const annotated = makeArtifact({
    artifactType: "application/x",
    subject: image,
    content: "x",
    annotations: { "org.example.key": "value" },
  });

  test("leaves it to a registry that has the API, asking once for each repository", async () => {
    await using registry = withContent(await startRegistry());
    await using client = new TestClient();

    await put(client.repository(registry), signature);
    await put(client.repository(registry), sbom);

    expect(registry.conversation()).toEqual([
      `PUT /v2/a/b/manifests/${signature.digest}`,
      api,
      `PUT /v2/a/b/manifests/${sbom.digest}`,
    ]);
  });

  test("writes the list where the registry has no API", async () => {
    await using registry = withContent(await startRegistry({ referrers: "none" }));
    await using client = new TestClient();

    await put(client.repository(registry), annotated);

    expect(listed(registry)).toEqual({
      schemaVersion: 2,
      mediaType: mediaTypes.ociIndex,
      manifests: [
        {
          mediaType: mediaTypes.ociManifest,
          digest: annotated.digest,
          size: annotated.bytes.byteLength,
          artifactType: "application/x",
          annotations: { "org.example.key": "value" },
        },
      ],
    });
  });

  test("does not believe a registry that claims to have the API and has it not", async () => {
    await using registry = withContent(await startRegistry({ referrers: "none" }));
    registry.on("PUT *", withHeaders({ "oci-subject": image.digest }));
    await using client = new TestClient();

    await put(client.repository(registry), signature);

    expect(listed(registry)).toMatchObject({ manifests: [{ digest: signature.digest }] });
  });

  test("adds to the list and keeps everything else in it", async () => {
    await using registry = withContent(await startRegistry({ referrers: "none" }));
    const before = { ...indexOf(signature), annotations: { kept: "yes" }, "x-unknown": [1] };
    const bytes = Buffer.from(JSON.stringify(before));
    const { digest } = readManifest(bytes, mediaTypes.ociIndex, undefined);
    registry.add("a/b", signature);
    registry.repository("a/b").manifests.set(digest, { mediaType: mediaTypes.ociIndex, bytes });
    registry.repository("a/b").tags.set(tag, digest);
    await using client = new TestClient();

    await put(client.repository(registry), sbom);

    expect(listed(registry)).toMatchObject({
      annotations: { kept: "yes" },
      "x-unknown": [1],
      manifests: [{ digest: signature.digest }, { digest: sbom.digest }],
    });
  });

  test("does not write a list that names the manifest already", async () => {
    await using registry = withContent(await startRegistry({ referrers: "none" }));
    await using client = new TestClient();

    await put(client.repository(registry), signature);
    registry.forget();
    await put(client.repository(registry), signature);

    expect(registry.conversation("PUT *")).toEqual([`PUT /v2/a/b/manifests/${signature.digest}`]);
  });

  test("loses none of several that are written at once", async () => {
    await using registry = withContent(await startRegistry({ referrers: "none" }));
    await using client = new TestClient();

    await Promise.all([signature, sbom, annotated].map((referrer) => put(client.repository(registry), referrer)));

    const { manifests } = listed(registry) as { manifests: { digest: string }[] }; // the list that was just written
    expect(new Set(manifests.map(({ digest }) => digest))).toEqual(
      new Set([signature.digest, sbom.digest, annotated.digest]),
    );
  });

  test("overwrites nothing that is no list", async () => {
    await using registry = withContent(await startRegistry({ referrers: "none" }));
    registry.add("a/b", makeImage({ seed: 2 }), tag);
    await using client = new TestClient();

    await expect(put(client.repository(registry), signature)).rejects.toThrow(
      `${registry.name}/a/b:${tag} should list the referrers of an image and is no such list; it was left alone`,
    );
    expect(registry.repository("a/b").tags.get(tag)).toBe(makeImage({ seed: 2 }).digest);
  });

  test("makes a list that was kept in memory be asked for again", async () => {
    await using registry = withContent(await startRegistry());
    await using client = new TestClient({ cache: { count: 10, timeMs: 60_000 } });
    const repository = client.repository(registry);

    await repository.listReferrers(image.digest, unhurried());
    await put(repository, signature);

    expect((await repository.listReferrers(image.digest, unhurried())).descriptors).toHaveLength(1);
  });
});
