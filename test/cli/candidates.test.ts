import { expect, test } from "vitest";
import { candidatesFor } from "../../src/cli/candidates.ts";

function textsFor(...words: string[]): string[] {
  return candidatesFor(words).candidates.map(({ text }) => text);
}

test("offers the commands first, and only those that are shown in help", () => {
  expect(textsFor("")).toEqual(["server", "once", "check", "config", "health", "version", "completion", "help"]);
  expect(textsFor("c")).toEqual(["check", "config", "completion"]);
});

test("offers the options of the command and those of all commands", () => {
  expect(textsFor("once", "--")).toEqual([
    "--config",
    "--strict",
    "--abort-on-error",
    "--missing",
    "--state-dir",
    "--full",
    "--blob-lane",
    "--output",
    "--verbosity",
    "--logopt",
    "--version",
    "--help",
  ]);
  expect(textsFor("-v", "debug", "check", "-c", "once", "--e")).toEqual(["--exit-code"]);
});

test("offers what health can be told", () => {
  expect(textsFor("health", "--")).toEqual(["--listen", "--ready", "--verbosity", "--logopt", "--version", "--help"]);
});

test("says what each candidate is for", () => {
  expect(candidatesFor(["onc"]).candidates).toEqual([
    { text: "once", description: "mirror everything in the file once, and end" },
  ]);
});

test.each([
  [["once", "-c", ""]],
  [["once", "--config", "reg"]],
  [["-c", ""]],
  [["once", "--config="]],
  [["once", "--config", "="]],
  [["once", "--config", "=", "reg"]],
])("asks for a file at %j", (words) => {
  expect(candidatesFor(words)).toEqual({ candidates: [], files: true });
});

test.each([
  [
    ["once", "--output", ""],
    ["text", "json"],
  ],
  [["once", "--output", "j"], ["json"]],
  [["once", "--output=j"], ["--output=json"]],
  [
    ["once", "--output", "="],
    ["text", "json"],
  ],
  [["once", "--output", "=", "j"], ["json"]],
  [["-v", "w"], ["warn"]],
  [["version", "--logopt", ""], ["json"]],
  [["version", "--format", ""], []],
])("offers the values at %j", (words, texts) => {
  expect(textsFor(...words)).toEqual(texts);
});

test("offers shells and topics", () => {
  expect(textsFor("completion", "")).toEqual(["bash", "zsh", "fish", "powershell"]);
  expect(textsFor("help", "v")).toEqual(["version"]);
});

test("offers nothing where nothing fits", () => {
  expect(textsFor("once", "")).toEqual([]);
  expect(textsFor("nonsense", "x")).toEqual([]);
  expect(textsFor("once", "--zzz")).toEqual([]);
});
