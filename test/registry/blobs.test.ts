import { describe, expect, test } from "vitest";
import { takeAll } from "../../src/base/limiter.ts";
import { moveBlobsToStorage } from "../support/fake-registry/blob-storage.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { altered, cutShort, gzipped, redirect, refusal, withBody } from "../support/fake-registry/replies.ts";
import { makeBytes } from "../support/images.ts";
import { descriptorOf, drain } from "../support/blobs.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const bytes = makeBytes(1, 3_000_000);
const blob = descriptorOf(bytes);
const get = `GET /v2/a/b/blobs/${blob.digest}`;

async function startRegistry(): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start();
  registry.repository("a/b").addBlob(bytes);
  return registry;
}

async function download(client: TestClient, registry: FakeRegistry, wanted = blob): Promise<Uint8Array> {
  const repository = client.repository(registry);
  using lease = await takeAll(repository.readLimiters, unhurried());
  return await drain(await repository.openBlob(wanted, lease, unhurried()));
}

/** Everything that comes, each piece looked at only after the next one has come: later than that it is not lent. */
async function drainOneBehind(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const copies: Uint8Array[] = [];
  let held: Uint8Array | undefined;
  for await (const chunk of chunks) {
    if (held !== undefined) copies.push(Uint8Array.from(held));
    held = chunk;
  }
  if (held !== undefined) copies.push(held);
  return Buffer.concat(copies);
}

/** The range of each request for the blob, `undefined` for those that want all of it. */
function ranges(registry: FakeRegistry): readonly (string | undefined)[] {
  return registry.requests(get).map(({ headers }) => headers.range);
}

/**
 * Where each request for the blob goes on, in bytes. What was on its way when a connection broke may have been lost,
 * or not: tests look only at what it cannot exceed.
 */
function places(registry: FakeRegistry): readonly number[] {
  return ranges(registry).map((range) => Number(/^bytes=(\d+)-2999999$/.exec(range ?? "bytes=0-2999999")?.[1]));
}

describe("asking whether a blob is there", () => {
  test("takes one HEAD", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();
    const repository = client.repository(registry);

    expect(await repository.hasBlob(blob, unhurried())).toBe(true);
    expect(await repository.hasBlob(descriptorOf(makeBytes(2, 10)), unhurried())).toBe(false);
    expect(registry.requests().map(({ method }) => method)).toEqual(["HEAD", "HEAD"]);
  });

  test("does not count a blob of another size", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    expect(await client.repository(registry).hasBlob({ ...blob, sizeBytes: 10 }, unhurried())).toBe(false);
  });

  test("asks for the first byte where HEAD is not known", async () => {
    await using registry = await startRegistry();
    registry.on("HEAD *", refusal(405, "UNSUPPORTED", "no"));
    await using client = new TestClient();

    const repository = client.repository(registry);

    expect(await repository.hasBlob(blob, unhurried())).toBe(true);
    expect(await repository.hasBlob(descriptorOf(makeBytes(2, 10)), unhurried())).toBe(false);
    expect(ranges(registry)).toEqual(["bytes=0-0"]);
  });

  test("asks for the first byte where HEAD is not wanted", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ hosts: { [registry.name]: { disableHead: true } } });
    const repository = client.repository(registry);

    expect(await repository.hasBlob(blob, unhurried())).toBe(true);
    expect(await repository.hasBlob(descriptorOf(makeBytes(2, 10)), unhurried())).toBe(false);
    expect(registry.count("HEAD *")).toBe(0);
  });

  test("asks for the first byte where the storage that the registry points to forbids HEAD", async () => {
    await using registry = await startRegistry();
    await using storage = await moveBlobsToStorage(registry);
    registry.on("HEAD *", redirect(new URL("/signed-for-get", storage.url)));
    storage.on("HEAD *", { status: 403 });
    await using client = new TestClient();

    expect(await client.repository(registry).hasBlob(blob, unhurried())).toBe(true);
    expect(ranges(registry)).toEqual(["bytes=0-0"]);
  });

  test("fails in the words of the registry when that forbids it", async () => {
    await using registry = await startRegistry();
    registry.on("*", refusal(403, "DENIED", "the project is locked"));
    await using client = new TestClient();

    await expect(client.repository(registry).hasBlob(blob, unhurried())).rejects.toThrow("the project is locked");
  });

  test("fails when it may not know", async () => {
    await using registry = await startRegistry();
    registry.on("HEAD *", { status: 401 });
    await using client = new TestClient();

    await expect(client.repository(registry).hasBlob(blob, unhurried())).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
    });
  });
});

describe("downloading a blob", () => {
  test("takes one request and gives every byte", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient();

    const received = await download(client, registry);

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect(ranges(registry)).toEqual([undefined]);
  });

  test("goes through the storage the registry points to", async () => {
    await using registry = await startRegistry();
    await using storage = await moveBlobsToStorage(registry);
    await using client = new TestClient();

    const received = await download(client, registry);

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect(storage.requests()[0]?.headers).toMatchObject({ "accept-encoding": "identity" });
  });

  test.each(["identity", "aws-chunked", "AWS-chunked, identity"])(
    "takes content that is called %s as it is",
    async (encoding) => {
      await using registry = await startRegistry();
      await using storage = await moveBlobsToStorage(registry);
      storage.on("GET *", { status: 200, headers: { "content-encoding": encoding }, body: bytes });
      await using client = new TestClient();

      expect(Buffer.from(await download(client, registry)).equals(bytes)).toBe(true);
    },
  );

  test("refuses content that was compressed as well", async () => {
    await using registry = await startRegistry();
    registry.on(get, { status: 200, headers: { "content-encoding": "aws-chunked,gzip" }, body: bytes });
    await using client = new TestClient();

    await expect(download(client, registry)).rejects.toThrow('encoded as "aws-chunked,gzip"');
  });

  test.each([
    ["closed", cutShort(1_000_000)],
    ["reset", altered((reply) => ({ ...reply, delivery: { sentBytes: 1_000_000, ending: "reset" as const } }))],
    ["ended without a length", cutShort(1_000_000, "until-close")],
    ["ended in chunks", cutShort(1_000_000, "chunked")],
  ])("goes on where it stopped when the connection is %s", async (_, answer) => {
    await using registry = await startRegistry();
    registry.once(get, answer);
    await using client = new TestClient();

    const received = await download(client, registry);

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect(places(registry)).toHaveLength(2);
    expect(places(registry)[1]).toBeLessThanOrEqual(1_000_000);
  });

  test("asks for the rest at the registry, not at the storage whose address may have expired", async () => {
    await using registry = await startRegistry();
    await using storage = await moveBlobsToStorage(registry);
    storage.once("GET *", { status: 200, body: bytes, delivery: { sentBytes: 1_000_000, ending: "close" } });
    await using client = new TestClient();

    expect(Buffer.from(await download(client, registry)).equals(bytes)).toBe(true);
    expect(places(registry)[1]).toBeGreaterThan(0);
    expect(storage.requests().map(({ headers }) => headers.range)).toEqual(ranges(registry));
  });

  test("goes on behind what it has when the registry sends everything again", async () => {
    await using registry = await startRegistry();
    registry.once(get, cutShort(1_000_000));
    registry.once(get, { status: 200, body: bytes });
    await using client = new TestClient();

    expect(Buffer.from(await download(client, registry)).equals(bytes)).toBe(true);
    expect(registry.count(get)).toBe(2);
  });

  test.each([
    ["breaks", cutShort(10_000)],
    ["ends too early", altered((reply) => ({ ...reply, delivery: { sentBytes: 10_000, length: "chunked" } }))],
  ])("leaves the last piece as it was while the first one after it is looked at when a transfer %s", async (_, cut) => {
    await using registry = await startRegistry();
    registry.once(get, cut);
    await using client = new TestClient({ laneFromBytes: 1 });
    const repository = client.repository(registry);
    using lease = await takeAll(repository.readLimiters, unhurried());

    await using source = await repository.openBlob(blob, lease, unhurried());
    const received = await drainOneBehind(source.chunks);

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect(registry.count(get)).toBe(2);
  });

  test("begins anew when the connection broke before the first byte", async () => {
    await using registry = await startRegistry();
    registry.once(get, cutShort(0));
    await using client = new TestClient();

    expect(Buffer.from(await download(client, registry)).equals(bytes)).toBe(true);
    expect(ranges(registry)).toEqual([undefined, undefined]);
  });

  test("mends any number of breaks that each bring a good piece", async () => {
    await using registry = await startRegistry();
    const large = makeBytes(3, 10_000_000);
    registry.repository("a/b").addBlob(large);
    registry.times(7, "GET *", cutShort(1_300_000));
    await using client = new TestClient();

    expect(Buffer.from(await download(client, registry, descriptorOf(large))).equals(large)).toBe(true);
    expect(registry.count()).toBe(8);
  });

  test("gives up after five breaks that brought almost nothing", async () => {
    await using registry = await startRegistry();
    registry.on(get, cutShort(1_000));
    await using client = new TestClient();

    await expect(download(client, registry)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(registry.count(get)).toBe(6);
    expect(client.clock.slept).toEqual([200, 400, 800, 1_600, 3_200]);
  });

  test.each([
    ["another part", { status: 206, headers: { "content-range": "bytes 5-9/3000000" }, body: "12345" }],
    ["a part of something else", { status: 206, headers: { "content-range": "bytes 1000-1999/2000" }, body: "1" }],
    ["a part that says nothing", { status: 206, body: "12345" }],
  ])("refuses to go on with %s", async (_, answer) => {
    await using registry = await startRegistry();
    registry.once(get, cutShort(1_000));
    registry.on(get, answer);
    await using client = new TestClient();

    await expect(download(client, registry)).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  });

  test("does not wait for the body of a 416 that is shorter than announced", async () => {
    await using registry = await startRegistry();
    registry.once(get, cutShort(1_000));
    registry.on(get, { status: 416, body: "no", delivery: { length: 3_000_000, ending: "stall" } });
    await using client = new TestClient();

    await expect(download(client, registry)).rejects.toMatchObject({ code: "REGISTRY_STATUS" });
  });

  test.each([
    ["announces another size", withBody("short"), "SIZE_MISMATCH"],
    [
      "sends more than the manifest says",
      altered((reply) => ({ ...reply, body: makeBytes(4, 3_000_001), delivery: { length: "chunked" as const } })),
      "SIZE_MISMATCH",
    ],
    ["compresses it", gzipped, "REGISTRY_ANSWER_INVALID"],
    ["sends a part nobody asked for", altered((reply) => ({ ...reply, status: 206 })), "REGISTRY_ANSWER_INVALID"],
    ["is not allowed to send it", refusal(403, "DENIED", "no"), "REGISTRY_DENIED"],
  ])("fails when the registry %s", async (_, answer, code) => {
    await using registry = await startRegistry();
    registry.on(get, answer);
    await using client = new TestClient();

    await expect(download(client, registry)).rejects.toMatchObject({ code });
  });

  test("takes the size of a blob without one from the registry", async () => {
    await using registry = await startRegistry();
    registry.once(get, cutShort(1_000_000));
    await using client = new TestClient();

    const received = await download(client, registry, { ...blob, sizeBytes: undefined });

    expect(Buffer.from(received).equals(bytes)).toBe(true);
    expect(places(registry)[1]).toBeGreaterThan(0);
  });

  test("says which blob is missing where", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();

    await expect(download(client, registry)).rejects.toMatchObject({
      code: "BLOB_NOT_FOUND",
      message: `${registry.name}/a/b has no blob ${blob.digest}`,
    });
  });

  test("does not follow the addresses of foreign content without TLS", async () => {
    await using elsewhere = await startRegistry();
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();
    const urls = [
      `${elsewhere.url.href}v2/a/b/blobs/${blob.digest}`,
      "file:///etc/passwd",
      "https://u:p@h.test/x",
      "x",
    ];

    await expect(download(client, registry, { ...blob, urls })).rejects.toMatchObject({ code: "BLOB_NOT_FOUND" });
    expect(elsewhere.count()).toBe(0);
  });

  test("gives its slot back when it is left half read", async () => {
    await using registry = await startRegistry();
    await using client = new TestClient({ hosts: { [registry.name]: { concurrency: 1 } } });
    const repository = client.repository(registry);
    {
      using lease = await takeAll(repository.readLimiters, unhurried());
      await using half = await repository.openBlob(blob, lease, unhurried());
      for await (const _ of half.chunks) break;
    }

    expect(repository.readLimiters[0]?.taken).toBe(0);
    expect(await repository.hasBlob(blob, unhurried())).toBe(true);
  });

  test("stops in the middle on an abort", async () => {
    await using registry = await startRegistry();
    registry.on(
      get,
      altered((reply) => ({ ...reply, delivery: { sentBytes: 100_000, ending: "stall" as const } })),
    );
    await using client = new TestClient();
    const repository = client.repository(registry);
    const stop = new AbortController();
    using lease = await takeAll(repository.readLimiters, unhurried());
    await using half = await repository.openBlob(blob, lease, stop.signal);

    const reading = (async () => {
      for await (const _ of half.chunks) stop.abort();
    })();

    await expect(reading).rejects.toMatchObject({ code: "INTERRUPTED" });
  });

  test("goes on when a connection is there and nothing comes any more", async () => {
    await using registry = await startRegistry();
    const stalling = altered((reply) => ({ ...reply, delivery: { sentBytes: 1_000, ending: "stall" as const } }));
    registry.once(get, stalling);
    await using client = new TestClient();

    const receiving = download(client, registry);
    await expect.poll(() => client.clock.alarms).toBe(1);
    client.clock.advance(60_000);

    expect(Buffer.from(await receiving).equals(bytes)).toBe(true);
    expect(places(registry)).toHaveLength(2);
  });
});
