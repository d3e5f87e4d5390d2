import { expect, test } from "vitest";
import { UsageInvalid } from "../../src/cli/usage.ts";
import { type FlagShape, sortWords } from "../../src/cli/words.ts";

const shapes: FlagShape[] = [
  { long: "--config", short: "-c", takesValue: true },
  { long: "--logopt", short: "", takesValue: true },
  { long: "--missing", short: "", takesValue: false },
  { long: "--help", short: "-h", takesValue: false },
];

test.each([
  [
    ["once", "-c", "f"],
    ["once", "--config=f"],
  ],
  [
    ["-c", "f", "once"],
    ["once", "--config=f"],
  ],
  [
    ["once", "-cf"],
    ["once", "--config=f"],
  ],
  [
    ["once", "-c=f"],
    ["once", "--config=f"],
  ],
  [
    ["once", "-c=="],
    ["once", "--config=="],
  ],
  [
    ["once", "-c="],
    ["once", "--config=="],
  ],
  [
    ["-c-", "config"],
    ["config", "--config=-"],
  ],
  [
    ["--config=-", "config"],
    ["config", "--config=-"],
  ],
  [
    ["once", "--config="],
    ["once", "--config="],
  ],
  [
    ["once", "--config=a=b"],
    ["once", "--config=a=b"],
  ],
  [
    ["once", "-c", "--missing"],
    ["once", "--config=--missing"],
  ],
  [
    ["once", "-c", "--"],
    ["once", "--config=--"],
  ],
  [
    ["once", "--logopt", "a", "--logopt", "b"],
    ["once", "--logopt=a", "--logopt=b"],
  ],
  [
    ["--missing", "once"],
    ["once", "--missing"],
  ],
  [["once", "--missing=false"], ["once"]],
  [["once", "--missing", "--missing=F"], ["once"]],
  [
    ["once", "--missing=0", "--missing=T"],
    ["once", "--missing"],
  ],
  [
    ["once", "--missing", "false"],
    ["once", "false", "--missing"],
  ],
  [
    ["once", "-hcf"],
    ["once", "--config=f", "--help"],
  ],
  [["once", "-h=false"], ["once"]],
  [
    ["once", "-"],
    ["once", "--", "-"],
  ],
  [
    ["once", "--", "--missing", "x"],
    ["once", "--", "--missing", "x"],
  ],
  [
    ["once", "--unknown=1", "-x1"],
    ["once", "--unknown", "-x"],
  ],
  [[], []],
])("sorts %j into %j", (argv, sorted) => {
  expect(sortWords(argv, shapes)).toEqual(sorted);
});

test.each([
  [["once", "-c"], "option --config needs a value"],
  [["once", "--config"], "option --config needs a value"],
  [["once", "--missing=maybe"], 'option --missing is true or false, and not "maybe"'],
  [["once", "--missing="], 'option --missing is true or false, and not ""'],
])("refuses %j", (argv, message) => {
  expect(() => sortWords(argv, shapes)).toThrow(new UsageInvalid(message));
});
