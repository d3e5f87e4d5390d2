import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { takeAll } from "../../src/base/limiter.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { digestOf } from "../../src/oci/digest.ts";
import type { BlobWrite, OpenContent } from "../../src/oci/store.ts";
import { CountedContent, descriptorOf } from "../support/blobs.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { FakeHost } from "../support/fake-registry/host.ts";
import type { Answer } from "../support/fake-registry/reply.ts";
import {
  acceptOnly,
  altered,
  breakUploadAfter,
  htmlPage,
  refusal,
  withHeaders,
  withoutHeaders,
} from "../support/fake-registry/replies.ts";
import { makeBytes } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";

const bytes = makeBytes(1, 300_000);
const blob = descriptorOf(bytes);
const begin = "POST /v2/a/b/blobs/uploads/";

interface Writing {
  readonly descriptor?: Descriptor;
  readonly open?: OpenContent;
  /** A repository to mount from, or `nowhere`. */
  readonly from?: string;
  readonly signal?: AbortSignal;
}

async function write(client: TestClient, registry: FakeRegistry, writing: Writing = {}): Promise<BlobWrite> {
  const { descriptor = blob, open = CountedContent.of(bytes).opener, from, signal = unhurried() } = writing;
  const repository = client.repository(registry);
  using lease = await takeAll(repository.writeLimiters, unhurried());
  const mountFrom = from === undefined || from === "nowhere" ? from : client.repository(registry, from);
  return await repository.writeBlob(descriptor, mountFrom, open, lease, signal);
}

/** What was asked, with the changing parts of addresses left out. */
function conversation(registry: FakeRegistry): readonly string[] {
  return registry.requests().map(({ method, path, query }) => {
    const place = path.replace(/uploads\/[^/]+$/, "uploads/…").replace("/v2/a/b/blobs/", "");
    const shown = ["mount", "from", "digest", "digest-algorithm"].filter((key) => query.has(key));
    return `${method} ${place}${shown.length === 0 ? "" : `?${shown.join("&")}`}`;
  });
}

/** Whether the blob has arrived: a fake registry keeps nothing that does not fit its digest. */
function isStored(registry: FakeRegistry, digest = blob.digest): boolean {
  return registry.repository("a/b").blobs.has(digest);
}

describe("a mount", () => {
  test("from another repository of the host sends nothing", async () => {
    await using registry = await FakeRegistry.start();
    registry.repository("c/d").addBlob(bytes);
    await using client = new TestClient();
    const content = CountedContent.of(bytes);

    expect(await write(client, registry, { from: "c/d", open: content.opener })).toEqual({ kind: "mounted" });
    expect(content.opened).toBe(0);
    expect(registry.conversation()).toEqual([`${begin}?mount=${blob.digest}&from=c/d`]);
  });

  test("without a repository is tried first: some hosts find the blob by themselves", async () => {
    await using registry = await FakeRegistry.start({ anonymousMount: true });
    registry.repository("c/d").addBlob(bytes);
    await using client = new TestClient();

    expect(await write(client, registry)).toEqual({ kind: "mounted" });
    expect(registry.conversation()).toEqual([`${begin}?mount=${blob.digest}`]);
  });

  test("is not asked for where the blob is to be sent", async () => {
    await using registry = await FakeRegistry.start({ anonymousMount: true });
    registry.repository("c/d").addBlob(bytes);
    await using client = new TestClient();

    expect(await write(client, registry, { from: "nowhere" })).toEqual({ kind: "uploaded" });
    expect(conversation(registry)).toEqual(["POST uploads/", "PUT uploads/…?digest"]);
  });

  test("that opens an upload instead saves another request for one", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();

    expect(await write(client, registry, { from: "c/d" })).toEqual({ kind: "uploaded" });
    expect(conversation(registry)).toEqual(["POST uploads/?mount&from", "PUT uploads/…?digest"]);
  });

  test.each([400, 401, 403, 404, 405, 500, 503])("that is answered %d is no failure", async (status) => {
    await using registry = await FakeRegistry.start();
    registry.on(({ query }) => query.has("mount"), { status });
    await using client = new TestClient();

    expect(await write(client, registry, { from: "c/d" })).toEqual({ kind: "uploaded" });
    expect(conversation(registry)).toEqual(["POST uploads/?mount&from", "POST uploads/", "PUT uploads/…?digest"]);
    expect(client.clock.slept).toEqual([]);
  });

  test("without a repository is not tried again on a host that refused one", async () => {
    await using registry = await FakeRegistry.start();
    registry.on(({ query }) => query.has("mount"), refusal(405, "UNSUPPORTED", "no"));
    await using client = new TestClient();

    await write(client, registry);
    registry.forget();
    await write(client, registry);

    expect(conversation(registry)).toEqual(["POST uploads/", "PUT uploads/…?digest"]);
  });

  test("names repositories as the host knows them", async () => {
    await using registry = await FakeRegistry.start();
    registry.repository("team/c/d").addBlob(bytes);
    await using client = new TestClient({ hosts: { [registry.name]: { pathPrefix: "team" } } });

    await write(client, registry, { from: "c/d" });

    expect(registry.conversation()).toEqual([`POST /v2/team/a/b/blobs/uploads/?mount=${blob.digest}&from=team/c/d`]);
  });
});

describe("an upload in one request", () => {
  test("is what happens first, with the whole length announced", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();
    const content = CountedContent.of(bytes);

    expect(await write(client, registry, { open: content.opener })).toEqual({ kind: "uploaded" });

    const put = registry.requests("PUT *")[0];
    expect(put?.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "300000",
    });
    expect(put?.headers).not.toHaveProperty("transfer-encoding");
    expect(isStored(registry)).toBe(true);
    expect([content.opened, content.open]).toEqual([1, 0]);
  });

  test("keeps the address byte for byte", async () => {
    await using registry = await FakeRegistry.start({ absoluteLocations: true });
    await using client = new TestClient();

    await write(client, registry);

    expect(registry.requests("PUT *")[0]?.target).toMatch(/\?_state=a%20b\(~\)%2B0&digest=sha256:[0-9a-f]{64}$/);
  });

  test("works for a blob without a single byte", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();
    const empty = new Uint8Array();
    const descriptor = descriptorOf(empty);

    await write(client, registry, { descriptor, open: CountedContent.of(empty).opener });

    expect(isStored(registry, descriptor.digest)).toBe(true);
  });

  test("says which algorithm a digest has that is not the usual one", async () => {
    await using registry = await FakeRegistry.start();
    registry.on(({ query }) => query.has("mount"), { status: 405 });
    await using client = new TestClient();
    const descriptor = descriptorOf(bytes, { digest: digestOf(bytes, "sha512") });

    await write(client, registry, { descriptor });

    expect(conversation(registry)).toContain("POST uploads/?digest-algorithm");
    expect(isStored(registry, descriptor.digest)).toBe(true);
  });

  test("asks for permission before it touches the source", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("POST *", refusal(403, "DENIED", "you may not push here"));
    await using client = new TestClient();
    const content = CountedContent.of(bytes);

    await expect(write(client, registry, { open: content.opener })).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
      message: expect.stringContaining("answered 403: DENIED: you may not push here"),
    });
    expect(content.opened).toBe(0);
  });

  test("is begun anew, from the first byte, when the connection breaks", async () => {
    await using registry = await FakeRegistry.start();
    registry.once("PUT *", breakUploadAfter(100_000));
    await using client = new TestClient();
    const content = CountedContent.of(bytes);

    expect(await write(client, registry, { open: content.opener })).toEqual({ kind: "uploaded" });
    expect([content.opened, content.open]).toEqual([2, 0]);
    expect(isStored(registry)).toBe(true);
    expect(registry.uploads.open).toBe(0);
  });

  test("is not sent twice when only the answer got lost", async () => {
    await using registry = await FakeRegistry.start();
    registry.once("PUT *", async (exchange) => {
      await exchange.usual();
      return { status: 504 };
    });
    await using client = new TestClient();
    const content = CountedContent.of(bytes);

    expect(await write(client, registry, { open: content.opener })).toEqual({ kind: "uploaded" });
    expect(content.opened).toBe(1);
    // A host that is still busy with what it got is not disturbed.
    expect(conversation(registry).slice(-2)).toEqual(["PUT uploads/…?digest", `HEAD ${blob.digest}`]);
  });

  test.each([
    [400, "BLOB_UPLOAD_INVALID"],
    [404, "BLOB_UPLOAD_UNKNOWN"],
    [400, "DIGEST_INVALID"],
    [502, "UNKNOWN"],
    [429, "TOOMANYREQUESTS"],
  ])("gets another session after %d %s", async (status, code) => {
    await using registry = await FakeRegistry.start();
    registry.once("PUT *", async (exchange) => {
      await exchange.readBody();
      return refusal(status, code, "no");
    });
    await using client = new TestClient();

    expect(await write(client, registry)).toEqual({ kind: "uploaded" });
    expect(registry.count(begin)).toBe(2);
    expect(isStored(registry)).toBe(true);
  });

  test.each([
    [401, "UNAUTHORIZED", "REGISTRY_DENIED"],
    [403, "DENIED", "REGISTRY_DENIED"],
    [400, "NAME_INVALID", "REGISTRY_STATUS"],
    [409, "CONFLICT", "REGISTRY_STATUS"],
  ])("fails for good after %d %s, and forgets the session", async (status, code, failure) => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", refusal(status, code, "no"));
    await using client = new TestClient();

    await expect(write(client, registry)).rejects.toMatchObject({ code: failure });
    expect(conversation(registry)).toEqual(["POST uploads/?mount", "PUT uploads/…?digest", "DELETE uploads/…"]);
    expect(registry.uploads.open).toBe(0);
  });

  test("stops sending when it is refused in the middle", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", refusal(403, "DENIED", "quota exceeded"));
    await using client = new TestClient();
    const endless = new CountedContent(function* () {
      for (;;) yield makeBytes(1, 100_000);
    });
    const descriptor = { ...blob, sizeBytes: 1e12 };

    await expect(write(client, registry, { descriptor, open: endless.opener })).rejects.toMatchObject({
      code: "REGISTRY_DENIED",
    });
    expect(endless.open).toBe(0);
  });

  test("hears why it is refused in the middle, although the source ends with it", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", refusal(403, "DENIED", "quota exceeded"));
    await using client = new TestClient();
    const closed = new AbortController();
    const open: OpenContent = () => {
      async function* chunks(): AsyncGenerator<Uint8Array, void> {
        yield makeBytes(1, 100_000);
        await once(closed.signal, "abort");
        throw new Error("the source was closed");
      }
      const dispose = async (): Promise<void> => closed.abort();
      return Promise.resolve({ chunks: chunks(), [Symbol.asyncDispose]: dispose });
    };

    await expect(write(client, registry, { open })).rejects.toThrow("answered 403: DENIED: quota exceeded");
    expect(closed.signal.aborted).toBe(true);
  });

  test("fails with what the source failed with, and is not tried again", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();
    const failure = new Error("the disk is gone");
    const broken = new CountedContent(function* () {
      yield bytes.subarray(0, 1_000);
      throw failure;
    });

    await expect(write(client, registry, { open: broken.opener })).rejects.toBe(failure);
    expect([broken.opened, broken.open]).toEqual([1, 0]);
    expect(registry.uploads.open).toBe(0);
  });

  test("is cancelled on an abort", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();
    const stop = new AbortController();
    const content = new CountedContent(function* () {
      yield bytes.subarray(0, 1_000);
      stop.abort();
      yield bytes.subarray(1_000);
    });

    await expect(write(client, registry, { open: content.opener, signal: stop.signal })).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect(content.open).toBe(0);
    expect(registry.uploads.open).toBe(0);
  });

  test("ends when the host takes no more of it", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", async (exchange): Promise<Answer> => {
      await exchange.readBody(1);
      return "silence";
    });
    registry.on("PATCH *", refusal(403, "DENIED", "no"));
    await using client = new TestClient();
    const endless = new CountedContent(function* () {
      for (;;) yield makeBytes(1, 1_000_000);
    });
    const descriptor = { ...blob, sizeBytes: 1e12 };

    const writing = write(client, registry, { descriptor, open: endless.opener });
    const ended = expect(writing).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    for (let stalls = 1; stalls <= 2; stalls++) {
      await expect.poll(() => registry.requests("PUT *")[stalls - 1]?.bodyBytes ?? 0).toBeGreaterThan(0);
      await expect.poll(() => client.clock.alarms).toBe(1);
      client.clock.advance(60_000);
    }

    await ended;
    expect(endless.open).toBe(0);
  });

  test("is checked after a success that is none of the usual ones", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", async (exchange) => {
      await exchange.usual();
      return { status: 202 };
    });
    await using client = new TestClient();

    expect(await write(client, registry)).toEqual({ kind: "uploaded" });
    expect(registry.count("HEAD *")).toBe(1);
  });

  test("does not believe the page of a login portal", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", async (exchange) => {
      await exchange.readBody();
      return htmlPage(200, "Please log in");
    });
    await using client = new TestClient();

    await expect(write(client, registry)).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  });

  test("notices a registry that stored something else", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", withHeaders({ "docker-content-digest": digestOf(makeBytes(2, 2)) }));
    await using client = new TestClient();

    await expect(write(client, registry)).rejects.toMatchObject({ code: "DIGEST_MISMATCH" });
  });

  test("does not mind a digest in another algorithm", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", withHeaders({ "docker-content-digest": digestOf(bytes, "sha512") }));
    await using client = new TestClient();

    expect(await write(client, registry)).toEqual({ kind: "uploaded" });
  });

  test.each([
    ["no address", withoutHeaders("location"), "REGISTRY_ANSWER_INVALID"],
    ["an address that is none", withHeaders({ location: "ftp://h.test/x" }), "REDIRECT_REFUSED"],
    ["an address with a password", withHeaders({ location: "http://u:p@h.test/x" }), "REDIRECT_REFUSED"],
  ])("refuses a session with %s", async (_, answer, code) => {
    await using registry = await FakeRegistry.start();
    registry.on("POST *", answer);
    await using client = new TestClient();

    await expect(write(client, registry)).rejects.toMatchObject({ code });
  });

  test("goes to a storage that the registry names, without what lets us into the registry", async () => {
    await using registry = await FakeRegistry.start();
    await using storage = await FakeHost.start();
    storage.on("PUT *", async (exchange) => {
      registry.repository("a/b").addBlob(await exchange.readBody());
      return { status: 201 };
    });
    registry.on("POST *", { status: 202, headers: { location: `${storage.url.href}up?sig=a%20b(~)%2B` } });
    await using client = new TestClient({
      login: (send) => (request, signal) =>
        send({ ...request, headers: { ...request.headers, authorization: "Bearer secret" } }, signal),
    });

    // The stand-in for logging in knows no origins: what arrives is what a redirect or a location would carry on.
    expect(await write(client, registry)).toEqual({ kind: "uploaded" });
    expect(storage.requests()[0]?.target).toBe(`/up?sig=a%20b(~)%2B&digest=${blob.digest}`);
  });
});

describe("an upload in pieces", () => {
  const inPieces = { blobMaxBytes: 100_000, blobChunkBytes: 100_000 };

  function pieces(registry: FakeRegistry): readonly (string | undefined)[] {
    return registry.requests("PATCH *").map(({ headers }) => headers["content-range"]);
  }

  test("is what happens at once to blobs above the user's limit", async () => {
    await using registry = await FakeRegistry.start({ movingLocations: true });
    await using client = new TestClient({ hosts: { [registry.name]: { ...inPieces, blobChunkBytes: 128_000 } } });

    expect(await write(client, registry)).toEqual({ kind: "uploaded" });
    expect(pieces(registry)).toEqual(["0-127999", "128000-255999", "256000-299999"]);
    expect(registry.requests("PATCH *")[0]?.headers).toMatchObject({
      "content-type": "application/octet-stream",
      "content-length": "128000",
    });
    expect(conversation(registry).at(-1)).toBe("PUT uploads/…?digest");
    expect(isStored(registry)).toBe(true);
  });

  test("is what happens to blobs whose size nobody says", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient();

    await write(client, registry, { descriptor: { ...blob, sizeBytes: undefined } });

    expect(pieces(registry)).toEqual(["0-299999"]);
    expect(isStored(registry)).toBe(true);
  });

  test("has pieces as large as the host wants them", async () => {
    await using registry = await FakeRegistry.start({ chunkMinBytes: 200_000 });
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

    await write(client, registry);

    expect(pieces(registry)).toEqual(["0-199999", "200000-299999"]);
  });

  test("has no larger pieces than the user allows, whatever the host wants", async () => {
    await using registry = await FakeRegistry.start({ chunkMinBytes: 1e12 });
    await using client = new TestClient({ hosts: { [registry.name]: inPieces }, pieceLimitBytes: 150_000 });

    await write(client, registry);

    expect(pieces(registry)).toEqual(["0-149999", "150000-299999"]);
  });

  test("is what happens when the host takes no pieces larger than some size", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("POST *", withHeaders({ "oci-chunk-max-length": "250000" }));
    await using client = new TestClient();

    await write(client, registry);

    expect(pieces(registry)).toEqual(["0-249999", "250000-299999"]);
  });

  // The last ones are what firewalls in front of registries say to large bodies.
  test.each([405, 411, 413, 501, 400, 403, 409, 415])(
    "is what happens when one request is answered %d",
    async (status) => {
      await using registry = await FakeRegistry.start();
      registry.once("PUT *", async (exchange) => {
        await exchange.readBody();
        return htmlPage(status, "nginx");
      });
      await using client = new TestClient();

      expect(await write(client, registry)).toEqual({ kind: "uploaded" });
      expect(registry.count(begin)).toBe(2);
      expect(pieces(registry)).toHaveLength(1);
      expect(isStored(registry)).toBe(true);
    },
  );

  test("is the last resort when one request breaks twice", async () => {
    await using registry = await FakeRegistry.start();
    registry.times(2, "PUT *", breakUploadAfter(100_000));
    await using client = new TestClient();

    expect(await write(client, registry)).toEqual({ kind: "uploaded" });
    expect(pieces(registry)).toEqual(["0-299999"]);
    // Nothing of the sessions before is in the address of the last.
    expect(registry.requests("PUT *").at(-1)?.query.getAll("digest")).toHaveLength(1);
  });

  test("sends the rest of a piece that was taken in part", async () => {
    await using registry = await FakeRegistry.start();
    registry.once("PATCH *", acceptOnly(40_000));
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

    await write(client, registry);

    expect(pieces(registry)).toEqual(["0-99999", "40000-99999", "100000-199999", "200000-299999"]);
    expect(isStored(registry)).toBe(true);
  });

  test.each(["0-0", "0-99999", "bytes=0--1", ""])(
    "counts itself when the host says %j after every piece",
    async (range) => {
      await using registry = await FakeRegistry.start();
      registry.on("PATCH *", withHeaders({ range }));
      await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

      await write(client, registry);

      expect(pieces(registry)).toEqual(["0-99999", "100000-199999", "200000-299999"]);
      expect(isStored(registry)).toBe(true);
    },
  );

  test("asks how far the host has come after a piece broke, and goes on there", async () => {
    await using registry = await FakeRegistry.start();
    registry.once(({ headers }) => headers["content-range"] === "100000-199999", breakUploadAfter(30_000));
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

    await write(client, registry);

    expect(conversation(registry)).toEqual([
      "POST uploads/?mount",
      "PATCH uploads/…",
      "PATCH uploads/…",
      "GET uploads/…",
      "PATCH uploads/…",
      "PATCH uploads/…",
      "PUT uploads/…?digest",
    ]);
    expect(pieces(registry)[2]).toBe("130000-199999");
    expect(isStored(registry)).toBe(true);
  });

  test("finds its place again after a 416", async () => {
    await using registry = await FakeRegistry.start();
    registry.once(
      ({ headers }) => headers["content-range"] === "100000-199999",
      async (exchange) => {
        await exchange.usual();
        return refusal(416, "RANGE_INVALID", "lost count");
      },
    );
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

    await write(client, registry);

    expect(pieces(registry)).toEqual(["0-99999", "100000-199999", "200000-299999"]);
    expect(isStored(registry)).toBe(true);
  });

  test("begins anew when the session is gone", async () => {
    await using registry = await FakeRegistry.start();
    registry.once(
      ({ headers }) => headers["content-range"] === "100000-199999",
      (exchange) => {
        registry.uploads.expire();
        return exchange.usual();
      },
    );
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });
    const content = CountedContent.of(bytes);

    await write(client, registry, { open: content.opener });

    expect([content.opened, content.open]).toEqual([2, 0]);
    expect(isStored(registry)).toBe(true);
  });

  test("gives up on a host that loses every session", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PATCH *", refusal(404, "BLOB_UPLOAD_UNKNOWN", "gone"));
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });
    const content = CountedContent.of(bytes);

    await expect(write(client, registry, { open: content.opener })).rejects.toMatchObject({ code: "REGISTRY_STATUS" });
    expect([content.opened, content.open]).toEqual([4, 0]);
  });

  test("looks for its place ten times and not for ever", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PATCH *", refusal(416, "RANGE_INVALID", "no"));
    registry.on("GET *", { status: 204, headers: { range: "0-49999" } });
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

    await expect(write(client, registry)).rejects.toMatchObject({ code: "REGISTRY_STATUS" });
    expect(registry.count("PATCH *")).toBe(4 * 11);
  });

  test("is begun anew when the host is silent about the same piece twice, and ends with the fourth", async () => {
    await using registry = await FakeRegistry.start();
    registry.on(
      ({ headers }) => headers["content-range"] === "100000-199999",
      async (exchange): Promise<Answer> => {
        await exchange.readBody();
        return "silence";
      },
    );
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });
    const content = CountedContent.of(bytes);

    const writing = write(client, registry, { open: content.opener });
    const ended = expect(writing).rejects.toMatchObject({ code: "REGISTRY_STALLED" });
    for (const sent of [2, 3, 5, 6, 8, 9, 11, 12]) {
      await expect.poll(() => pieces(registry).length).toBe(sent);
      await expect.poll(() => client.clock.alarms).toBe(1);
      client.clock.advance(15 * 60_000);
    }
    await ended;

    const inEach = ["0-99999", "100000-199999", "100000-199999"];
    expect(pieces(registry)).toEqual([inEach, inEach, inEach, inEach].flat());
    expect([content.opened, content.open]).toEqual([4, 0]);
  });

  test("does not hold more of the content than a piece", async () => {
    await using registry = await FakeRegistry.start();
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });
    let given = 0;
    let mostAhead = 0;
    const content = new CountedContent(function* () {
      for (let at = 0; at < bytes.byteLength; at += 10_000) {
        given += 10_000;
        const received = registry.requests("PATCH *").reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
        mostAhead = Math.max(mostAhead, given - received);
        yield bytes.subarray(at, at + 10_000);
      }
    });

    await write(client, registry, { open: content.opener });

    expect(mostAhead).toBeLessThanOrEqual(110_000);
  });

  test("is cancelled when it fails", async () => {
    await using registry = await FakeRegistry.start();
    registry.on("PUT *", refusal(403, "DENIED", "quota exceeded"));
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });

    await expect(write(client, registry)).rejects.toMatchObject({ code: "REGISTRY_DENIED" });
    expect(registry.uploads.open).toBe(0);
  });

  test("is not begun again when only the answer to the last request got lost", async () => {
    await using registry = await FakeRegistry.start();
    registry.once(
      "PUT *",
      altered((reply) => ({ ...reply, status: 504 })),
    );
    await using client = new TestClient({ hosts: { [registry.name]: inPieces } });
    const content = CountedContent.of(bytes);

    await write(client, registry, { open: content.opener });

    expect(content.opened).toBe(1);
  });
});
