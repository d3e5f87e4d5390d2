import { describe, expect, test } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { type Digest, digestOf } from "../../src/oci/digest.ts";
import type { HostSettings } from "../../src/registry/settings.ts";
import { FakeHost } from "../support/fake-registry/host.ts";
import { json, refusal } from "../support/fake-registry/replies.ts";
import type { Reply } from "../support/fake-registry/reply.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const tags = Array.from({ length: 150 }, (_, at) => `v${at}`);
const truth = (tag: string): Digest => digestOf(Buffer.from(tag));
const list = "GET /v2/a/b/tags/list";

/** What a client learns of all tags, or of those that are wanted. */
async function digestsFrom(
  client: TestClient,
  registry: { readonly name: string },
  wanted = tags,
): Promise<ReadonlyMap<string, Digest>> {
  const listing = await client.repository(registry).listTagsAndDigests(unhurried());
  return (await listing?.digestsOf(wanted, unhurried())) ?? expect.unreachable("there is such a repository");
}

function clientOf(host: FakeHost, settings: Partial<HostSettings>): TestClient {
  return new TestClient({ hosts: { [host.name]: settings } });
}

/** A host that lists the tags, and answers a vendor's pages. */
async function startHost(pages: Readonly<Record<string, Reply>> = {}): Promise<FakeHost> {
  const host = await FakeHost.start();
  host.on(list, json(200, { tags }));
  for (const [pattern, reply] of Object.entries(pages)) {
    host.on(({ method, target }) => `${method} ${target}` === pattern, reply);
  }
  return host;
}

describe("a list of tags that tells digests along with them", () => {
  const manifest = Object.fromEntries(tags.map((tag) => [truth(tag), { mediaType: "a/b", tag: [tag, `also-${tag}`] }]));

  test("costs no request beyond the list", async () => {
    await using host = await FakeHost.start();
    host.on(list, json(200, { child: [], manifest, name: "a/b", tags }));
    await using client = clientOf(host, { digestListing: "auto" });

    const digests = await digestsFrom(client, host);

    expect(digests.get("v7")).toBe(truth("v7"));
    expect(digests.get("also-v7")).toBe(truth("v7"));
    expect(host.conversation()).toEqual([list]);
  });

  test("is not believed where the user does not want that", async () => {
    await using host = await FakeHost.start();
    host.on(list, json(200, { manifest, tags }));
    await using client = clientOf(host, { digestListing: "off" });

    expect(await digestsFrom(client, host)).toEqual(new Map());
  });

  test.each<[string, unknown]>([
    ["has a text in its place", "none"],
    ["has a list in its place", []],
    ["names something that is no digest", { "sha256:abc": { tag: ["v1"] } }],
    [
      "names a tag twice",
      { [truth("x")]: { tag: ["v1"] }, [truth("y")]: { tag: ["v1"] }, [truth("z")]: { tag: ["v1"] } },
    ],
    ["has tags that are none", { [truth("x")]: { tag: 7 } }],
  ])("says nothing of a tag when it %s", async (_what, value) => {
    await using host = await FakeHost.start();
    host.on(list, json(200, { manifest: value, tags }));
    await using client = clientOf(host, { digestListing: "auto" });

    const listing = await client.repository(host).listTagsAndDigests(unhurried());

    expect(listing?.tags).toEqual(tags);
    expect(await listing?.digestsOf(tags, unhurried())).toEqual(new Map());
  });
});

test("no vendor's interface is asked unless the user wants that", async () => {
  await using host = await startHost();
  await using client = clientOf(host, { digestListing: "auto" });

  expect(await digestsFrom(client, host)).toEqual(new Map());
  expect(host.conversation()).toEqual([list]);
});

const harborPage = (number: number): string =>
  `GET /api/v2.0/projects/a/repositories/b/artifacts?with_tag=true&page_size=100&page=${number}`;
const quayPage = (number: number): string =>
  `GET /api/v1/repository/a/b/tag/?onlyActiveTags=true&limit=100&page=${number}`;
const artifact = (tag: string): object => ({ digest: truth(tag), tags: [{ name: tag }] });
const harborPages = {
  [harborPage(1)]: json(200, [...tags.slice(0, 99).map(artifact), { digest: truth("untagged"), tags: null }]),
  [harborPage(2)]: json(200, tags.slice(99).map(artifact)),
};
const quayTags = (some: readonly string[]): object[] =>
  some.map((name) => ({ name, manifest_digest: truth(name), is_manifest_list: false }));
const quayPages = {
  [quayPage(1)]: json(200, { tags: quayTags(tags.slice(0, 100)), page: 1, has_additional: true }),
  [quayPage(2)]: json(200, { tags: quayTags(tags.slice(100)), page: 2, has_additional: false }),
};

describe("a vendor's own interface", () => {
  test("of Harbor tells up to a hundred artifacts a request, with the registry's login", async () => {
    await using host = await startHost(harborPages);
    const login = { kind: "password", user: "robot", password: new Secret("word") } as const;
    await using client = clientOf(host, { digestListing: "api", login });

    const digests = await digestsFrom(client, host);

    expect([...digests.keys()].toSorted()).toEqual(tags.toSorted());
    expect(digests.get("v149")).toBe(truth("v149"));
    expect(host.conversation()).toEqual([list, harborPage(1), harborPage(2)]);
    expect(host.requests()[1]?.headers["authorization"]).toBe(`Basic ${Buffer.from("robot:word").toString("base64")}`);
  });

  test("of Harbor is asked for repositories with slashes in the way it wants", async () => {
    await using host = await FakeHost.start();
    host.on("GET /v2/a/b/c/tags/list", json(200, { tags }));
    await using client = clientOf(host, { digestListing: "api" });

    const listing = await client.repository(host, "a/b/c").listTagsAndDigests(unhurried());
    await listing?.digestsOf(tags, unhurried());

    expect(host.conversation()[1]).toMatch(/^GET \/api\/v2\.0\/projects\/a\/repositories\/b%252Fc\/artifacts\?/);
  });

  test("of Quay is found where there is no Harbor, and then asked at once, without any login", async () => {
    await using host = await startHost(quayPages);
    const login = { kind: "password", user: "robot", password: new Secret("word") } as const;
    await using client = clientOf(host, { digestListing: "api", login });

    const digests = await digestsFrom(client, host);
    await digestsFrom(client, host);

    expect(digests.get("v149")).toBe(truth("v149"));
    const twoPages = [quayPage(1), quayPage(2)];
    expect(host.conversation()).toEqual([list, harborPage(1), ...twoPages, list, ...twoPages]);
    expect(host.requests("GET /api/v1/*").map(({ headers }) => headers["authorization"])).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("of Docker Hub is on another host, and gets no login", async () => {
    await using registry = await FakeHost.start();
    registry.on("GET /v2/library/b/tags/list", json(200, { tags }));
    await using hub = await FakeHost.start();
    const page = (number: number): string =>
      `GET /v2/namespaces/library/repositories/b/tags?page_size=100&page=${number}`;
    const results = tags.map((name) => ({ name, digest: truth(name), images: [] }));
    hub.once("GET *", json(200, { next: "https://hub.test/more", results: results.slice(0, 100) }));
    hub.once("GET *", json(200, { next: null, results: results.slice(100) }));
    const login = { kind: "password", user: "me", password: new Secret("word") } as const;
    await using client = new TestClient({
      hosts: {
        "docker.io": { hostname: registry.name, digestListing: "api", login },
        "hub.docker.com": { hostname: hub.name },
      },
    });

    const listing = await client.repository({ name: "docker.io" }, "library/b").listTagsAndDigests(unhurried());
    const digests = await listing?.digestsOf(tags, unhurried());

    expect(digests?.get("v149")).toBe(truth("v149"));
    expect(hub.conversation()).toEqual([page(1), page(2)]);
    expect(hub.requests().map(({ headers }) => headers["authorization"])).toEqual([undefined, undefined]);
  });

  test("is left alone where asking for each tag takes no more requests", async () => {
    await using host = await startHost(harborPages);
    await using client = clientOf(host, { digestListing: "api" });

    expect(await digestsFrom(client, host, ["v1", "v2"])).toEqual(new Map());
    expect(host.conversation()).toEqual([list]);
  });

  test("is read no further than needed", async () => {
    await using host = await startHost(harborPages);
    await using client = clientOf(host, { digestListing: "api" });

    const digests = await digestsFrom(client, host, ["v1", "v2", "v3"]);

    expect(digests.get("v3")).toBe(truth("v3"));
    expect(host.conversation()).toEqual([list, harborPage(1)]);
  });

  test("that has no end costs no more than asking for each tag", async () => {
    await using host = await FakeHost.start();
    host.on(list, json(200, { tags: ["v1", "v2", "v3", "v4"] }));
    host.on("GET /api/v2.0/*", json(200, Array(100).fill(artifact("v1"))));
    await using client = clientOf(host, { digestListing: "api" });

    await digestsFrom(client, host, ["v1", "v2", "v3", "v4"]);

    expect(host.conversation()).toHaveLength(1 + 3);
  });

  test.each<[string, Reply]>([
    ["does not let us", refusal(401, "UNAUTHORIZED", "no")],
    ["has trouble", refusal(503, "UNAVAILABLE", "no")],
    ["answers with something else", json(200, { errors: [] })],
    ["answers with no JSON", { status: 200, body: "<html>" }],
    ["answers with artifacts that are none", json(200, ["v1"])],
  ])("that %s costs what it would have told, once for the host", async (_what, reply) => {
    await using host = await FakeHost.start();
    host.on(list, json(200, { tags }));
    host.on("GET /api/*", reply);
    await using client = clientOf(host, { digestListing: "api" });

    expect(await digestsFrom(client, host)).toEqual(new Map());
    expect(await digestsFrom(client, host)).toEqual(new Map());

    expect(host.conversation()).toEqual([list, harborPage(1), quayPage(1), list]);
    expect(client.log.at("warn")).toEqual([]);
    expect(client.clock.slept).toEqual([]);
  });

  test("that breaks off in the middle tells what it told until then", async () => {
    await using host = await startHost({ ...harborPages, [harborPage(2)]: refusal(500, "UNKNOWN", "no") });
    await using client = clientOf(host, { digestListing: "api" });

    const digests = await digestsFrom(client, host);

    expect(digests.size).toBe(99);
    expect(digests.has("v149")).toBe(false);
  });
});
