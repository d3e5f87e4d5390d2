import { execFile } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { complete, printCompletion } from "../../src/cli/completion.ts";
import { shells } from "../../src/cli/program.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

const run = promisify(execFile);

function answerTo(words: readonly string[], descriptions: boolean): string {
  const world = new FakeWorld();
  complete(words, descriptions, world);
  return world.stdout.text;
}

function scriptFor(shell: (typeof shells)[number], descriptions = true): string {
  const world = new FakeWorld();
  printCompletion(shell, descriptions, world);
  return world.stdout.text;
}

test("answers with one candidate a line, and its description behind a tab", () => {
  expect(answerTo(["ve"], true)).toBe("version\tprint what this program was built from\n");
  expect(answerTo(["ve"], false)).toBe("version\n");
});

test("says when the name of a file is wanted", () => {
  expect(answerTo(["once", "-c", ""], true)).toBe(":files\n");
});

test("takes a blank for the empty word, which PowerShell cannot hand over", () => {
  expect(answerTo(["completion", " "], false)).toBe("bash\nzsh\nfish\npowershell\n");
});

test("answers nothing to no words at all but the commands", () => {
  expect(answerTo([], false)).toContain("once\n");
});

test.each(shells.filter((shell) => shell !== "bash"))(
  "the script for %s asks for descriptions only if wanted",
  (shell) => {
    expect(scriptFor(shell)).toContain("__complete");
    expect(scriptFor(shell)).not.toContain("--no-descriptions");
    expect(scriptFor(shell, false)).toContain("__complete --no-descriptions");
  },
);

test("bash completes with the script and the answers of the program", async () => {
  await using folder = await makeTempFolder("completion");
  const script = join(folder.path, "regsync.bash");
  const program = join(folder.path, "regsync");
  await writeFile(script, scriptFor("bash"));
  // Stands in for the program: shows what it was asked, and answers.
  await writeFile(program, '#!/bin/sh\nprintf "%s\\n" "asked:$*" "once"\n');
  await chmod(program, 0o755);
  const typing = `source ${script}; COMP_WORDS=(${program} --output "=" ""); COMP_CWORD=3; _regsync`;

  const { stdout } = await run("bash", ["-c", `${typing}; printf '<%s>' "\${COMPREPLY[@]}"`]);

  expect(stdout).toBe("<asked:__complete --no-descriptions --output = ><once>");
});
