import { describe, expect, test } from "vitest";
import { digestOf, parseDigest } from "../../src/oci/digest.ts";
import { manifestLimitBytes } from "../../src/oci/manifest.ts";
import { acceptedManifests } from "../../src/oci/media-type.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import {
  altered,
  cutShort,
  gzipped,
  htmlPage,
  redirect,
  refusal,
  withBody,
  withHeaders,
  withoutHeaders,
} from "../support/fake-registry/replies.ts";
import { makeImage } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const image = makeImage({ seed: 1 });
const other = makeImage({ seed: 2 });

async function startRegistry(): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start();
  registry.add("a/b", image, "v1");
  return registry;
}

describe("asking what a name stands for", () => {
  test("takes one HEAD, which lists every type that can be mirrored", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    const head = await client.repository(registry).headManifest("v1", unhurried());

    expect(head).toEqual({
      digest: image.digest,
      mediaType: image.mediaType,
      sizeBytes: image.bytes.byteLength,
      rateLimit: undefined,
    });
    expect(registry.conversation()).toEqual(["HEAD /v2/a/b/manifests/v1"]);
    expect(registry.requests()[0]?.headers).toMatchObject({
      accept: acceptedManifests.join(", "),
      "user-agent": "regsync-test",
      "accept-encoding": "identity",
    });
  });

  test("keeps connections for the questions that follow", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    for (let asked = 0; asked < 20; asked++) await client.repository(registry).headManifest("v1", unhurried());

    expect(registry.count()).toBe(20);
    // A connection is free again a moment after its answer: whoever is quicker takes a second one, and then the first.
    expect(registry.host.connections).toBeLessThanOrEqual(2);
  });

  test("passes on what the host says of its quota", async () => {
    await using registry = await startRegistry();
    registry.on("HEAD *", withHeaders({ "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600" }));
    await using client = new TestClient();

    const head = await client.repository(registry).headManifest("v1", unhurried());

    expect(head?.rateLimit).toEqual({ limit: 100, remaining: 76 });
  });

  test("is answered with nothing for a tag or repository that is not there", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    expect(await client.repository(registry).headManifest("v2", unhurried())).toBeUndefined();
    expect(await client.repository(registry, "no/where").headManifest("v1", unhurried())).toBeUndefined();
  });

  test.each([
    ["says no digest", withoutHeaders("docker-content-digest")],
    ["says no type", withoutHeaders("content-type")],
    ["says a type that means nothing", withHeaders({ "content-type": "application/json; charset=utf-8" })],
    ["knows no HEAD", refusal(405, "UNSUPPORTED", "no")],
    ["cannot do a HEAD", refusal(501, "", "")],
  ])("downloads the manifest when the host %s", async (_, answer) => {
    await using registry = await startRegistry();
    registry.on("HEAD *", answer);
    await using client = new TestClient();

    const head = await client.repository(registry).headManifest("v1", unhurried());

    expect(head).toMatchObject({ digest: image.digest, mediaType: image.mediaType, sizeBytes: image.bytes.byteLength });
    expect(registry.conversation()).toEqual(["HEAD /v2/a/b/manifests/v1", "GET /v2/a/b/manifests/v1"]);
  });

  test("sends no HEAD to a host that is said to have none", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ hosts: { [registry.name]: { disableHead: true } } });

    const head = await client.repository(registry).headManifest("v1", unhurried());

    expect(head?.digest).toBe(image.digest);
    expect(registry.conversation()).toEqual(["GET /v2/a/b/manifests/v1"]);
  });

  test("works with one request at a time even when a HEAD is not enough", async () => {
    await using registry = await startRegistry();
    registry.on("HEAD *", withoutHeaders("docker-content-digest"));
    await using client = new TestClient({ hosts: { [registry.name]: { concurrency: 1 } } });

    expect((await client.repository(registry).headManifest("v1", unhurried()))?.digest).toBe(image.digest);
  });

  test("refuses another digest than the one that was asked for", async () => {
    await using registry = await startRegistry();
    registry.on("HEAD *", withHeaders({ "docker-content-digest": other.digest }));
    await using client = new TestClient();

    await expect(client.repository(registry).headManifest(image.digest, unhurried())).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      expected: image.digest,
      received: other.digest,
    });
  });

  test("fails as denied, in the words of the registry, when it may not look", async () => {
    await using registry = await startRegistry();
    registry.on("GET *", refusal(403, "DENIED", "requested access to the resource is denied"));
    await using client = new TestClient({ hosts: { [registry.name]: { disableHead: true } } });

    await expect(client.repository(registry).headManifest("v1", unhurried())).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
      message: `GET http://${registry.name}/v2/a/b/manifests/v1 answered 403: DENIED: requested access to the resource is denied`,
    });
  });

  test("stops on an abort", async () => {
    await using registry = await startRegistry();
    registry.on("HEAD *", "silence");
    await using client = new TestClient();
    const stop = new AbortController();

    const asked = client.repository(registry).headManifest("v1", stop.signal);
    setImmediate(() => stop.abort());

    await expect(asked).rejects.toMatchObject({ code: "INTERRUPTED" });
  });
});

describe("downloading a manifest", () => {
  test("gives exactly the bytes that were stored, by tag and by digest", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    const byTag = await client.repository(registry).getManifest("v1", unhurried());
    const byDigest = await client.repository(registry).getManifest(image.digest, unhurried());

    expect(Buffer.from(byTag?.bytes ?? []).equals(image.bytes)).toBe(true);
    expect(byTag?.digest).toBe(image.digest);
    expect(byDigest).toEqual(byTag);
  });

  test("is answered with nothing for what is not there", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    expect(await client.repository(registry).getManifest(other.digest, unhurried())).toBeUndefined();
  });

  test("verifies the digest that was asked for, whatever the host announces", async () => {
    await using registry = await startRegistry();
    registry.on(
      "GET *",
      altered((reply) => ({
        ...reply,
        headers: { ...reply.headers, "docker-content-digest": other.digest },
        body: other.bytes,
      })),
    );
    await using client = new TestClient();

    await expect(client.repository(registry).getManifest(image.digest, unhurried())).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
    });
  });

  test("verifies the digest that is announced for a tag", async () => {
    await using registry = await startRegistry();
    registry.on("GET *", withBody(other.bytes));
    await using client = new TestClient();

    await expect(client.repository(registry).getManifest("v1", unhurried())).rejects.toMatchObject({
      code: "DIGEST_MISMATCH",
      expected: image.digest,
    });
  });

  test("verifies a sha512 digest although the host answers with its sha256", async () => {
    await using registry = await startRegistry();
    const digest = digestOf(image.bytes, "sha512");
    registry.repository("a/b").manifests.set(digest, { mediaType: image.mediaType, bytes: image.bytes });
    registry.on("GET *", withHeaders({ "docker-content-digest": image.digest }));
    await using client = new TestClient();

    expect((await client.repository(registry).getManifest(digest, unhurried()))?.digest).toBe(digest);
  });

  test("asks again when the body breaks off", async () => {
    await using registry = await startRegistry();
    registry.once("GET *", cutShort(20));
    await using client = new TestClient();

    const manifest = await client.repository(registry).getManifest("v1", unhurried());

    expect(manifest?.digest).toBe(image.digest);
    expect(registry.count()).toBe(2);
  });

  test("asks again when the body ends early and nobody said how long it is", async () => {
    await using registry = await startRegistry();
    registry.once("GET *", cutShort(20, "until-close"));
    await using client = new TestClient();

    expect((await client.repository(registry).getManifest("v1", unhurried()))?.digest).toBe(image.digest);
  });

  test("refuses a digest of an algorithm that cannot be verified, without asking", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();
    const digest = `blake3:${"0".repeat(64)}`;

    await expect(client.repository(registry).getManifest(digest, unhurried())).rejects.toMatchObject({
      code: "DIGEST_INVALID",
    });
    expect(registry.count()).toBe(0);
  });

  test.each([
    ["too long by its announcement", withBody(new Uint8Array(manifestLimitBytes + 1)), "MANIFEST_TOO_LARGE"],
    [
      "too long without announcing it",
      altered((reply) => ({
        ...reply,
        body: new Uint8Array(manifestLimitBytes + 1),
        delivery: { length: "chunked" as const },
      })),
      "MANIFEST_TOO_LARGE",
    ],
    ["a page for people", htmlPage(200, "Welcome"), "MANIFEST_INVALID"],
    ["compressed without having been asked to", gzipped, "REGISTRY_ANSWER_INVALID"],
    ["a redirect into nowhere", redirect("gopher://h.test/"), "REDIRECT_REFUSED"],
  ])("refuses an answer that is %s", async (_, answer, code) => {
    await using registry = await startRegistry();
    registry.on("GET *", answer);
    await using client = new TestClient();

    await expect(client.repository(registry).getManifest("v1", unhurried())).rejects.toMatchObject({ code });
  });

  test("names what is too large", async () => {
    await using registry = await startRegistry();
    registry.on("GET *", withBody(new Uint8Array(manifestLimitBytes + 1)));
    await using client = new TestClient();

    await expect(client.repository(registry).getManifest("v1", unhurried())).rejects.toThrow(
      `${registry.name}/a/b:v1 is larger than 8388608 bytes, which is the limit for manifests`,
    );
  });
});

describe("keeping manifests", () => {
  const cache = { count: 10, timeMs: 60_000 };

  test("asks for a digest once while it is kept, and for a tag every time", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ cache });
    const repository = client.repository(registry);

    await repository.getManifest("v1", unhurried());
    await repository.getManifest("v1", unhurried());
    const kept = await client.repository(registry).getManifest(image.digest, unhurried());

    expect(kept?.digest).toBe(image.digest);
    expect(registry.conversation()).toEqual(["GET /v2/a/b/manifests/v1", "GET /v2/a/b/manifests/v1"]);
  });

  test("asks again once the time since the last use is over", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ cache });
    const repository = client.repository(registry);

    await repository.getManifest(image.digest, unhurried());
    client.clock.advance(50_000);
    await repository.getManifest(image.digest, unhurried());
    client.clock.advance(50_000);
    await repository.getManifest(image.digest, unhurried());
    client.clock.advance(60_001);
    await repository.getManifest(image.digest, unhurried());

    expect(registry.count()).toBe(2);
  });

  test("keeps repositories apart", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ cache });

    await client.repository(registry).getManifest(image.digest, unhurried());

    expect(await client.repository(registry, "no/where").getManifest(image.digest, unhurried())).toBeUndefined();
  });

  test("never takes what is kept for a proof that it is still there", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ cache });
    const repository = client.repository(registry);

    await repository.getManifest(image.digest, unhurried());
    registry.repository("a/b").manifests.delete(parseDigest(image.digest));

    expect(await repository.headManifest(image.digest, unhurried())).toBeUndefined();
  });
});
