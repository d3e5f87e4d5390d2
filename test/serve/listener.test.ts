import { once } from "node:events";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import { setImmediate } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { ListenerTlsInvalid, ListenFailed } from "../../src/serve/listener.ts";
import { makeCertificates } from "../support/certificates.ts";
import { entryStatus } from "../support/fake-server.ts";
import { Listening, token } from "../support/listening.ts";
import { settled } from "../support/settled.ts";
import { haveTools } from "../support/tools.ts";

/** Limits that are over before a test gets impatient, in milliseconds. */
const quick = { headersMs: 100, requestMs: 150, idleMs: 150, checkingMs: 20 };

const statusIn = (answer: string): string => answer.split(" ", 2)[1] ?? "none";

describe("methods", () => {
  test("HEAD is answered like GET, without the content", async () => {
    await using listening = await Listening.start();

    const get = await listening.send("GET /readyz?verbose HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    const head = await listening.send("HEAD /readyz?verbose HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");

    const [getHeaders, content] = get.split("\r\n\r\n");
    expect(content).toBe("[+]config ok\n[+]work ok\nreadyz check passed\n");
    expect(withoutDate(head)).toBe(withoutDate(`${getHeaders}\r\n\r\n`));
  });

  test.each([
    ["POST", "/livez", "GET, HEAD"],
    ["PUT", "/metrics", "GET, HEAD"],
    ["OPTIONS", "/api/v1/entries", "GET, HEAD"],
    ["DELETE", "/api/v1/entries/app", "GET, HEAD"],
    ["GET", "/api/v1/entries/app/run", "POST"],
    ["HEAD", "/-/reload", "POST"],
    ["PATCH", "/-/reload", "POST"],
  ])("%s %s is refused, and what would be right is said", async (method, path, allow) => {
    await using listening = await Listening.start({ token });
    listening.server.shown = [entryStatus("app")];

    const { status, headers } = await listening.ask(path, { method, token });

    expect(status).toBe(405);
    expect(headers.get("allow")).toBe(allow);
    expect(listening.server.told).toEqual([]);
  });
});

test("every answer says what it is, is kept by nobody and tells nothing of who answers", async () => {
  await using listening = await Listening.start();

  for (const path of ["/livez", "/healthz", "/metrics", "/nothing", "/../etc"]) {
    const { headers } = await listening.ask(path);
    expect(headers.get("cache-control"), path).toBe("no-store");
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("content-type"), path).toMatch(/^(text|application)\//);
    expect([headers.get("server"), headers.get("x-powered-by"), headers.get("etag")], path).toEqual([null, null, null]);
  }
});

test("paths that try tricks reach nothing", async () => {
  await using listening = await Listening.start();

  for (const path of ["/../livez", "//livez", "/%2e%2e/livez", "/livez%00", "/livez\\", "*", "x"]) {
    const answer = await listening.send(`GET ${path} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n`);
    expect(statusIn(answer), path).toBe("400");
  }
});

describe("what is too much or no request", () => {
  test.each([
    ["a header that is too long", `GET /livez HTTP/1.1\r\nhost: a\r\nx: ${"a".repeat(9_000)}\r\n\r\n`, "431"],
    ["a path that is too long", `GET /${"a".repeat(9_000)} HTTP/1.1\r\nhost: a\r\n\r\n`, "431"],
    ["a text that is no request", "nonsense\r\n\r\n", "400"],
    ["a TLS greeting", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", "400"],
    ["two lengths", "POST /-/reload HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", "400"],
    [
      "a length and pieces",
      "POST /-/reload HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
      "400",
    ],
    ["no host", "GET /livez HTTP/1.1\r\n\r\n", "400"],
    ["a space in a header's name", "GET /livez HTTP/1.1\r\nhost: a\r\nx : b\r\n\r\n", "400"],
    ["a body that is too long", "POST /-/reload HTTP/1.1\r\nhost: a\r\ncontent-length: 16385\r\n\r\n", "413"],
  ])("%s is refused, and the connection ends", async (_, text, status) => {
    await using listening = await Listening.start({ token });

    const answer = await listening.send(text);

    expect(statusIn(answer)).toBe(status);
    expect(answer.toLowerCase()).toContain("connection: close");
    expect(listening.server.told).toEqual([]);
  });

  test("a body that turns out too long is not read to its end", async () => {
    await using listening = await Listening.start({ token });
    const piece = `4000\r\n${"a".repeat(0x4000)}\r\n`;

    const answer = await listening.send(
      `POST /-/reload HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${token}\r\ntransfer-encoding: chunked\r\n\r\n${piece}${piece}`,
    );

    expect(statusIn(answer)).toBe("413");
    expect(listening.server.told).toEqual([]);
  });

  test("a body within the limit does not matter", async () => {
    await using listening = await Listening.start({ token });

    const { status } = await listening.ask("/-/reload", { method: "POST", token, body: "a".repeat(16 * 1024) });

    expect(status).toBe(200);
  });
});

describe("slow peers", () => {
  test.each([
    ["that say nothing", ""],
    ["that do not finish their headers", "GET /livez HTTP/1.1\r\nhost: a\r\n"],
    ["that do not finish their body", "POST /-/reload HTTP/1.1\r\nhost: a\r\ncontent-length: 10\r\n\r\na"],
  ])("%s are cut off", async (_, text) => {
    await using listening = await Listening.start({ limits: quick });

    const answer = await listening.send(text);

    expect(["408", "none"]).toContain(statusIn(answer));
    expect(listening.server.told).toEqual([]);
  });

  test("that do not read their answer are cut off", async () => {
    const content = `# ${"x".repeat(20_000_000)}\n`;
    const asked = Promise.withResolvers<void>();
    const text = (): Promise<string> => {
      asked.resolve();
      return Promise.resolve(content);
    };
    const listening = await Listening.start({ limits: quick, metrics: { text } });
    const socket = await opened(listening);
    socket.pause().write("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
    await asked.promise;

    // Nothing else ends it: the listener's own patience is counted by a clock that stands still.
    await listening[Symbol.asyncDispose]();

    await once(socket.resume(), "close");
    expect(socket.bytesRead).toBeLessThan(content.length);
  });

  test("that read their answer a little now and then are cut off as well", async () => {
    const text = (): Promise<string> => Promise.resolve(`# ${"x".repeat(20_000_000)}\n`);
    await using listening = await Listening.start({ limits: { answerMs: 10_000 }, metrics: { text } });
    const socket = await opened(listening);
    const closed = once(socket, "close");
    socket.write("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n");
    await once(socket, "readable");
    socket.read(1);

    listening.clock.advance(10_000);

    socket.resume();
    await closed;
    expect(socket.bytesRead).toBeLessThan(20_000_000);
    expect(listening.clock.alarms).toBe(1);
  });

  test("that ask for more before they read get one answer after another, in the order they asked", async () => {
    let making = 0;
    let most = 0;
    const text = async (): Promise<string> => {
      making += 1;
      most = Math.max(most, making);
      await setImmediate();
      making -= 1;
      return "# metrics\n";
    };
    await using listening = await Listening.start({ metrics: { text } });

    const answer = await listening.send(
      "GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n".repeat(3) +
        "GET /livez HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
    );

    expect(most).toBe(1);
    expect(answer.match(/# metrics|ok$/gm)).toEqual(["# metrics", "# metrics", "# metrics", "ok"]);
  });

  test("that ask for thousands of things at once are cut off, and cost what one of them costs", async () => {
    let made = 0;
    const text = async (): Promise<string> => {
      made += 1;
      await setImmediate();
      return "# metrics\n";
    };
    await using listening = await Listening.start({ metrics: { text } });

    await listening.send("GET /metrics HTTP/1.1\r\nhost: a\r\n\r\n".repeat(1_500));

    expect(made).toBeLessThan(3);
    expect((await listening.ask("/livez")).status).toBe(200);
  });

  test("more connections than there may be are not taken", async () => {
    await using listening = await Listening.start({ limits: { connections: 1 } });
    const first = await opened(listening);

    const second = await listening.send("GET /livez HTTP/1.1\r\nhost: a\r\n\r\n");
    first.destroy();

    expect(second).toBe("");
  });
});

describe("closing", () => {
  test("answers what was asked, and takes nothing more", async () => {
    let answer: (text: string) => void = () => undefined;
    const asked = Promise.withResolvers<void>();
    const listening = await Listening.start({
      metrics: {
        text: () => {
          asked.resolve();
          return new Promise((resolve) => (answer = resolve));
        },
      },
    });
    const answered = listening.ask("/metrics");
    await asked.promise;

    const closed = listening[Symbol.asyncDispose]();
    answer("# late\n");

    const { text, headers } = await answered;
    await closed;
    expect(text).toBe("# late\n");
    expect(headers.get("connection")).toBe("close");
    await expect(listening.ask("/livez")).rejects.toThrow();
  });

  test("waits only so long for what hangs", async () => {
    const asked = Promise.withResolvers<void>();
    const listening = await Listening.start({
      limits: { drainMs: 5_000 },
      metrics: {
        text: () => {
          asked.resolve();
          return new Promise(() => undefined);
        },
      },
    });
    const refused = expect(listening.ask("/metrics")).rejects.toThrow();
    await asked.promise;

    const closed = listening[Symbol.asyncDispose]();
    listening.clock.advance(5_000);

    await closed;
    await refused;
    expect(listening.clock.alarms).toBe(0);
  });

  test("does not wait for connections on which nobody asks", async () => {
    const listening = await Listening.start();
    const idle = await opened(listening);

    await listening[Symbol.asyncDispose]();

    await once(idle, "close");
  });
});

describe("address", () => {
  test("one that is taken is a failure that names it", async () => {
    await using first = await Listening.start();
    const address = { host: "127.0.0.1", port: first.listener.port };

    const second = Listening.start({ address });

    await expect(second).rejects.toThrow(ListenFailed);
    await expect(second).rejects.toThrow(`cannot listen on 127.0.0.1:${address.port}: `);
  });

  test("one that this machine does not have is a failure", async () => {
    await expect(Listening.start({ address: { host: "192.0.2.1", port: 0 } })).rejects.toThrow(ListenFailed);
  });

  test("without one it listens on all of them", async () => {
    await using listening = await Listening.start({ address: { host: "", port: 0 } });

    expect(listening.listener.url).toBe(`http://127.0.0.1:${listening.listener.port}`);
    expect((await listening.ask("/livez")).status).toBe(200);
  });

  test("IPv6 is written in brackets", async () => {
    await using listening = await Listening.start({ address: { host: "::1", port: 0 } });

    expect(listening.listener.url).toBe(`http://[::1]:${listening.listener.port}`);
    expect((await listening.ask("/livez")).status).toBe(200);
  });
});

describe.runIf(haveTools("openssl"))("TLS", () => {
  const certificates = makeCertificates();

  test("serves with its certificate, and with another one once that is given", async () => {
    const { authority, stranger, server, misnamed } = await certificates;
    const pair = ({ cert, key }: { cert: string; key: string }) => ({ certPem: cert, keyPem: new Secret(key) });
    await using listening = await Listening.start({ tls: pair(server) });

    expect(listening.listener.url).toMatch(/^https:/);
    expect(await askSecurely(listening, authority)).toBe(200);
    await expect(askSecurely(listening, stranger)).rejects.toThrow();
    listening.listener.useCertificate(pair(misnamed));
    await expect(askSecurely(listening, authority)).rejects.toThrow(/altnames/i);
    expect(() => listening.listener.useCertificate({ certPem: "x", keyPem: new Secret("x") })).toThrow(
      ListenerTlsInvalid,
    );
  });

  test.each([
    ["say nothing", ""],
    ["speak plain HTTP", "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n"],
    ["stop within their greeting", "\x16\x03\x01\x02\x00\x01\x00"],
  ])("peers that %s are cut off", async (_, text) => {
    const { server } = await certificates;
    const tls = { certPem: server.cert, keyPem: new Secret(server.key) };
    await using listening = await Listening.start({ tls, limits: quick });

    expect(statusIn(await listening.send(text))).toBe("none");
  });

  test("a peer that never greets does not hold up the end", async () => {
    const { server } = await certificates;
    const tls = { certPem: server.cert, keyPem: new Secret(server.key) };
    const listening = await Listening.start({ tls, limits: { headersMs: 60_000, requestMs: 60_000 } });
    const silent = await opened(listening);
    await settled();

    const closed = listening[Symbol.asyncDispose]();
    listening.clock.advance(5_000);

    await closed;
    await once(silent.resume(), "close");
  });

  test("a key that does not fit is refused before anybody asks, and is not shown", async () => {
    const { server, client } = await certificates;
    const starting = Listening.start({ tls: { certPem: server.cert, keyPem: new Secret(client.key) } });

    await expect(starting).rejects.toThrow(ListenerTlsInvalid);
    await starting.catch((thrown: unknown) => expect(String(thrown)).not.toContain("PRIVATE"));
  });
});

async function opened(listening: Listening): Promise<Socket> {
  const socket = connect(listening.listener.port, "127.0.0.1");
  socket.on("error", () => undefined);
  await once(socket, "connect");
  return socket;
}

async function askSecurely(listening: Listening, ca: string): Promise<number | undefined> {
  const request = httpsRequest(`${listening.listener.url}/livez`, { ca, agent: false }).end();
  const [answer] = await once(request, "response");
  answer.resume();
  return answer.statusCode;
}

function withoutDate(answer: string): string {
  return answer.replace(/\r\ndate: [^\r]*/i, "");
}
