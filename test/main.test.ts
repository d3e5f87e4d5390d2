import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { runProgram } from "./support/program.ts";
import { makeTempFolder } from "./support/temp-folder.ts";

const entryFile = fileURLToPath(new URL("../src/main.ts", import.meta.url));
const env = { PATH: process.env["PATH"] };

test("reads a configuration from standard input, with options before the command", async () => {
  const { exit, stdout, stderr } = await runProgram(["-c", "-", "config"], { input: "defaults: { parallel: 3 }" });

  expect(stderr).toBe("");
  expect(stdout).toContain("parallel: 3");
  expect(exit).toBe(0);
});

test("exits with 3 and one line when the command line is wrong", async () => {
  const { exit, stdout, stderr } = await runProgram(["once"]);

  expect(stderr).toMatch(/^option --config is missing.*\n$/);
  expect(stdout).toBe("");
  expect(exit).toBe(3);
});

test("says the same of its version to who asks for nothing else as to who asks for more", async () => {
  const [flag, command, more] = await Promise.all([
    runProgram(["--version"]),
    runProgram(["version"]),
    runProgram(["version", "--verbosity", "debug"]),
  ]);

  expect(more.stdout).toMatch(/^VCSTag: /);
  expect(flag).toEqual(more);
  expect(command).toEqual(more);
});

test("does not mind when nobody reads its results", async () => {
  const child = spawn(process.execPath, [entryFile, "config", "-c", "-"], { env, stdio: ["pipe", "pipe", "pipe"] });
  const said = text(child.stderr);

  child.stdout.destroy();
  child.stdin.end("version: 1\n");
  const [exit] = await once(child, "exit");

  expect(await said).toBe("");
  expect(exit).toBe(0);
});

test.runIf(existsSync("/dev/full"))("fails when its results cannot be written", async () => {
  await using full = await open("/dev/full", "w");
  const child = spawn(process.execPath, [entryFile, "version"], { env, stdio: ["ignore", full.fd, "pipe"] });
  const stderr = child.stderr ?? expect.unreachable("it is a pipe");

  const [said, [exit]] = await Promise.all([text(stderr), once(child, "exit")]);

  expect(said).toMatch(/^standard output cannot be written: ENOSPC/);
  expect(exit).toBe(1);
});

test.runIf(existsSync("/dev/full"))("says only once that its results cannot be written", async () => {
  await using full = await open("/dev/full", "w");
  const child = spawn(process.execPath, [entryFile, "config", "-c", "-"], { env, stdio: ["pipe", full.fd, "pipe"] });
  const [stdin, stderr] = [child.stdin ?? expect.unreachable(), child.stderr ?? expect.unreachable()]; // both are pipes
  const entries = Array.from({ length: 500 }, (_, at) => ({ source: `a.test/${at}`, target: `b.test/${at}` }));
  stdin.end(JSON.stringify({ sync: entries.map((entry) => ({ ...entry, type: "repository" })) })); // JSON is YAML

  const [said, [exit]] = await Promise.all([text(stderr), once(child, "exit")]);

  expect(said.split("\n")).toHaveLength(2);
  expect(exit).toBe(1);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("ends at %s with %i while it waits for somebody to type", async (name, exit) => {
  const child = spawn(process.execPath, [entryFile, "once", "-c", "-"], { env, stdio: ["pipe", "pipe", "pipe"] });
  const said = text(child.stderr);
  child.stdin.on("error", () => undefined); // the pipe breaks when the program ends
  // More than a pipe holds: once it is gone the program is reading.
  child.stdin.write(`# ${"x".repeat(1_000_000)}`, () => child.kill(name));

  expect(await once(child, "exit")).toEqual([exit, null]);
  expect(await said).toBe("");
});

test("ends while it waits for somebody to write to a pipe", async () => {
  await using folder = await makeTempFolder("pipe");
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  const child = spawn(process.execPath, [entryFile, "once", "-c", pipe], { env, stdio: ["ignore", "pipe", "pipe"] });
  using stack = new DisposableStack();
  stack.defer(() => void child.kill("SIGKILL"));
  const ended = once(child, "exit");
  await setTimeout(1_000); // nothing shows that it waits

  child.kill("SIGTERM");

  expect(await Promise.race([ended, setTimeout(5_000, "it still waits")])).toEqual([143, null]);
});

test("reads what somebody writes to a pipe", async () => {
  await using folder = await makeTempFolder("pipe");
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);
  const text = `version: 1 # ${"x".repeat(1_000_000)}\ndefaults: { parallel: 3 }\n`;

  const [{ exit, stdout }] = await Promise.all([runProgram(["config", "-c", pipe]), writeFile(pipe, text)]);

  expect(stdout).toContain("parallel: 3");
  expect(exit).toBe(0);
});
