import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCli } from "../../src/cli/run-cli.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

function worldOf(input: string, ...options: string[]): FakeWorld {
  const world = new FakeWorld("config", "-c", "-", ...options);
  world.input = input;
  return world;
}

const withSecret = "creds: [{ registry: r.test, user: bot, pass: hunter2 }]\n";

test("prints the effective configuration and nothing else", async () => {
  const world = worldOf("defaults: { parallel: 3 }\n");

  expect(await runCli(world)).toBe(0);

  expect(world.stdout.text).toMatch(/^version: 1\n/);
  expect(world.stdout.text).toContain("parallel: 3");
  expect(world.stderr.text).toBe("");
});

test("masks secrets unless told to show them", async () => {
  const masked = worldOf(withSecret);
  const shown = worldOf(withSecret, "--show-secrets");

  await runCli(masked);
  await runCli(shown);

  expect(masked.stdout.text).not.toContain("hunter2");
  expect(masked.stdout.text).toContain("user: bot");
  expect(shown.stdout.text).toContain("pass: hunter2");
});

test("prints JSON when asked to", async () => {
  const world = worldOf(withSecret, "--output", "json");

  await runCli(world);

  expect(JSON.parse(world.stdout.text)).toMatchObject({ version: 1, creds: [{ registry: "r.test", user: "bot" }] });
});

test("expands templates with the variables of the world", async () => {
  const world = worldOf("creds: [{ registry: '{{ env \"HOST\" }}' }]\n");
  world.env["HOST"] = "from-env.test";

  await runCli(world);

  expect(world.stdout.text).toContain("registry: from-env.test");
});

test("reads a file as well as standard input", async () => {
  await using folder = await makeTempFolder("config");
  const file = join(folder.path, "regsync.yml");
  await writeFile(file, "\ufeffversion: 1\n");
  const world = new FakeWorld("config", "-c", file);

  expect(await runCli(world)).toBe(0);
  expect(world.stdout.text).toMatch(/^version: 1\n/);
});

test("says what is doubtful like a compiler does, and prints all the same", async () => {
  const world = worldOf("version: 1\nsyncs: []\n");

  expect(await runCli(world)).toBe(0);

  expect(world.stderr.lines[0]).toMatch(/^stdin:2:1: warning: syncs: /);
  expect(world.stdout.text).toContain("version: 1");
});

test("keeps warnings to itself when only errors are wanted, but not a refused entry", async () => {
  const world = worldOf("syncs: []\nsync: [{ source: a, target: r.test/a, type: folder }]\n", "-v", "error");

  expect(await runCli(world)).toBe(0);

  expect(world.stderr.text).not.toContain("warning");
  expect(world.stderr.text).toMatch(/^stdin:2:.*sync\[0\]\.type: /);
});

test("refuses with all complaints what cannot be used at all", async () => {
  const world = worldOf("version: 9\nsync: 7\n");

  expect(await runCli(world)).toBe(3);

  expect(world.stderr.lines.filter((line) => line.startsWith("stdin:"))).toEqual([
    expect.stringMatching(/^stdin:1:\d+: version: /),
    expect.stringMatching(/^stdin:2:\d+: sync: /),
  ]);
  expect(world.stdout.text).toBe("");
});

test("refuses for a warning when told to be strict, and says so", async () => {
  const world = worldOf("syncs: []\n", "--strict");

  expect(await runCli(world)).toBe(3);

  expect(world.stderr.lines[0]).toMatch(/^stdin:1:1: warning: /);
  expect(world.stderr.lines.at(-1)).toBe("stdin: refused because of --strict");
  expect(world.stdout.text).toBe("");
});

test("never obeys what stands in the file", async () => {
  const world = worldOf('"\\e[2J": 1\n# \u009b\nversion: "\u202e"\n');

  await runCli(world);

  expect(world.stderr.text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test.each([
  ["/nonexistent/regsync.yml", "the configuration /nonexistent/regsync.yml cannot be read: there is no such file"],
  ["/", "the configuration / cannot be read: it is a folder, and not a file"],
])("refuses to read %s", async (file, message) => {
  const world = new FakeWorld("config", "-c", file);

  expect(await runCli(world)).toBe(3);
  expect(world.stderr.lines).toEqual([message]);
});

test("refuses what is not UTF-8", async () => {
  await using folder = await makeTempFolder("config");
  const file = join(folder.path, "regsync.yml");
  await writeFile(file, Buffer.from("fffe76003a00", "hex"));
  const world = new FakeWorld("config", "-c", file);

  expect(await runCli(world)).toBe(3);
  expect(world.stderr.lines).toEqual([expect.stringMatching(/it is not UTF-8 text; save it in that encoding$/)]);
});
