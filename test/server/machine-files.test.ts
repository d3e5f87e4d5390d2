import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";
import { machineFiles } from "../../src/server/machine-files.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

test("a pipe is not read: nobody may ever write to it, and what is in it is for somebody else", async () => {
  await using folder = await makeTempFolder("pipe");
  const pipe = join(folder.path, "pipe");
  execFileSync("mkfifo", [pipe]);

  expect(await machineFiles.hash(pipe)).toBe(await machineFiles.hash(join(folder.path, "none")));
});
