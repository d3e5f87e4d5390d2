import { expect, test } from "vitest";
import { Lines } from "../../src/config/lines.ts";

test("tells the line and the column of a character, both from 1, and of what is behind the last one", () => {
  const lines = new Lines("ab\n\nc\r\n");

  expect([0, 2, 3, 4, 6, 7, 99].map((offset) => lines.positionOf(offset))).toEqual([
    { line: 1, column: 1 },
    { line: 1, column: 3 },
    { line: 2, column: 1 },
    { line: 3, column: 1 },
    { line: 3, column: 3 },
    { line: 4, column: 1 },
    { line: 4, column: 93 },
  ]);
});
