import { execFile } from "node:child_process";
import { cp, readdir, rm, truncate } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, describe, expect, test } from "vitest";
import { runProgram } from "./support/program.ts";
import { makeTempFolder } from "./support/temp-folder.ts";

const dist = fileURLToPath(new URL("../dist", import.meta.url));

/** Says whether V8 refuses the code in the second file for the bundle in the first. */
const isRefused = `
  const { readFileSync } = require("node:fs");
  const [path, code] = process.argv.slice(1);
  const script = new (require("node:vm").Script)(readFileSync(path, "latin1"), { cachedData: readFileSync(code) });
  process.stdout.write(String(script.cachedDataRejected));`;

let bundle: string;
let code: string;

beforeAll(async () => {
  const names = await readdir(dist);
  bundle = names.find((name) => /^regsync-\w+\.js$/.test(name)) ?? expect.unreachable("there is no bundle");
  code = names.find((name) => name.startsWith(`${bundle}.`)) ?? expect.unreachable("nothing was kept for the bundle");
});

test("V8 takes what the build kept for the bundle", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [
    "-e",
    isRefused,
    join(dist, bundle),
    join(dist, code),
  ]);

  expect(stdout).toBe("false");
});

describe("a bundle", () => {
  test.each([
    ["that was moved", () => Promise.resolve()],
    ["with nothing kept for this Node", (path: string) => rm(path)],
    ["of whose code a part is missing", (path: string) => truncate(path, 1_000)],
  ])("%s does what it did before", async (_, change) => {
    await using folder = await makeTempFolder("bundle");
    await cp(dist, folder.path, { recursive: true });
    await change(join(folder.path, code));
    const options = { input: "defaults: { parallel: 3 }" };

    const there = await runProgram(["config", "-c", "-"], { ...options, program: join(folder.path, "main.js") });

    expect(there).toEqual(await runProgram(["config", "-c", "-"], { ...options, program: "dist/main.js" }));
    expect(there.stdout).toContain("parallel: 3");
    expect(there.exit).toBe(0);
  });
});
