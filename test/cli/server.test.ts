import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { stoppedBy } from "../../src/cli/exit-code.ts";
import type { ServerRequest } from "../../src/cli/run.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

/** A world whose server notes what it is to do, and ends as it is told to. */
function serverWorld(config: string, ...options: string[]): FakeWorld & { readonly requests: ServerRequest[] } {
  const world = Object.assign(new FakeWorld("server", "-c", "-", ...options), { requests: new Array<ServerRequest>() });
  world.input = config;
  world.server = (request) => {
    world.requests.push(request);
    world.stopping.abort(stoppedBy("SIGTERM"));
    return Promise.resolve("stopped");
  };
  return world;
}

test("a server that a signal ends in good order is no failure", async () => {
  const world = serverWorld("sync: []");

  expect(await runCli(world)).toBe(0);

  expect(world.requests).toHaveLength(1);
  expect(world.stderr.text).toBe("");
});

test("a server that its first failure ends is one", async () => {
  const world = serverWorld("sync: []", "--abort-on-error");
  world.server = (request) => Promise.resolve(request.abortOnError ? "failed" : "stopped");

  expect(await runCli(world)).toBe(1);
});

test("a configuration that cannot be used starts no server", async () => {
  const world = serverWorld("sync: 1");

  expect(await runCli(world)).toBe(3);

  expect(world.requests).toEqual([]);
});

test("says what is wrong with single entries, and starts", async () => {
  const world = serverWorld("sync: [{source: a, target: b, type: path}]");

  expect(await runCli(world)).toBe(0);

  expect(world.stderr.lines).toEqual([expect.stringContaining("Configuration of an entry is wrong")]);
});

test("cannot read standard input again, and says what to do", async () => {
  const world = serverWorld("sync: []");
  await runCli(world);

  const [request] = world.requests;

  expect(request?.file).toBeUndefined();
  await expect(request?.load()).rejects.toMatchObject({
    code: "CONFIG_UNREADABLE",
    message: expect.stringContaining("name a file to be able to reload it"),
  });
});

test("knows the files that templates asked for, and Docker's", async () => {
  const world = serverWorld("creds: [{registry: a, user: u, pass: '{{file \"/run/pass\"}}'}]");
  world.env["DOCKER_CONFIG"] = "/docker";
  await runCli(world);

  expect(world.requests[0]?.otherFiles()).toEqual(["/run/pass", "/docker/config.json"]);
});

test("knows the files that a refused configuration asked for: it may be usable once they are there", async () => {
  await using folder = await makeTempFolder("config");
  const path = join(folder.path, "regsync.yml");
  await writeFile(path, "sync: []");
  const world = serverWorld("", "-c", path);
  let refusal: unknown;
  let known: readonly string[] = [];
  world.server = async (request) => {
    await writeFile(path, `server: {token: '{{file "${folder.path}/token"}}'}`);
    await request.load().catch((thrown: unknown) => (refusal = thrown));
    known = request.otherFiles();
    return "failed";
  };

  await runCli(world);

  expect(refusal).toMatchObject({ code: "CONFIG_INVALID" });
  expect(known).toContain(join(folder.path, "token"));
});

test("takes a file that became empty for one that is being written, and not for one that wants nothing", async () => {
  await using folder = await makeTempFolder("config");
  const path = join(folder.path, "regsync.yml");
  await writeFile(path, "version: 1\n");
  const world = serverWorld("", "-c", path);
  const loaded: unknown[] = [];
  world.server = async (request) => {
    for (const text of ["", "\n", "sync: []\n", "# nothing\n"]) {
      await writeFile(path, text);
      loaded.push(
        await request.load().then(
          () => "taken",
          ({ code }: { code: string }) => code,
        ),
      );
    }
    return "failed";
  };

  await runCli(world);

  expect(loaded).toEqual(["CONFIG_UNREADABLE", "CONFIG_UNREADABLE", "taken", "taken"]);
});

test("reads what is no file once, as standard input", async () => {
  await using folder = await makeTempFolder("config");
  const path = join(folder.path, "pipe");
  execFileSync("mkfifo", [path]);
  const world = serverWorld("", "-c", path);

  const [exit] = await Promise.all([runCli(world), writeFile(path, "sync: []")]);

  expect(exit).toBe(0);
  expect(world.requests[0]?.file).toBeUndefined();
  await expect(world.requests[0]?.load()).rejects.toMatchObject({
    code: "CONFIG_UNREADABLE",
    message: expect.stringContaining(path),
  });
});

test("is not ended by SIGHUP, nor debugged by SIGUSR1, while it begins", async () => {
  const world = serverWorld("sync: []");
  const heard: string[] = [];
  const onSignal = (name: string): Disposable => {
    heard.push(name);
    return { [Symbol.dispose]: () => undefined };
  };
  let before: readonly string[] = [];
  const stdin = world.stdin;
  Object.assign(world, {
    onSignal,
    stdin: () => {
      before = [...heard];
      return stdin();
    },
  });

  await runCli(world);

  expect(before.toSorted()).toEqual(["SIGHUP", "SIGUSR1"]);
});

test("does not look at Docker's logins when it is not to", async () => {
  const world = serverWorld("defaults: {skipDockerConfig: true}");
  world.env["DOCKER_CONFIG"] = "/docker";
  await runCli(world);

  expect(world.requests[0]?.otherFiles()).toEqual([]);
});

describe("listens where it is told to:", () => {
  test.each([
    ["the flag before the variable", ["--listen", ":1"], ":2", "server: {listen: ':3'}", { host: "", port: 1 }],
    ["the variable before the file", [], "127.0.0.1:2", "server: {listen: ':3'}", { host: "127.0.0.1", port: 2 }],
    ["the file", [], "", "server: {listen: ':3'}", { host: "", port: 3 }],
    ["port 9090 otherwise", [], "", "sync: []", { host: "", port: 9090 }],
    ["nowhere", ["--listen", "off"], ":2", "server: {listen: ':3'}", undefined],
  ])("%s", async (_, options, variable, config, listen) => {
    const world = serverWorld(config, ...options);
    world.env["REGSYNC_LISTEN"] = variable;

    await runCli(world);

    expect(world.requests[0]?.listen).toEqual(listen);
  });

  test.each([
    [["--listen", "9090"], "", "--listen: "],
    [[], "x:y", "REGSYNC_LISTEN: "],
  ])("not at what is no address", async (options, variable, where) => {
    const world = serverWorld("sync: []", ...options);
    world.env["REGSYNC_LISTEN"] = variable;

    expect(await runCli(world)).toBe(3);

    expect(world.stderr.lines).toEqual([expect.stringContaining(where)]);
    expect(world.requests).toEqual([]);
  });
});
