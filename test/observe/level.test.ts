import { expect, test } from "vitest";
import { parseLevel } from "../../src/observe/level.ts";

test.each([
  ["debug", -4],
  ["INFO", 0],
  ["Warn", 4],
  ["error", 8],
  ["trace", -8],
  ["info+2", 2],
  ["Info-2", -2],
  ["debug-4", -8],
  ["error+0", 8],
  ["info+02", 2],
])("reads the level %s as slog does", (text, level) => {
  expect(parseLevel(text)).toBe(level);
});

test.each([
  "",
  "warning",
  "TRACE",
  "Trace",
  "trace+1",
  "fatal",
  "info+",
  "info+ 1",
  "info +1",
  " info",
  "info\n",
  "info++2",
  "info+-2",
  "info+2x",
  "info+1_0",
  "info+9999999999999999999",
  "2",
  "constructor",
])("takes %j for no level", (text) => {
  expect(parseLevel(text)).toBeUndefined();
});
