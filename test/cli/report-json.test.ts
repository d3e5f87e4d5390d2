import { expect, test } from "vitest";
import { type ReportJson, reportJson } from "../../src/cli/report-json.ts";
import type { RunReport } from "../../src/sync/outcome.ts";
import { digestOfDigit, everyOutcome, FailureOf, reportOf, resultOf } from "../support/reports.ts";

function textOf(report: RunReport): string {
  return [...reportJson(report)].join("");
}

function documentOf(report: RunReport): ReportJson {
  return JSON.parse(textOf(report)) as ReportJson; // the form under test
}

test("is a document even of nothing", () => {
  expect(documentOf(reportOf({}))).toEqual({
    images: [],
    failures: [],
    summary: {
      copied: 0,
      unchanged: 0,
      skipped: 0,
      stale: 0,
      failed: 0,
      bytes: 0,
      mounted: 0,
      durationMs: 1_235,
    },
    interrupted: false,
  });
});

test("says of each image what became of it and why", () => {
  const { images } = documentOf(reportOf({ images: everyOutcome }));

  expect(images.map(({ source: _source, target: _target, ...facts }) => facts)).toEqual([
    { entry: 0, outcome: "unchanged", digest: digestOfDigit("1") },
    { entry: 0, outcome: "skipped", reason: "exists" },
    { entry: 0, outcome: "skipped", reason: "mediaType", mediaType: "application/x" },
    { entry: 0, outcome: "stale", reason: "absent", sourceDigest: digestOfDigit("2") },
    {
      entry: 0,
      outcome: "stale",
      reason: "differs",
      sourceDigest: digestOfDigit("3"),
      targetDigest: digestOfDigit("4"),
    },
    { entry: 0, outcome: "stale", reason: "forced", sourceDigest: digestOfDigit("5") },
    { entry: 0, outcome: "stale", reason: "referrers", sourceDigest: digestOfDigit("6") },
    {
      entry: 0,
      outcome: "copied",
      reason: "differs",
      sourceDigest: digestOfDigit("7"),
      targetDigest: digestOfDigit("8"),
      digest: digestOfDigit("7"),
      bytes: 2_048,
      blobsSent: 3,
      blobsMounted: 4,
      blobsPresent: 5,
      manifestsSent: 6,
      durationMs: 100,
    },
    { entry: 2, outcome: "failed", code: "DIGEST_MISMATCH", message: "the bytes are others" },
  ]);
  expect(images[0]).toMatchObject({ source: "source.test/same:1", target: "target.test/same:1" });
});

test("counts images and entries, and says when it is not everything", () => {
  const failure = new FailureOf("REPOSITORY_NOT_FOUND", "gone");
  const { summary, failures, interrupted } = documentOf(
    reportOf({ images: everyOutcome, failures: [{ entry: 3, failure }], interrupted: true }),
  );

  expect(summary).toMatchObject({ copied: 1, unchanged: 1, skipped: 2, stale: 4, failed: 2, bytes: 2_048, mounted: 4 });
  expect(failures).toEqual([{ entry: 3, code: "REPOSITORY_NOT_FOUND", message: "gone" }]);
  expect(interrupted).toBe(true);
});

test("gives each image a line of its own, for tools that read lines", () => {
  const lines = textOf(reportOf({ images: everyOutcome })).split("\n");

  expect(lines).toHaveLength(everyOutcome.length + 3);
  expect(lines.at(-1)).toBe("");
});

test("keeps what registries send from reaching a terminal", () => {
  const failure = new FailureOf("REGISTRY_STATUS", "said \x1b[2J\u009b\u202e");

  const text = textOf(reportOf({ images: [resultOf("a", { kind: "failed", failure })] }));

  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(documentOf(reportOf({ images: [resultOf("a", { kind: "failed", failure })] })).images[0]?.message).toBe(
    failure.message,
  );
});
