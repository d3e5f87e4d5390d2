import { expect, test } from "vitest";
import { countOf, formatBytes, formatDuration } from "../../src/cli/quantities.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 KiB"],
  [1_024, "1.0 KiB"],
  [28_416_000, "27.1 MiB"],
  [361_758_720, "345 MiB"],
  [1_048_575_000, "1.0 GiB"],
  [2 ** 60, "1024 PiB"],
])("writes %i bytes as %s", (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([
  [0, "0.0s"],
  [449, "0.4s"],
  [9_999, "9.9s"],
  [59_999, "59s"],
  [60_000, "1m00s"],
  [125_000, "2m05s"],
  [3_600_000, "1h00m"],
  [7_380_000, "2h03m"],
  [360_000_000, "100h00m"],
])("writes %i milliseconds as %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

test("counts things in words", () => {
  expect([0, 1, 2].map((count) => countOf(count, "image"))).toEqual(["0 images", "1 image", "2 images"]);
});
