import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { freePort } from "../../support/daemon.ts";
import { FakeHost } from "../../support/fake-registry/host.ts";
import { redirect } from "../../support/fake-registry/replies.ts";
import { FakeProxy } from "../../support/fake-proxy.ts";
import { TestClient, type TestClientOptions, unhurried } from "../../support/registry-client.ts";

const digest = `sha256:${"0".repeat(64)}`;

/** The answer to one HEAD of a manifest: everything that can go wrong below shows in it. */
async function ask(host: { readonly name: string }, options: TestClientOptions = {}): Promise<string | undefined> {
  await using client = new TestClient(options);
  return (await client.repository(host).headManifest("v1", unhurried()))?.digest;
}

function answering(host: FakeHost): FakeHost {
  host.on("* /v2/*", {
    status: 200,
    headers: {
      "docker-content-digest": digest,
      "content-type": "application/vnd.oci.image.manifest.v1+json",
    },
  });
  return host;
}

/** A server that answers every connection with these bytes, whatever is asked. */
async function startRaw(answer: string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).once("data", () => socket.write(answer));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const stop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  };
  return { name: `127.0.0.1:${port}`, [Symbol.asyncDispose]: stop };
}

describe("a host that cannot be reached", () => {
  test("is tried again when it refuses connections, and then said in words", async () => {
    const name = `127.0.0.1:${await freePort()}`;
    await using client = new TestClient();

    await expect(client.repository({ name }).headManifest("v1", unhurried())).rejects.toMatchObject({
      code: "REGISTRY_UNREACHABLE",
      host: name,
      message: `no answer from ${name}: the connection was refused (connect ECONNREFUSED ${name})`,
    });
    expect(client.clock.slept).toHaveLength(4);
  });

  test("is not tried again when its name does not resolve", async () => {
    await using client = new TestClient();

    await expect(client.repository({ name: "nowhere.invalid" }).headManifest("v1", unhurried())).rejects.toThrow(
      /^no answer from nowhere\.invalid: the name (does not resolve|cannot be resolved at the moment) /,
    );
  });

  test("breaks the connection every time", async () => {
    await using host = await FakeHost.start();
    host.on("*", "reset");

    await expect(ask(host)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE", retryable: true });
    expect(host.count()).toBe(5);
  });

  test("says nothing for too long", async () => {
    await using host = await FakeHost.start();
    host.on("*", "silence");
    await using client = new TestClient();

    const asked = client.repository(host).headManifest("v1", unhurried());
    const ended = expect(asked).rejects.toMatchObject({
      code: "REGISTRY_STALLED",
      message: `${host.name} has not answered for 60 s`,
    });
    for (let attempt = 1; attempt <= 5; attempt++) {
      await expect.poll(() => host.count()).toBe(attempt);
      client.clock.advance(60_000);
    }

    await ended;
    expect(client.clock.alarms).toBe(0);
  });
});

describe("an answer that is none", () => {
  test.each([
    ["something else than HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["HTTP with a status that is none", "HTTP/1.1 fine\r\n\r\n"],
    ["more headers than anybody needs", `HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}\r\n\r\n`],
  ])("is %s", async (_, text) => {
    await using host = await startRaw(text);

    await expect(ask(host)).rejects.toMatchObject({
      code: "REGISTRY_ANSWER_INVALID",
      message: expect.stringContaining("it is not HTTP that can be read"),
    });
  });
});

describe("an abort", () => {
  test("before anything was sent sends nothing", async () => {
    await using host = await FakeHost.start();
    await using client = new TestClient();

    await expect(client.repository(host).headManifest("v1", AbortSignal.abort())).rejects.toMatchObject({
      code: "INTERRUPTED",
    });
    expect(host.count()).toBe(0);
  });

  test("leaves nothing listening", async () => {
    await using host = answering(await FakeHost.start());
    await using client = new TestClient();
    const signal = unhurried();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };

    for (let asked = 0; asked < 5; asked++) await client.repository(host).headManifest("v1", signal);

    expect(listeners).toBe(0);
  });
});

describe("where a host may send us", () => {
  /** The host itself counts as outside, and 127.0.0.2 as inside. */
  const isLocalAddress = (address: string): boolean => address === "127.0.0.2";

  test.each(["http://127.0.0.2:1/x", "http://127.0.0.2/x", "http://[::ffff:127.0.0.2]:1/x"])(
    "is not from outside to a local address: %s",
    async (location) => {
      await using host = await FakeHost.start();
      host.on("*", redirect(location));
      const inside = (address: string): boolean => isLocalAddress(address) || address === "::ffff:7f00:2";

      await expect(ask(host, { isLocalAddress: inside })).rejects.toMatchObject({
        code: "REDIRECT_REFUSED",
        message: expect.stringContaining("it is a local address"),
      });
    },
  );

  test("is not from outside to a name that stands for a local address", async () => {
    await using host = await FakeHost.start();
    host.on("*", redirect("http://localhost:1/x"));
    let asked = 0;
    // The first address is that of the host, which is outside; the ones after it are what the name stands for.
    const inside = (): boolean => ++asked > 1;

    await expect(ask(host, { isLocalAddress: inside })).rejects.toMatchObject({
      code: "REDIRECT_REFUSED",
      message: expect.stringContaining("its name stands for a local address"),
    });
  });

  test("is from a local host to another one", async () => {
    await using storage = answering(await FakeHost.start());
    await using host = await FakeHost.start();
    host.on("*", redirect(new URL("/v2/x", storage.url)));

    expect(await ask(host)).toBe(digest);
  });

  test("is from outside to another place outside", async () => {
    await using storage = answering(await FakeHost.start());
    await using host = await FakeHost.start();
    host.on("*", redirect(new URL("/v2/x", storage.url)));

    expect(await ask(host, { isLocalAddress })).toBe(digest);
  });
});

describe("a proxy", () => {
  const name = "hub.test";

  test("is asked for the whole address when the host has no TLS", async () => {
    await using host = answering(await FakeHost.start());
    await using proxy = await FakeProxy.start(host.url.port);
    const address = proxy.address.replace("http://", "http://me:secret@");

    const answer = await ask({ name }, { proxies: { httpProxy: address, httpsProxy: "", noProxy: "" } });

    expect(answer).toBe(digest);
    expect(proxy.requests).toMatchObject([
      {
        method: "HEAD",
        target: "http://hub.test/v2/a/b/manifests/v1",
        headers: { host: "hub.test", "proxy-authorization": `Basic ${Buffer.from("me:secret").toString("base64")}` },
      },
    ]);
  });

  test("is passed by for hosts that are excepted", async () => {
    await using host = answering(await FakeHost.start());
    await using proxy = await FakeProxy.start(host.url.port);
    const proxies = { httpProxy: proxy.address, httpsProxy: "", noProxy: "127.0.0.1" };

    expect(await ask(host, { proxies })).toBe(digest);
    expect(proxy.requests).toEqual([]);
  });

  test("that cannot be reached is named", async () => {
    const proxies = { httpProxy: `http://127.0.0.1:${await freePort()}`, httpsProxy: "", noProxy: "" };

    await expect(ask({ name }, { proxies })).rejects.toThrow(
      `no answer from hub.test through the proxy ${proxies.httpProxy.slice(7)}: the connection was refused`,
    );
  });
});
