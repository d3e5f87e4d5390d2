import { maskLine } from "./mask.ts";
import type { Complaint } from "./plan.ts";

const longestQuote = 160;

/** What would move the cursor or colour the terminal; a tab is shown as it is. */
const controlCharacter = /[^\P{Cc}\t]/gu;

/**
 * A complaint for people: `regsync.yml:12:5: sync[2].type: …`, and below it the line with a caret when the text of
 * the file is given. Values of keys that hold secrets are not shown.
 */
export function formatComplaint(complaint: Complaint, source?: string): string {
  const { file, line, column, path, severity, message } = complaint;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const subject = path === "" ? "" : `${path}: `;
  const sentence = `${place}: ${severity === "warning" ? "warning: " : ""}${subject}${message}`;
  const quote = source === undefined || line === 0 ? undefined : quoteLine(source, line, column);
  return quote === undefined ? sentence : `${sentence}\n${quote}`;
}

/** A line by its number, from 1, without what ends it; `""` when there is none. */
function lineOf(source: string, line: number): string {
  let start = 0;
  for (let passed = 1; passed < line; passed += 1) {
    start = source.indexOf("\n", start) + 1;
    if (start === 0) return "";
  }
  const end = source.indexOf("\n", start);
  return source.slice(start, end < 0 ? source.length : end).replace(/\r$/, "");
}

function quoteLine(source: string, line: number, column: number): string | undefined {
  const text = maskLine(lineOf(source, line).slice(0, longestQuote));
  if (text === undefined || text.trim() === "") return undefined;
  const shown = text.replace(controlCharacter, "\ufffd");
  const number = String(line);
  const margin = " ".repeat(number.length);
  if (column > shown.length + 1) return `  ${number} | ${shown}`;
  const indent = shown.slice(0, column - 1).replace(/[^\t]/g, " ");
  return `  ${number} | ${shown}\n  ${margin} | ${indent}^`;
}
