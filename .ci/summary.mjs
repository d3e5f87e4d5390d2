// Adds up vitest's JSON reports and the steps around them, and prints the one line that says how it went.
// usage: node .ci/summary.mjs REPORT.json... [passed:NAME | failed:NAME]...

import { readFileSync } from "node:fs";

const total = { passed: 0, failed: 0, skipped: 0 };
for (const argument of process.argv.slice(2)) {
  const step = /^(passed|failed):(.*)$/.exec(argument);
  if (step === null) addReport(argument);
  else add(step[1], 1, step[1] === "failed" ? step[2] : "");
}
const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;

function addReport(path) {
  let report;
  try {
    report = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    add("failed", 1, `no readable test report at ${path}: ${error.message}`);
    return;
  }
  add("passed", report.numPassedTests);
  add("failed", report.numFailedTests);
  add("skipped", report.numPendingTests + report.numTodoTests);
  // A file that could not even be loaded has no tests to count.
  const unloaded = report.testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0);
  for (const file of unloaded) add("failed", 1, `${file.name}: ${file.message}`);
}

function add(kind, count, sentence = "") {
  total[kind] += count;
  if (sentence !== "") console.log(`failed: ${sentence}`);
}
