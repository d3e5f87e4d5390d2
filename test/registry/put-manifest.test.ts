import { describe, expect, test } from "vitest";
import { digestOf } from "../../src/oci/digest.ts";
import type { Manifest } from "../../src/oci/manifest.ts";
import { readManifest } from "../../src/oci/read-manifest.ts";
import { TargetIncomplete } from "../../src/oci/store.ts";
import type { RegistryRepository } from "../../src/registry/repository.ts";
import { FakeRegistry, type FakeRegistryOptions } from "../support/fake-registry.ts";
import { altered, htmlPage, refusal, withHeaders, withoutHeaders } from "../support/fake-registry/replies.ts";
import { type FixtureImage, makeImage } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const image = makeImage({ seed: 1 });
const other = makeImage({ seed: 2 });

function manifestOf({ bytes, mediaType, digest }: FixtureImage): Manifest {
  return readManifest(bytes, mediaType, digest);
}

/** A registry that has the blobs of both images, and no manifest. */
async function startRegistry(options: FakeRegistryOptions = {}): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start(options);
  for (const [digest, bytes] of [...image.blobs, ...other.blobs]) registry.repository("a/b").blobs.set(digest, bytes);
  return registry;
}

function put(repository: RegistryRepository, name: string, fixture = image): Promise<void> {
  return repository.putManifest(name, manifestOf(fixture), { child: false }, unhurried());
}

describe("writing a manifest", () => {
  test("takes one request, with the type and the bytes it came with", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    const [request] = registry.requests();
    expect(registry.conversation()).toEqual(["PUT /v2/a/b/manifests/v1"]);
    expect(request?.headers).toMatchObject({
      "content-type": image.mediaType,
      "content-length": String(image.bytes.byteLength),
    });
    expect(registry.repository("a/b").manifests.get(image.digest)?.bytes).toEqual(image.bytes);
  });

  test("names the digest beside the tag when it is none that a registry uses by itself", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();
    const digest = digestOf(image.bytes, "sha512");

    await put(client.repository(registry), "v1", { ...image, digest });

    expect(registry.requests().map(({ method, target }) => `${method} ${target}`)).toEqual([
      `PUT /v2/a/b/manifests/${digest}?tag=v1`,
    ]);
    expect(registry.repository("a/b").tags.get("v1")).toBe(digest);
  });

  test.each([
    ["does not say that it wrote the tag", withoutHeaders("oci-tag")],
    ["refuses such a digest", refusal(400, "DIGEST_INVALID", "no")],
  ])("puts the tag by itself where the registry %s", async (_what, answer) => {
    await using registry = await startRegistry();
    const digest = digestOf(image.bytes, "sha512");
    registry.on(`PUT /v2/a/b/manifests/${digest}`, answer);
    await using client = new TestClient();

    await put(client.repository(registry), "v1", { ...image, digest });

    expect(registry.conversation()).toEqual([`PUT /v2/a/b/manifests/${digest}?tag=v1`, "PUT /v2/a/b/manifests/v1"]);
  });

  test.each([200, 202, 204])("believes a %d that names the digest", async (status) => {
    await using registry = await startRegistry();
    registry.on(
      "PUT *",
      altered((reply) => ({ ...reply, status })),
    );
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    expect(registry.count()).toBe(1);
  });

  test("asks whether the manifest is there after a 202 that says nothing", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", async (exchange) => {
      const { digest: _, ...reply } = { digest: "", ...(await exchange.usual()) };
      return { ...reply, status: 202, headers: {} };
    });
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    expect(registry.conversation()).toEqual(["PUT /v2/a/b/manifests/v1", "HEAD /v2/a/b/manifests/v1"]);
  });

  test("does not take the page of a login portal for success", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", htmlPage(200, "Please log in"));
    await using client = new TestClient();

    await expect(put(client.repository(registry), "v1")).rejects.toMatchObject({
      code: "REGISTRY_ANSWER_INVALID",
      message: expect.stringContaining("status 200, and the manifest is not there"),
    });
  });

  test("notices a registry that stored something else", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", withHeaders({ "docker-content-digest": other.digest }));
    await using client = new TestClient();

    await expect(put(client.repository(registry), "v1")).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  test("notices that of a manifest whose digest it was told beside the tag, too", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", withHeaders({ "docker-content-digest": digestOf(other.bytes, "sha512") }));
    await using client = new TestClient();
    const digest = digestOf(image.bytes, "sha512");

    const putting = put(client.repository(registry), "v1", { ...image, digest });

    await expect(putting).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  test("does not need the registry to name the digest", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", withoutHeaders("docker-content-digest"));
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    expect(registry.count()).toBe(1);
  });

  test("is content with a tag that may not be changed and names the manifest already", async () => {
    await using registry = await startRegistry({ immutableTags: true });
    registry.add("a/b", image, "v1");
    registry.on("PUT *", refusal(400, "TAG_INVALID", "cannot be overwritten because the repository is immutable"));
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    expect(registry.conversation()).toEqual(["PUT /v2/a/b/manifests/v1", "HEAD /v2/a/b/manifests/v1"]);
  });

  test("fails in the registry's words when a tag may not be changed and names another manifest", async () => {
    await using registry = await startRegistry({ immutableTags: true });
    registry.add("a/b", other, "v1");
    await using client = new TestClient();

    await expect(put(client.repository(registry), "v1")).rejects.toMatchObject({
      code: "REGISTRY_STATUS",
      message: `PUT http://${registry.name}/v2/a/b/manifests/v1 answered 409: TAG_INVALID: the tag v1 exists and the repository is immutable`,
    });
  });

  test.each([
    [401, "UNAUTHORIZED", "REGISTRY_DENIED"],
    [403, "DENIED", "REGISTRY_DENIED"],
    [405, "DENIED", "REGISTRY_STATUS"],
    [413, "SIZE_INVALID", "REGISTRY_STATUS"],
    [415, "UNSUPPORTED", "REGISTRY_STATUS"],
  ])("is not repeated when the registry answers %d %s", async (status, word, code) => {
    await using registry = await startRegistry();
    registry.on("PUT *", refusal(status, word, "no"));
    await using client = new TestClient();

    await expect(put(client.repository(registry), image.digest)).rejects.toMatchObject({ code });
    expect(registry.count()).toBe(1);
  });

  test("waits for content that the registry does not see yet", async () => {
    await using registry = await startRegistry();
    registry.times(2, "PUT *", refusal(404, "MANIFEST_BLOB_UNKNOWN", "blob unknown"));
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    expect(registry.count()).toBe(3);
    expect(client.clock.slept).toEqual([1_000, 2_000]);
  });

  test("says that the target is incomplete when its content stays unknown", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", refusal(400, "MANIFEST_BLOB_UNKNOWN", "blob unknown"));
    await using client = new TestClient();

    const failure = await put(client.repository(registry), "v1").catch((thrown: unknown) => thrown);

    expect(failure).toBeInstanceOf(TargetIncomplete);
    expect(failure).toMatchObject({ message: expect.stringContaining("MANIFEST_BLOB_UNKNOWN: blob unknown") });
    expect(registry.count("PUT *")).toBe(3);
  });

  test("is repeated when the registry cannot answer at the moment", async () => {
    await using registry = await startRegistry();
    registry.times(2, "PUT *", refusal(503, "UNAVAILABLE", "busy"));
    await using client = new TestClient();

    await put(client.repository(registry), "v1");

    expect(registry.count()).toBe(3);
  });

  test("works with one request at a time", async () => {
    await using registry = await startRegistry();
    registry.on("PUT *", htmlPage(200, "Please log in"));
    await using client = new TestClient({ hosts: { [registry.name]: { concurrency: 1 } } });

    await expect(put(client.repository(registry), "v1")).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  });
});

describe("told to stop", () => {
  test("lets a manifest that is under way arrive", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();
    const stopping = new AbortController();
    registry.on("PUT *", (exchange) => {
      stopping.abort();
      return exchange.usual();
    });

    await client.repository(registry).putManifest("v1", manifestOf(image), { child: false }, stopping.signal);

    expect(registry.repository("a/b").tags.get("v1")).toBe(image.digest);
  });

  test("begins to put none", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    const putting = client
      .repository(registry)
      .putManifest("v1", manifestOf(image), { child: false }, AbortSignal.abort());

    await expect(putting).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(registry.count()).toBe(0);
  });
});
