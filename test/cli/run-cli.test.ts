import { once } from "node:events";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { stoppedBy } from "../../src/cli/exit-code.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { parseLog } from "../support/log-lines.ts";
import { FailureOf, reportOf } from "../support/reports.ts";

test("prints help on standard output and exits with 0", async () => {
  const world = new FakeWorld();

  expect(await runCli(world)).toBe(0);

  expect(world.stdout.text).toContain("Usage: regsync <command>");
  expect(world.stderr.text).toBe("");
});

test("says in one line what is wrong with the command line, and exits with 3", async () => {
  const world = new FakeWorld("onse\x1b[2J", "-c", "f");

  expect(await runCli(world)).toBe(3);

  expect(world.stderr.lines).toEqual([expect.stringMatching(/^unknown command 'onse\\x1b\[2J'/)]);
  expect(world.stdout.text).toBe("");
});

test("prints completion scripts and answers them", async () => {
  const script = new FakeWorld("completion", "bash");
  const answer = new FakeWorld("__complete", "--no-descriptions", "--output", "");

  expect(await runCli(script)).toBe(0);
  expect(await runCli(answer)).toBe(0);

  expect(script.stdout.text).toContain("complete -F _regsync regsync");
  expect(answer.stdout.text).toBe("text\njson\n");
});

/** A world with an empty configuration whose pass ends as it is told to. */
function passWorld(...options: string[]): FakeWorld {
  return new FakeWorld("once", "-c", "-", "--logopt", "json", ...options);
}

test("says a failure to start in one line and exits with 1", async () => {
  const world = passWorld();
  world.engine = () => Promise.reject(new FailureOf("LAYOUT_LOCKED", "another process holds it"));

  expect(await runCli(world)).toBe(1);

  expect(world.stderr.lines).toEqual(["another process holds it"]);
});

test("logs what nobody foresaw in one line, and its stack only for who looks for it", async () => {
  const short = passWorld();
  const long = passWorld("-v", "debug");
  short.engine = long.engine = () => Promise.reject(Object.assign(new TypeError("x is no function"), { code: "EODD" }));

  expect(await runCli(short)).toBe(1);
  expect(await runCli(long)).toBe(1);

  expect(parseLog(short.stderr.text)).toEqual([
    expect.objectContaining({ level: "ERROR", error: "x is no function", code: "EODD" }),
  ]);
  expect(short.stderr.text).not.toContain(".ts:");
  expect(parseLog(long.stderr.text)[1]).toMatchObject({
    level: "DEBUG",
    stack: expect.stringContaining("run-cli.test.ts"),
  });
});

test("exits with 1 when a failure that nobody caught stopped the work, however well it ended", async () => {
  const world = passWorld();
  world.engine = () => {
    world.stopping.abort(new RangeError("out of range"));
    return Promise.resolve(reportOf({ interrupted: true }));
  };

  expect(await runCli(world)).toBe(1);

  expect(parseLog(world.stderr.text).at(-1)).toMatchObject({ level: "ERROR", error: "out of range" });
});

test("stops waiting for a configuration that nobody types", async () => {
  const world = passWorld();
  const typing = new PassThrough();
  world.stdin = () => typing;

  const running = runCli(world);
  await once(typing, "newListener");
  world.stopping.abort(stoppedBy("SIGINT"));

  expect(await running).toBe(130);
  expect(world.stderr.text).toBe("");
});
