import { expect, test } from "vitest";
import { failureLines } from "../../src/cli/failure-lines.ts";
import { everyOutcome, FailureOf, reportOf, resultOf } from "../support/reports.ts";

const failed = (name: string, failure: FailureOf) => resultOf(name, { kind: "failed", failure });

test("has one line for each image and each entry that failed", () => {
  const lines = failureLines(
    reportOf({
      images: everyOutcome,
      failures: [{ entry: 4, failure: new FailureOf("REPOSITORY_NOT_FOUND", "h.test/a does not exist") }],
    }),
  );

  expect(lines).toEqual([
    "sync[4]: h.test/a does not exist",
    "source.test/bad:1 -> target.test/bad:1: the bytes are others",
  ]);
});

test("says the same failure of many images once", () => {
  const login = new FailureOf("LOGIN_FAILED", "h.test refused the password of bot");
  const images = ["a:1", "a:2", "a:3"].map((name) => failed(name, login));
  const other = failed("b:1", new FailureOf("DISK_FULL", "no space left"));

  expect(failureLines(reportOf({ images: [...images, other] }))).toEqual([
    "source.test/a:1 -> target.test/a:1: h.test refused the password of bot (and 2 others)",
    "source.test/b:1 -> target.test/b:1: no space left",
  ]);
});

test("lists every complaint about a refused entry", () => {
  const failure = new FailureOf("CONFIG_INVALID", "sync[1].type: missing\nsync[1].source: empty");

  expect(failureLines(reportOf({ failures: [{ entry: 1, failure }] }))).toEqual([
    "sync[1].type: missing\n  sync[1].source: empty",
  ]);
});

test("does not let a registry write what looks like another failure", () => {
  const failure = new FailureOf("REGISTRY_STATUS", "answered 500: \x1b[2Joops\nb: all fine\r");

  expect(failureLines(reportOf({ images: [failed("a:1", failure)] }))).toEqual([
    "source.test/a:1 -> target.test/a:1: answered 500: \\x1b[2Joops\n  b: all fine\\r",
  ]);
});

test("is empty when all went well", () => {
  expect(failureLines(reportOf({ images: everyOutcome.slice(0, -1) }))).toEqual([]);
});
