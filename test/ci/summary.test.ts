import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeTempFolder } from "../support/temp-folder.ts";

const script = fileURLToPath(new URL("../../.ci/summary.mjs", import.meta.url));

const allWell = { numPassedTests: 12, numFailedTests: 0, numPendingTests: 3, numTodoTests: 0, testResults: [] };

/** Runs the summary over these reports and steps; gives its last line and its exit status. */
async function summarise(reports: readonly unknown[], ...steps: readonly string[]) {
  await using folder = await makeTempFolder("summary");
  const paths = reports.map((_, position) => join(folder.path, `${position}.json`));
  for (const [position, report] of reports.entries()) {
    await writeFile(paths[position] ?? "", typeof report === "string" ? report : JSON.stringify(report));
  }
  const { stdout, status } = spawnSync(process.execPath, [script, ...paths, ...steps], { encoding: "utf8" });
  return { line: stdout.trim().split("\n").at(-1), exit: status };
}

test("tests of all reports and steps around them are added up", async () => {
  const answer = await summarise([allWell, allWell], "passed:npm run demo");

  expect(answer).toEqual({ line: "25 passed, 0 failed, 6 skipped", exit: 0 });
});

test("one failed test fails the whole", async () => {
  const answer = await summarise([{ ...allWell, numFailedTests: 1, numPendingTests: 0 }]);

  expect(answer).toEqual({ line: "12 passed, 1 failed", exit: 1 });
});

test("a step that failed fails the whole", async () => {
  const answer = await summarise([allWell], "failed:npm run demo");

  expect(answer).toEqual({ line: "12 passed, 1 failed, 3 skipped", exit: 1 });
});

test("a test file that could not be loaded counts as a failure, though it has no tests", async () => {
  const unloaded = { name: "a.test.ts", status: "failed", message: "cannot find ./b.ts", assertionResults: [] };

  const answer = await summarise([{ ...allWell, testResults: [unloaded] }]);

  expect(answer).toEqual({ line: "12 passed, 1 failed, 3 skipped", exit: 1 });
});

test("a report that was never written counts as a failure", async () => {
  const answer = await summarise(["", allWell]);

  expect(answer).toEqual({ line: "12 passed, 1 failed, 3 skipped", exit: 1 });
});

test("nothing that passed is no success", async () => {
  const answer = await summarise([]);

  expect(answer).toEqual({ line: "0 passed, 0 failed", exit: 1 });
});
