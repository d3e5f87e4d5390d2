import { describe, expect, test } from "vitest";
import { formatComplaint } from "../../src/config/complaint.ts";
import { Lines } from "../../src/config/lines.ts";
import type { Complaint } from "../../src/config/plan.ts";

function complaint(change: Partial<Complaint> = {}): Complaint {
  return {
    severity: "error",
    file: "regsync.yml",
    line: 2,
    column: 5,
    path: "sync[0].type",
    message: "is bad",
    ...change,
  };
}

test("shows file, line, column, path and message on one line when there is no text to quote", () => {
  expect(formatComplaint(complaint())).toBe("regsync.yml:2:5: sync[0].type: is bad");
});

test("says that a warning is one", () => {
  expect(formatComplaint(complaint({ severity: "warning" }))).toBe("regsync.yml:2:5: warning: sync[0].type: is bad");
});

test("leaves out the place when the complaint is about the whole file", () => {
  expect(formatComplaint(complaint({ line: 0, column: 0, path: "" }), new Lines("text"))).toBe("regsync.yml: is bad");
});

test("quotes the line and puts a caret under the column", () => {
  expect(formatComplaint(complaint(), new Lines("a: 1\nb:  {}\nc: 3\n"))).toBe(
    "regsync.yml:2:5: sync[0].type: is bad\n  2 | b:  {}\n    |     ^",
  );
});

test("keeps tabs before the caret, so that it stands under the column however wide they are", () => {
  expect(formatComplaint(complaint({ column: 3 }), new Lines("\n\t\tb: 1"))).toBe(
    "regsync.yml:2:3: sync[0].type: is bad\n  2 | \t\tb: 1\n    | \t\t^",
  );
});

test("does not show a carriage return at the end of a line", () => {
  expect(formatComplaint(complaint(), new Lines("a\r\nbcdefg\r\n"))).not.toContain("\r");
});

test("shows no more of a very long line than fits", () => {
  const text = formatComplaint(complaint({ column: 5_000 }), new Lines(`a\n${"b".repeat(10_000)}x: y`));

  expect(text.length).toBeLessThan(300);
});

test("quotes nothing when the line is not in the text", () => {
  expect(formatComplaint(complaint({ line: 9 }), new Lines("a\n"))).toBe("regsync.yml:9:5: sync[0].type: is bad");
});

describe("does not show what may be secret", () => {
  test.for([
    "    pass: hunter2",
    "    pass: 'hunter2'",
    "  - {registry: a, pass: hunter2, tls: disabled}",
    '  - {"registry":"a","pass":"hunter2"}',
    "    password: hunter2",
    "    token: hunter2",
    "    clientKey: hunter2",
    "    x-secret: hunter2",
    `      ${"hunter2".repeat(9)}`,
  ])("%s", (line) => {
    const text = formatComplaint(complaint(), new Lines(`creds:\n${line}\n`));

    expect(text).not.toContain("hunter2");
  });

  test("and shows the key that stands before it", () => {
    expect(formatComplaint(complaint(), new Lines("creds:\n    pass: hunter2\n"))).toContain("2 |     pass: [secret]");
  });
});
