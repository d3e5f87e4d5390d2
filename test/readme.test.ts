import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { buildProgram, commandsOf } from "../src/cli/program.ts";
import schema from "../config/regsync.schema.json" with { type: "json" };
import { runProgram } from "./support/program.ts";

// What the README promises has to stay true.

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** Words that the README sets in type: keys, flags, commands. */
const words = new Set([...readme.matchAll(/`([^`\n]+)`/g)].flatMap(([, code = ""]) => code.split(/[\s,]+/)));

const blocks = [...readme.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, block = ""]) => block);

/** Accepted for the sake of old files, without effect or under another name; the table of differences has them. */
const retired = new Set(["api", "scheme", "hooks", "referrerSlow", "fastCopy"]);

test.for([
  ["creds", schema.$defs.creds.properties],
  ["defaults", schema.$defs.defaults.properties],
  ["sync", schema.$defs.entry.properties],
] as const)("every key of %s is explained", ([, properties]) => {
  const keys = Object.keys(properties).filter((key) => !retired.has(key));

  expect(keys.filter((key) => !words.has(key))).toEqual([]);
});

test("the keys that belong to an entry alone are all of those that defaults does not have", () => {
  const [, list = ""] = /under `defaults`, except for (.*?), which belong to an entry alone/s.exec(readme) ?? [];
  const named = [...list.matchAll(/`(\w+)`/g)].map(([, key]) => key);
  const { entry, defaults } = schema.$defs;

  const own = Object.keys(entry.properties).filter((key) => !Object.hasOwn(defaults.properties, key));

  expect(new Set(named)).toEqual(new Set(own));
});

test("every command and every flag is explained", () => {
  const commands = commandsOf(buildProgram()).slice(1);
  const shells = new Set(["bash", "zsh", "fish", "powershell"]);
  const names = commands.map((command) => command.name()).filter((name) => !shells.has(name));
  const flags = commands.flatMap((command) => command.options.map((option) => option.long ?? ""));

  expect([...names, ...flags].filter((word) => !words.has(word))).toEqual([]);
});

test("every variable of the environment is explained", () => {
  const folder = fileURLToPath(new URL("../src", import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"));
  const read = sources
    .flatMap((text) => [...text.matchAll(/\b(?:env\[|variable\()"([A-Z_]+)"/g)])
    .map(([, name = ""]) => name);

  expect(read).toContain("NO_PROXY");
  expect(read.filter((name) => !words.has(name))).toEqual([]);
});

test.for(blocks.map((block, position) => [position + 1, block] as const))(
  "example %i of a configuration is accepted without a complaint",
  async ([, block]) => {
    const env = { HUB_USER: "me", HUB_TOKEN: "secret" };

    const result = await runProgram(["config", "--strict"], { config: block, env });

    expect(result.exit, result.stderr).toBe(0);
    expect(result.stderr).toBe("");
  },
);
