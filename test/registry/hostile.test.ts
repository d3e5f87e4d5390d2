import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Clock } from "../../src/base/clock.ts";
import { noMetrics } from "../../src/observe/metrics.ts";
import { digestOf } from "../../src/oci/digest.ts";
import { mediaTypes } from "../../src/oci/media-type.ts";
import type { Reply } from "../../src/registry/answer.ts";
import { RegistryClient, usualPieceLimitBytes, usualStretchBytes } from "../../src/registry/client.ts";
import { namesLimitBytes } from "../../src/registry/names.ts";
import { readPages } from "../../src/registry/pages.ts";
import { replyTo } from "../../src/registry/answer.ts";
import type { RegistryRepository } from "../../src/registry/repository.ts";
import { isLocalAddress } from "../../src/registry/transport/local-address.ts";
import { usualTimeLimits } from "../../src/registry/transport/time-limits.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { altered, json, withHeaders } from "../support/fake-registry/replies.ts";
import { fastClock } from "../support/fast-clock.ts";
import { hostSettings } from "../support/host-settings.ts";
import { makeImage } from "../support/images.ts";
import { TestClient, unhurried } from "../support/registry-client.ts";
import { silentLog } from "../support/silent-log.ts";

// Registries that want us to wait for ever, to keep everything, or to go where we should not. What a single reader
// refuses is tested with that reader; here it is what only shows over a connection.

const image = makeImage({ seed: 1 });
const list = "GET /v2/a/b/tags/list";

/** A server that answers a request by writing pieces for as long as anybody listens, one every 20 milliseconds. */
async function startDripping(piece: (number: number) => string) {
  const sockets = new Set<Socket>();
  const drip = async (socket: Socket): Promise<void> => {
    for (let number = 0; !socket.destroyed; number += 1) {
      socket.write(piece(number));
      await setTimeout(20);
    }
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("data", () => void drip(socket));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo; // of a server that listens to a port
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { name: `127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

/** The tags of a host by a client with the usual limits, whose time runs so many times as fast. */
async function listTags(host: { readonly name: string }, clock: Clock): Promise<unknown> {
  await using client = new RegistryClient({
    hosts: (name) => hostSettings(name),
    login: (send) => send,
    clock,
    log: silentLog,
    metrics: noMetrics,
    userAgent: "regsync-test",
    proxies: { httpProxy: "", httpsProxy: "", noProxy: "" },
    trust: { file: "", folder: "", hostFolders: "" },
    limits: usualTimeLimits,
    cache: { count: 0, timeMs: 0 },
    pieceLimitBytes: usualPieceLimitBytes,
    stretchBytes: usualStretchBytes,
    uploads: undefined,
    laneFromBytes: Number.POSITIVE_INFINITY,
    isLocalAddress,
  });
  const repository: RegistryRepository = client.repository({ registry: host.name, repository: "a/b" });
  return await repository.listTags(unhurried());
}

describe("is given up like one that says nothing:", () => {
  test.each([
    ["a host that sends its headers byte by byte", (number: number) => "HTTP/1.1 200 OK\r\nx: ".charAt(number) || "y"],
    ["a host that sends hints and never an answer", () => "HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"],
    [
      "a host that sends its body byte by byte",
      (number: number) => (number === 0 ? "HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n" : " "),
    ],
  ])("%s", async (_, piece) => {
    await using host = await startDripping(piece);

    await expect(listTags(host, fastClock(300))).rejects.toMatchObject({ code: "REGISTRY_STALLED" });
  });
});

test("a slow body is waited for as long as it brings something, and for as long as the reader takes", async () => {
  await using registry = await FakeRegistry.start();
  const tags = Array.from({ length: 3_000 }, (_, number) => `tag-${number}`);
  const trickle = { pieceBytes: 2_000, wait: () => setTimeout(100) };
  registry.on(list, { ...json(200, { tags }), delivery: { trickle } });

  expect(await listTags(registry, fastClock(50))).toHaveLength(3_000);
});

describe("a list of tags", () => {
  test("may have 200,000 of them", async () => {
    await using registry = await FakeRegistry.start();
    registry.on(list, json(200, { tags: Array.from({ length: 200_000 }, (_, number) => `v${number}`) }));
    await using client = new TestClient();

    expect(await client.repository(registry).listTags(unhurried())).toHaveLength(200_000);
  });

  test("may not have more than a million", async () => {
    await using registry = await FakeRegistry.start();
    const tags = Array.from({ length: 1_000_001 }, (_, number) => number.toString(36));
    registry.on(list, json(200, { tags }));
    await using client = new TestClient();

    await expect(client.repository(registry).listTags(unhurried())).rejects.toThrow("more than 1000000 names");
    expect(registry.count()).toBe(1);
  });

  test("is read no further than 32 MiB", async () => {
    await using registry = await FakeRegistry.start();
    const body = new Uint8Array(namesLimitBytes + 1);
    registry.on(list, { status: 200, body, delivery: { length: "chunked" } });
    await using client = new TestClient();

    await expect(client.repository(registry).listTags(unhurried())).rejects.toMatchObject({
      code: "REGISTRY_ANSWER_INVALID",
    });
  });

  test("is not unpacked when it comes compressed", async () => {
    await using registry = await FakeRegistry.start();
    const body = gzipSync(Buffer.alloc(64 * 1024 * 1024, " "));
    registry.on(list, { status: 200, headers: { "content-encoding": "gzip" }, body });
    await using client = new TestClient();

    await expect(client.repository(registry).listTags(unhurried())).rejects.toMatchObject({
      code: "REGISTRY_ANSWER_INVALID",
      message: expect.stringContaining('encoded as "gzip"'),
    });
  });

  test("ends with its ten thousandth page, though there is always another one", async () => {
    const host = hostSettings("registry.test");
    let asked = 0;
    const page = (): Promise<Reply> => {
      asked += 1;
      const url = new URL(`http://registry.test/v2/a/b/tags/list?last=${asked}`);
      const headers = new Map([["link", `</v2/a/b/tags/list?last=${asked + 1}>; rel="next"`]]);
      const request = { method: "GET", url, host, headers: {}, body: { kind: "none" } } as const;
      const rest = {
        repository: "a/b",
        access: "pull",
        mountFrom: undefined,
        lease: undefined,
        large: false,
        expectedBytes: 0,
      } as const;
      return Promise.resolve(
        replyTo(
          { ...request, ...rest, effort: "retried" },
          {
            status: 200,
            url,
            header: (name) => headers.get(name),
            headerLines: (name) => [headers.get(name) ?? []].flat(),
            body: (async function* nothing(): AsyncGenerator<Uint8Array, void> {})(),
            masked: (text) => text,
            [Symbol.asyncDispose]: () => Promise.resolve(),
          },
        ),
      );
    };

    const reading = readPages({ first: page, at: page, limitBytes: 1_000 }, () => undefined);

    await expect(reading).rejects.toThrow("more than 10000 pages");
    expect(asked).toBe(10_001);
  });
});

describe("a digest that is none", () => {
  test.each(["sha256:../../../etc/passwd", `sha256:${"A".repeat(64)}`, `md5:${"0".repeat(32)}`, "sha256:"])(
    "in a header (%s) counts as no digest: the content tells",
    async (text) => {
      await using registry = await FakeRegistry.start();
      registry.add("a/b", image, "v1");
      registry.on("* /v2/a/b/manifests/*", withHeaders({ "docker-content-digest": text }));
      await using client = new TestClient();

      const head = await client.repository(registry).headManifest("v1", unhurried());

      expect(head?.digest).toBe(image.digest);
      expect(registry.conversation()).toEqual(["HEAD /v2/a/b/manifests/v1", "GET /v2/a/b/manifests/v1"]);
    },
  );

  test.each(["sha256:../../../etc/passwd", `SHA256:${"0".repeat(64)}`, "../v1"])(
    "in a list of referrers (%s) makes the list unusable",
    async (digest) => {
      await using registry = await FakeRegistry.start();
      const manifests = [{ mediaType: mediaTypes.ociManifest, digest, size: 1 }];
      registry.on("GET /v2/a/b/referrers/*", {
        ...json(200, { schemaVersion: 2, manifests }),
        headers: { "content-type": mediaTypes.ociIndex },
      });
      await using client = new TestClient();

      await expect(
        client.repository(registry).listReferrers(digestOf(Buffer.from("x")), unhurried()),
      ).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
    },
  );
});

test("an index whose children have no size, or none that is one, is no manifest", async () => {
  for (const size of [-1, 1.5, 2 ** 60, "1", null]) {
    await using registry = await FakeRegistry.start();
    const child = { mediaType: mediaTypes.ociManifest, digest: image.digest, size };
    const body = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [child] }));
    registry.add("a/b", image, "v1");
    registry.on(
      "GET /v2/a/b/manifests/v1",
      altered(() => ({ status: 200, headers: { "content-type": mediaTypes.ociIndex }, body })),
    );
    await using client = new TestClient();

    await expect(client.repository(registry).getManifest("v1", unhurried())).rejects.toMatchObject({
      code: "MANIFEST_INVALID",
    });
  }
});
