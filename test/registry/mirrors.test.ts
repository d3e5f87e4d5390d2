import { describe, expect, test } from "vitest";
import { takeAll } from "../../src/base/limiter.ts";
import { readOrder } from "../../src/registry/mirrors.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { json, refusal } from "../support/fake-registry/replies.ts";
import { CountedContent, descriptorOf, drain } from "../support/blobs.ts";
import { hostSettings } from "../support/host-settings.ts";
import { makeBytes, makeImage } from "../support/images.ts";
import { TestClient, type TestClientOptions, unhurried } from "../support/registry-client.ts";

const image = makeImage({ seed: 1 });
const bytes = makeBytes(1, 1_000_000);
const blob = descriptorOf(bytes);

describe("the order in which hosts are asked", () => {
  const registry = hostSettings("registry.test", { priority: 9 });
  const [a, b, c] = ["a.test", "b.test", "c.test"].map((name) => hostSettings(name));
  const high = hostSettings("high.test", { priority: 5 });
  const namesOf = (mirrors: Parameters<typeof readOrder>[0], troubled: readonly string[] = []): string[] =>
    readOrder(mirrors, registry, ({ name }) => troubled.includes(name)).map(({ name }) => name);

  test("is the registry alone without mirrors", () => {
    expect(namesOf([])).toEqual(["registry.test"]);
  });

  test("is the highest priority first, then as they are listed, then the registry itself", () => {
    expect(namesOf([a, b, high, c].filter((host) => host !== undefined))).toEqual([
      "high.test",
      "a.test",
      "b.test",
      "c.test",
      "registry.test",
    ]);
  });

  test("puts hosts in trouble behind all others", () => {
    const mirrors = [high, a, b].filter((host) => host !== undefined);

    expect(namesOf(mirrors, ["high.test", "a.test"])).toEqual(["b.test", "registry.test", "high.test", "a.test"]);
  });
});

/** A registry that has an image and a blob, and a mirror in front of it that has nothing. */
async function startBoth(options: TestClientOptions = {}) {
  const registry = await FakeRegistry.start();
  registry.add("a/b", image, "v1");
  registry.repository("a/b").addBlob(bytes);
  const mirror = await FakeRegistry.start();
  const client = new TestClient({
    ...options,
    hosts: { [registry.name]: { mirrors: [mirror.name] }, ...options.hosts },
  });
  const stop = async (): Promise<void> => {
    await client[Symbol.asyncDispose]();
    await registry[Symbol.asyncDispose]();
    await mirror[Symbol.asyncDispose]();
  };
  return { registry, mirror, client, repository: client.repository(registry), [Symbol.asyncDispose]: stop };
}

describe("reading through a mirror", () => {
  test("asks the mirror alone when it has what is wanted, and tells it whose it is", async () => {
    await using hosts = await startBoth();
    hosts.mirror.add("a/b", image, "v1");

    expect((await hosts.repository.headManifest("v1", unhurried()))?.digest).toBe(image.digest);
    expect(hosts.mirror.conversation()).toEqual([`HEAD /v2/a/b/manifests/v1?ns=${hosts.registry.name}`]);
    expect(hosts.registry.count()).toBe(0);
  });

  test.each([400, 401, 403, 404, 405, 416, 429, 500, 502, 503, 504])(
    "asks the registry, once, when the mirror answers %d",
    async (status) => {
      await using hosts = await startBoth();
      hosts.mirror.on("*", { status });

      expect((await hosts.repository.getManifest("v1", unhurried()))?.digest).toBe(image.digest);
      expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([1, 1]);
    },
  );

  test("asks the registry when the mirror cannot be reached", async () => {
    await using hosts = await startBoth();
    await hosts.mirror[Symbol.asyncDispose]();
    hosts.mirror[Symbol.asyncDispose] = () => Promise.resolve();

    expect((await hosts.repository.getManifest("v1", unhurried()))?.digest).toBe(image.digest);
  });

  test("believes the registry that there is no such thing, without asking the mirror again", async () => {
    await using hosts = await startBoth();
    hosts.mirror.on("*", { status: 502 });

    expect(await hosts.repository.getManifest("v2", unhurried())).toBeUndefined();
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([1, 1]);
  });

  test("goes round six times in all when nobody can answer, and fails as the registry does", async () => {
    await using hosts = await startBoth();
    hosts.mirror.on("*", { status: 502 });
    hosts.registry.on("*", refusal(503, "UNAVAILABLE", "down for repair"));

    await expect(hosts.repository.getManifest("v1", unhurried())).rejects.toThrow(
      `http://${hosts.registry.name}/v2/a/b/manifests/v1 answered 503: UNAVAILABLE: down for repair`,
    );
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([3, 3]);
  });

  test("leaves a mirror in trouble for later", async () => {
    await using hosts = await startBoth();
    hosts.mirror.on("*", { status: 502 });
    await hosts.repository.headManifest("v1", unhurried());
    hosts.mirror.forget();
    hosts.registry.forget();

    // Right after, before the mirror's pause is over.
    await hosts.repository.headManifest("v1", unhurried());

    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([0, 1]);
  });

  test("uses the mirror's own path, and asks for it", async () => {
    await using hosts = await startBoth();
    await using client = new TestClient({
      hosts: {
        [hosts.registry.name]: { mirrors: [hosts.mirror.name] },
        [hosts.mirror.name]: { pathPrefix: "proxy/hub", disableHead: true },
      },
    });
    hosts.mirror.add("proxy/hub/a/b", image, "v1");

    expect((await client.repository(hosts.registry).headManifest("v1", unhurried()))?.digest).toBe(image.digest);
    expect(hosts.mirror.conversation()).toEqual([`GET /v2/proxy/hub/a/b/manifests/v1?ns=${hosts.registry.name}`]);
  });

  test("tells a second name of the registry itself nothing", async () => {
    await using registry = await FakeRegistry.start();
    registry.add("a/b", image, "v1");
    await using client = new TestClient({
      hosts: {
        "one.test": { hostname: registry.name, mirrors: ["two.test"] },
        "two.test": { hostname: registry.name },
      },
    });

    await client.repository({ name: "one.test" }).headManifest("v1", unhurried());

    expect(registry.conversation()).toEqual(["HEAD /v2/a/b/manifests/v1"]);
  });

  test("goes on with the same mirror for the pages of a list", async () => {
    await using hosts = await startBoth();
    const list = "GET /v2/a/b/tags/list";
    const link = '</v2/a/b/tags/list?last=a>; rel="next"';
    hosts.mirror.once(list, json(200, { tags: ["a"] }, { link }));
    hosts.mirror.once(list, json(200, { tags: ["b"] }));

    expect(await hosts.repository.listTags(unhurried())).toEqual(["a", "b"]);
    expect(hosts.mirror.conversation()[1]).toBe(`${list}?last=a&ns=${hosts.registry.name}`);
    expect(hosts.registry.count()).toBe(0);
  });

  test("downloads from the mirror what it has, and the rest elsewhere when it breaks for good", async () => {
    await using hosts = await startBoth();
    hosts.mirror.once("GET *", { status: 200, body: bytes, delivery: { sentBytes: 400_000, ending: "close" } });
    hosts.mirror.on("GET *", { status: 404 });
    using lease = await takeAll(hosts.repository.readLimiters, unhurried());

    const received = await drain(await hosts.repository.openBlob(blob, lease, unhurried()));

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect(hosts.registry.requests()[0]?.headers.range).toMatch(/^bytes=\d+-999999$/);
    expect(hosts.registry.count()).toBe(1);
  });

  test("downloads the rest from the registry when the mirror breaks off wherever it is asked to begin", async () => {
    await using hosts = await startBoth();
    hosts.mirror.on("GET *", { status: 200, body: bytes, delivery: { sentBytes: 400_000, ending: "close" } });
    using lease = await takeAll(hosts.repository.readLimiters, unhurried());

    const received = await drain(await hosts.repository.openBlob(blob, lease, unhurried()));

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([1, 1]);
  });

  test("goes on with a mirror that broke off when the registry does not have the blob any more", async () => {
    await using hosts = await startBoth();
    hosts.mirror.repository("a/b").addBlob(bytes);
    hosts.mirror.once("GET *", { status: 200, body: bytes, delivery: { sentBytes: 400_000, ending: "close" } });
    hosts.registry.on("GET *", refusal(404, "BLOB_UNKNOWN", "it was removed"));
    using lease = await takeAll(hosts.repository.readLimiters, unhurried());

    const received = await drain(await hosts.repository.openBlob(blob, lease, unhurried()));

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([2, 1]);
  });

  test.each([
    ["is shorter", { body: bytes.subarray(0, 999_000) }],
    ["is another document", { headers: { "content-type": "text/html" }, body: "<html>Sign in</html>" }],
    ["is encoded", { headers: { "content-encoding": "gzip" }, body: bytes }],
  ])("downloads a blob from the registry when what the mirror announces %s", async (_what, answer) => {
    await using hosts = await startBoth();
    hosts.mirror.on("GET *", { status: 200, ...answer });
    using lease = await takeAll(hosts.repository.readLimiters, unhurried());

    const received = await drain(await hosts.repository.openBlob(blob, lease, unhurried()));

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([1, 1]);
  });

  test("fails as the registry does when nobody has a blob of the right size", async () => {
    await using hosts = await startBoth();
    hosts.mirror.on("GET *", { status: 200, body: bytes.subarray(0, 1_000) });
    hosts.registry.on("GET *", { status: 200, body: bytes.subarray(0, 2_000) });
    using lease = await takeAll(hosts.repository.readLimiters, unhurried());

    await expect(hosts.repository.openBlob(blob, lease, unhurried())).rejects.toThrow("only 2000 came");
  });

  test("reads a document from the registry when that of the mirror is damaged", async () => {
    await using hosts = await startBoth();
    hosts.mirror.on("GET *", json(200, { schemaVersion: 2 }));

    expect((await hosts.repository.getManifest(image.digest, unhurried()))?.digest).toBe(image.digest);
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([1, 1]);
  });

  test("reads a list from the registry when that of the mirror breaks off", async () => {
    await using hosts = await startBoth();
    const delivery = { sentBytes: 5, ending: "close" } as const;
    hosts.mirror.on("GET *", { status: 200, body: '{"tags":["v1"]}', delivery });

    expect(await hosts.repository.listTags(unhurried())).toEqual(["v1"]);
    expect([hosts.mirror.count(), hosts.registry.count()]).toEqual([1, 1]);
  });

  test("needs the slots of every host that may be asked", async () => {
    await using hosts = await startBoth();

    expect(hosts.repository.readLimiters).toHaveLength(2);
    expect(hosts.repository.writeLimiters).toEqual(hosts.repository.readLimiters.slice(1));
  });
});

describe("writing", () => {
  test("never goes to a mirror", async () => {
    await using hosts = await startBoth();
    const other = makeBytes(2, 1_000);
    using lease = await takeAll(hosts.repository.writeLimiters, unhurried());

    await hosts.repository.writeBlob(
      descriptorOf(other),
      undefined,
      CountedContent.of(other).opener,
      lease,
      unhurried(),
    );

    expect(hosts.mirror.count()).toBe(0);
  });

  test("does not rely on a blob that only a mirror has", async () => {
    await using hosts = await startBoth();
    const other = makeBytes(2, 1_000);
    hosts.mirror.repository("a/b").addBlob(other);

    expect(await hosts.repository.hasBlob(descriptorOf(other), unhurried())).toBe(false);
    expect(hosts.mirror.count()).toBe(0);
  });
});
