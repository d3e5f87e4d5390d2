import { describe, expect, test } from "vitest";
import { startRawHost } from "../../../support/raw-host.ts";
import { TestClient, unhurried } from "../../../support/registry-client.ts";

const digest = `sha256:${"a".repeat(64)}`;
const type = "application/vnd.oci.image.manifest.v1+json";
const sound = `HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ndocker-content-digest: ${digest}\r\ncontent-length: 7\r\n\r\n`;

/** A client whose HEADs travel on the lane. */
function laneClient(): TestClient {
  return new TestClient({ laneFromBytes: 1 });
}

describe("requests without a body", () => {
  test("follow one another on one connection", async () => {
    await using host = await startRawHost((socket) => socket.write(sound));
    await using client = laneClient();

    for (const tag of ["v1", "v2", "v3"]) {
      expect(await client.repository(host).headManifest(tag, unhurried())).toMatchObject({ digest, sizeBytes: 7 });
    }

    expect([host.connections(), host.asked.length]).toEqual([1, 3]);
    expect(host.asked[2]).toMatch(/^HEAD \/v2\/a\/b\/manifests\/v3 HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\n/);
  });

  test("use as many connections as there are slots", async () => {
    await using host = await startRawHost((socket) => setTimeout(() => socket.write(sound), 5));
    await using client = new TestClient({ laneFromBytes: 1, hosts: { [host.name]: { concurrency: 4 } } });
    const repository = client.repository(host);

    const heads = Array.from({ length: 40 }, (_, tag) => repository.headManifest(`v${tag}`, unhurried()));

    expect((await Promise.all(heads)).every((head) => head?.digest === digest)).toBe(true);
    expect([host.connections(), host.asked.length]).toEqual([4, 40]);
  });

  test("are repeated on a new connection when the kept one is closed in answer", async () => {
    await using host = await startRawHost((socket, request) => {
      if (request === 2) socket.destroy();
      else socket.write(sound);
    });
    await using client = laneClient();

    await client.repository(host).headManifest("v1", unhurried());
    expect(await client.repository(host).headManifest("v2", unhurried())).toMatchObject({ digest });

    expect([host.connections(), host.asked.length, client.clock.slept]).toEqual([2, 3, [200]]);
  });

  test.each([
    ["brought a body all the same", `${sound}content`],
    ["was to be closed", sound.replace("content-type", "connection: close\r\ncontent-type")],
    ["speaks HTTP/1.0", sound.replace("HTTP/1.1", "HTTP/1.0")],
  ])("do not go on with a connection that %s", async (_, answer) => {
    await using host = await startRawHost((socket) => socket.write(answer));
    await using client = laneClient();

    for (const tag of ["v1", "v2"]) {
      expect(await client.repository(host).headManifest(tag, unhurried())).toMatchObject({ digest });
    }

    expect([host.connections(), host.asked.length]).toEqual([2, 2]);
  });

  test("do not go on with a connection that was not used for long, which ends by itself", async () => {
    await using host = await startRawHost((socket) => socket.write(sound));
    await using client = laneClient();

    await client.repository(host).headManifest("v1", unhurried());
    client.clock.advance(30_000);
    await client.repository(host).headManifest("v2", unhurried());
    expect([host.connections(), host.asked.length]).toEqual([2, 2]);
    client.clock.advance(60_000);

    await expect.poll(() => host.open()).toBe(0);
  });

  test("take the last of several answers, and the headers that came in pieces", async () => {
    await using host = await startRawHost((socket) => {
      socket.write("HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\n");
      socket.write(sound.slice(0, 30));
      setTimeout(() => socket.write(sound.slice(30)), 5);
    });
    await using client = laneClient();

    expect(await client.repository(host).headManifest("v1", unhurried())).toMatchObject({ digest, mediaType: type });
  });

  test("go over the usual connections when the lane cannot read the answer, and so do those that follow", async () => {
    await using host = await startRawHost((socket) => {
      socket.end(sound.replace("\r\n", "\r\ntransfer-encoding: identity\r\n").replace(/content-length: .*\r\n/, ""));
    });
    await using client = laneClient();
    const ask = async (): Promise<number> => {
      const head = await client.repository(host).headManifest("v1", unhurried());
      expect(head).toMatchObject({ digest, mediaType: type });
      return host.asked.length;
    };

    expect([await ask(), await ask()]).toEqual([2, 3]);
    expect(client.log.at("warn")).toHaveLength(1);
  });

  test("fail when their answer is no HTTP", async () => {
    await using host = await startRawHost((socket) => socket.write("+OK POP3 ready\r\n\r\n"));
    await using client = laneClient();

    const asking = client.repository(host).headManifest("v1", unhurried());

    await expect(asking).rejects.toMatchObject({ code: "REGISTRY_ANSWER_INVALID" });
  });

  test("fail when a host says nothing on a connection that was good before", async () => {
    await using host = await startRawHost((socket, request) => {
      if (request === 1) socket.write(sound);
    });
    await using client = laneClient();
    const stop = new AbortController();
    await client.repository(host).headManifest("v1", stop.signal);
    client.clock.advance(10_000);

    const asking = client.repository(host).headManifest("v2", stop.signal);
    await expect.poll(() => host.asked.length).toBe(2);
    client.clock.advance(59_999);
    expect([host.open(), host.asked.length]).toEqual([1, 2]);
    client.clock.advance(1);

    await expect.poll(() => host.asked.length).toBe(3);
    stop.abort();
    await expect(asking).rejects.toMatchObject({ code: "INTERRUPTED" });
    expect(host.connections()).toBe(2);
  });

  test("stop when nobody wants them any more, with their connection", async () => {
    await using host = await startRawHost(() => undefined);
    await using client = laneClient();
    const stop = new AbortController();

    const asking = client.repository(host).headManifest("v1", stop.signal);
    await expect.poll(() => host.asked.length).toBe(1);
    stop.abort();

    await expect(asking).rejects.toMatchObject({ code: "INTERRUPTED" });
    await expect.poll(() => host.open()).toBe(0);
  });
});
