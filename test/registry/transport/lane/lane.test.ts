import { expect, test } from "vitest";
import { descriptorOf, drain } from "../../../support/blobs.ts";
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
