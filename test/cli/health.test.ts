import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSilentServer, type Server as NetServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { stoppedBy } from "../../src/cli/exit-code.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { makeCertificates } from "../support/certificates.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { haveTools } from "../support/tools.ts";

/** A server on loopback. Disposing breaks what is still connected. */
interface Listening extends AsyncDisposable {
  readonly port: number;
}

async function listen(server: NetServer | Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => void sockets.add(socket.on("error", () => undefined)));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    port: address.port,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, "close");
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers everything in the same way, and writes down what was asked. */
class Answering {
  readonly asked: string[] = [];
  readonly answer: RequestListener;

  constructor(status: number, text: string, headers: Readonly<Record<string, string>> = {}) {
    this.answer = (request: IncomingMessage, response: ServerResponse) => {
      this.asked.push(`${request.method} ${request.url}`);
      response.writeHead(status, headers).end(text);
    };
  }
}

async function ask(...argv: readonly string[]): Promise<{ exit: number; stdout: string; stderr: string }> {
  const world = new FakeWorld("health", ...argv);
  const exit = await runCli(world);
  return { exit, stdout: world.stdout.text, stderr: world.stderr.text };
}

test("a server that is alive is said to be so, in one line and with exit status 0", async () => {
  const server = new Answering(200, "ok\n");
  await using listening = await listen(createServer(server.answer));

  const result = await ask("--listen", `127.0.0.1:${listening.port}`);

  const url = `http://127.0.0.1:${listening.port}/livez`;
  expect(result).toEqual({ exit: 0, stdout: `${url} answered 200: ok\n`, stderr: "" });
  expect(server.asked).toEqual(["GET /livez"]);
});

test.each([":", "0.0.0.0:", "localhost:"])("a server that listens on %s is asked over loopback", async (prefix) => {
  const server = new Answering(200, "ok");
  await using listening = await listen(createServer(server.answer));

  const { exit } = await ask("--listen", `${prefix}${listening.port}`);

  expect(exit).toBe(0);
  expect(server.asked).toEqual(["GET /livez"]);
});

test("asks whether the server is ready when told to", async () => {
  const server = new Answering(200, "ok");
  await using listening = await listen(createServer(server.answer));

  const { exit } = await ask("--ready", "--listen", `:${listening.port}`);

  expect(exit).toBe(0);
  expect(server.asked).toEqual(["GET /readyz"]);
});

test("the environment says where to ask, and the flag wins over it", async () => {
  const server = new Answering(200, "ok");
  await using listening = await listen(createServer(server.answer));
  const told = new FakeWorld("health");
  told.env["REGSYNC_LISTEN"] = `127.0.0.1:${listening.port}`;
  const overruled = new FakeWorld("health", `--listen=:${listening.port}`);
  overruled.env["REGSYNC_LISTEN"] = "off";

  expect(await runCli(told)).toBe(0);
  expect(await runCli(overruled)).toBe(0);
  expect(server.asked).toEqual(["GET /livez", "GET /livez"]);
});

test("what a failing server says stands on one line", async () => {
  const server = new Answering(503, "[+]scheduler ok\n[-]event-loop failed: stuck for 12 s\nlivez check failed\n");
  await using listening = await listen(createServer(server.answer));

  const { exit, stdout } = await ask("--listen", `:${listening.port}`);

  const said = "[+]scheduler ok; [-]event-loop failed: stuck for 12 s; livez check failed";
  expect({ exit, stdout }).toEqual({
    exit: 1,
    stdout: `http://127.0.0.1:${listening.port}/livez answered 503: ${said}\n`,
  });
});

test.each([204, 302, 404, 500])("only 200 means yes, and %i does not", async (status) => {
  const server = new Answering(status, "", { location: "/elsewhere" });
  await using listening = await listen(createServer(server.answer));

  const { exit } = await ask("--listen", `:${listening.port}`);

  expect(exit).toBe(1);
  expect(server.asked).toEqual(["GET /livez"]);
});

test("an answer can neither move the cursor nor fill the screen", async () => {
  const server = new Answering(503, `\u001b[2J${"long ".repeat(10_000)}`);
  await using listening = await listen(createServer(server.answer));

  const { stdout } = await ask("--listen", `:${listening.port}`);

  expect(stdout).toContain("answered 503: \\x1b[2Jlong long");
  expect(stdout.length).toBeLessThan(400);
  expect(stdout).toMatch(/…\n$/);
});

test("an answer without an end is not read to it", async () => {
  const endless = createServer((_, response) => {
    const more = (): void => {
      while (response.write("x".repeat(1_024)));
    };
    response.on("drain", more);
    more();
  });
  await using listening = await listen(endless);

  const { exit } = await ask("--listen", `:${listening.port}`);

  expect(exit).toBe(0);
});

test("nobody who listens is not alive", async () => {
  const port = await listen(createServer()).then(async (listening) => {
    await listening[Symbol.asyncDispose]();
    return listening.port;
  });

  const result = await ask("--listen", `:${port}`);

  const why = `connect ECONNREFUSED 127.0.0.1:${port}`;
  expect(result).toEqual({ exit: 1, stdout: `http://127.0.0.1:${port}/livez gave no answer: ${why}\n`, stderr: "" });
});

test("a server that accepts and says nothing is given up after three seconds", async () => {
  const world = new FakeWorld("health");
  const silent = createSilentServer((socket) => void socket.once("data", () => world.clock.advance(3_000)));
  await using listening = await listen(silent);
  world.env["REGSYNC_LISTEN"] = `:${listening.port}`;

  expect(await runCli(world)).toBe(1);

  expect(world.stdout.text).toMatch(/livez gave no answer: nothing within 3000 ms\n$/);
});

test("one that stops in the middle of its answer is not alive", async () => {
  const world = new FakeWorld("health");
  const stuck = createServer((_, response) => {
    response.write("o", () => setImmediate(() => world.clock.advance(3_000)));
  });
  await using listening = await listen(stuck);
  world.env["REGSYNC_LISTEN"] = `:${listening.port}`;

  expect(await runCli(world)).toBe(1);
});

test("being told to stop ends the asking", async () => {
  const world = new FakeWorld("health");
  const silent = createSilentServer((socket) => {
    socket.once("data", () => world.stopping.abort(stoppedBy("SIGTERM")));
  });
  await using listening = await listen(silent);
  world.env["REGSYNC_LISTEN"] = `:${listening.port}`;

  expect(await runCli(world)).toBe(143);

  expect(world.clock.alarms).toBe(0);
});

test.skipIf(!haveTools("openssl"))(
  "a server that speaks TLS under any certificate is found out and asked",
  async () => {
    const { misnamed } = await makeCertificates();
    const server = new Answering(200, "ok");
    await using listening = await listen(createTlsServer(misnamed, server.answer));

    const result = await ask("--listen", `:${listening.port}`);

    const url = `https://127.0.0.1:${listening.port}/livez`;
    expect(result).toEqual({ exit: 0, stdout: `${url} answered 200: ok\n`, stderr: "" });
    expect(server.asked).toEqual(["GET /livez"]);
  },
);

test.each([
  ["off", /^--listen is off: a server that does not listen cannot be asked\n$/],
  [":0", /^--listen names port 0, which may be any: name the one it became\n$/],
  ["", /^--listen: "" is no address to listen on: /],
  ["localhost", /^--listen: "localhost" is no address to listen on: /],
  ["http://localhost:9090", /^--listen: "http:\/\/localhost:9090" is no address to listen on: /],
])("refuses to ask at %j", async (text, sentence) => {
  const { exit, stdout, stderr } = await ask("--listen", text);

  expect({ exit, stdout }).toEqual({ exit: 3, stdout: "" });
  expect(stderr).toMatch(sentence);
});

test("refuses what the environment says, and names the variable", async () => {
  const world = new FakeWorld("health");
  world.env["REGSYNC_LISTEN"] = "9090";

  expect(await runCli(world)).toBe(3);

  expect(world.stderr.lines).toEqual([expect.stringMatching(/^REGSYNC_LISTEN: "9090" is no address to listen on: /)]);
});
