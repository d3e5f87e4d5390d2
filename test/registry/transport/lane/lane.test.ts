import { describe, expect, test } from "vitest";
import { CountedContent, descriptorOf, drain } from "../../../support/blobs.ts";
import { withHeaders } from "../../../support/fake-registry/replies.ts";
import { FakeRegistry } from "../../../support/fake-registry.ts";
import { makeBytes } from "../../../support/images.ts";
import type { Way } from "../../../../src/registry/transport/connector.ts";
import { Lane } from "../../../../src/registry/transport/lane/lane.ts";
import { Rings } from "../../../../src/registry/transport/lane/ring.ts";
import { FakeClock } from "../../../support/fake-clock.ts";
import { Limiter, takeAll } from "../../../../src/base/limiter.ts";
import { startRawHost } from "../../../support/raw-host.ts";
import { TestClient, unhurried } from "../../../support/registry-client.ts";

const bytes = Buffer.from(makeBytes(1, 3_000_000));
const blob = descriptorOf(bytes);
const sound = `HTTP/1.1 200 OK\r\ncontent-length: ${bytes.byteLength}\r\n\r\n`;

async function download(client: TestClient, host: { readonly name: string }): Promise<Uint8Array> {
  using lease = await takeAll([new Limiter(1)], unhurried());
  return await drain(await client.repository(host).openBlob(blob, lease, unhurried()));
}

test("goes on with the connection that carried the blob before", async () => {
  await using host = await startRawHost((socket) => socket.write(Buffer.concat([Buffer.from(sound), bytes])));
  await using client = new TestClient({ laneFromBytes: 1 });

  expect(bytes.equals(await download(client, host))).toBe(true);
  expect(bytes.equals(await download(client, host))).toBe(true);

  expect([host.connections(), host.asked.length]).toEqual([1, 2]);
});

test("does not go on with a connection that brought more than the blob", async () => {
  await using host = await startRawHost((socket) => socket.write(Buffer.concat([Buffer.from(sound), bytes, bytes])));
  await using client = new TestClient({ laneFromBytes: 1 });

  expect(bytes.equals(await download(client, host))).toBe(true);
  expect(bytes.equals(await download(client, host))).toBe(true);

  expect([host.connections(), host.asked.length]).toEqual([2, 2]);
});

test("does not go on with a connection that was not used for long", async () => {
  await using host = await startRawHost((socket) => socket.write(Buffer.concat([Buffer.from(sound), bytes])));
  await using client = new TestClient({ laneFromBytes: 1 });

  await download(client, host);
  client.clock.advance(30_000);
  await download(client, host);

  expect([host.connections(), host.asked.length]).toEqual([2, 2]);
});

test("asks once more on a new connection when the kept one is closed in answer", async () => {
  await using host = await startRawHost((socket, request) => {
    if (request === 2) socket.destroy();
    else socket.write(Buffer.concat([Buffer.from(sound), bytes]));
  });
  await using client = new TestClient({ laneFromBytes: 1 });

  await download(client, host);
  expect(bytes.equals(await download(client, host))).toBe(true);

  expect([host.connections(), host.asked.length]).toEqual([2, 3]);
  expect(client.clock.slept).toEqual([]);
});

test("reads an answer that comes after interim ones, and one without a length", async () => {
  await using host = await startRawHost((socket) => {
    socket.write("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
    socket.end(bytes);
  });
  await using client = new TestClient({ laneFromBytes: 1 });

  expect(bytes.equals(await download(client, host))).toBe(true);
});

test.each([
  ["two lengths", "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n"],
  ["a length and chunks", "HTTP/1.1 200 OK\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"],
])("refuses an answer with %s", async (_, text) => {
  await using host = await startRawHost((socket) => socket.write(text));
  await using client = new TestClient({ laneFromBytes: 1 });

  await expect(download(client, host)).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
});

describe("an answer that the lane cannot read", () => {
  const compressed = "HTTP/1.1 200 OK\r\ntransfer-encoding: identity\r\nconnection: close\r\n\r\n";

  test.each([
    ["an encoding of its own", compressed],
    ["an empty line before it", `\r\n${sound}`],
    ["a length with zeros before it", sound.replace("length: ", "length: 000000000000000")],
  ])("for %s is asked for over the usual connections, and so is what follows", async (_, head) => {
    await using host = await startRawHost((socket) => {
      socket.write(head);
      socket.end(bytes);
    });
    await using client = new TestClient({ laneFromBytes: 1 });

    expect(bytes.equals(await download(client, host))).toBe(true);
    expect(host.asked).toHaveLength(2);
    expect(bytes.equals(await download(client, host))).toBe(true);
    expect(host.asked).toHaveLength(3);
    expect(client.clock.slept).toEqual([]);
    expect(client.log.at("warn")).toEqual(["Answer cannot be read on the lane for blobs, going on without the lane"]);
  });

  test("keeps requests off the lane for ten minutes", async () => {
    await using host = await startRawHost((socket) => {
      socket.write(compressed);
      socket.end(bytes);
    });
    await using client = new TestClient({ laneFromBytes: 1 });
    const askedFor = async (): Promise<number> => {
      const before = host.asked.length;
      await download(client, host);
      return host.asked.length - before;
    };

    expect(await askedFor()).toBe(2);
    client.clock.advance(10 * 60_000 - 1);
    expect(await askedFor()).toBe(1);
    client.clock.advance(1);
    expect(await askedFor()).toBe(2);
  });

  test("any further is gone on with over the usual connections, where it stopped", async () => {
    const half = bytes.byteLength / 2;
    await using host = await startRawHost((socket, request) => {
      if (request === 1) {
        socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${half.toString(16)}\r\n`);
        socket.write(bytes.subarray(0, half));
        socket.write("\r\nodd\r\n");
        return;
      }
      const range = `content-range: bytes ${half}-${bytes.byteLength - 1}/${bytes.byteLength}`;
      socket.write(`HTTP/1.1 206 Partial\r\n${range}\r\ncontent-length: ${half}\r\n\r\n`);
      socket.write(bytes.subarray(half));
    });
    await using client = new TestClient({ laneFromBytes: 1 });

    expect(bytes.equals(await download(client, host))).toBe(true);
    expect(host.asked).toHaveLength(2);
    expect(host.asked[1]).toContain(`range: bytes=${half}-`);
  });

  test("to an upload counts as lost: the blob is looked for, and not sent once more", async () => {
    await using registry = await FakeRegistry.start();
    registry.once("PUT *", withHeaders({ "transfer-encoding": "identity" }));
    await using client = new TestClient({ laneFromBytes: 1 });
    const repository = client.repository(registry);
    using lease = await takeAll(repository.writeLimiters, unhurried());

    const how = await repository.writeBlob(blob, "nowhere", CountedContent.of(bytes).opener, lease, unhurried());

    expect(how).toEqual({ kind: "uploaded" });
    expect([registry.count("PUT *"), registry.count("HEAD *")]).toEqual([1, 1]);
    expect(registry.repository("a/b").blobs.has(blob.digest)).toBe(true);
  });
});

test("ends a connection that comes when nobody waits for it any more", async () => {
  await using host = await startRawHost(() => undefined);
  const stopping = new AbortController();
  const lane = new Lane(wayTo(host.name), new Rings(), new FakeClock());

  const asking = lane.request({ method: "GET", path: "/", headers: {}, body: null, signal: stopping.signal });
  stopping.abort();

  await expect(asking).rejects.toMatchObject({ code: "INTERRUPTED" });
  await host.closed;
  expect([host.connections(), host.asked.length]).toEqual([1, 0]);
});

/** Plain HTTP to a host of the test. */
function wayTo(name: string): Way {
  const origin = new URL(`http://${name}`);
  const context = (): never => expect.unreachable("there is no TLS here");
  return {
    origin,
    sender: origin,
    proxy: undefined,
    allows: () => true,
    context,
    verifies: true,
    proxyContext: context,
    connectMs: 10_000,
    tlsMs: 10_000,
    closing: unhurried(),
    connected: () => undefined,
  };
}
