import type { Lines } from "./lines.ts";
import { maskLine } from "./mask.ts";
import type { Complaint } from "./plan.ts";

const longestQuote = 160;

/** Parts of the file in which nobody writes down a login. */
const openSections: ReadonlySet<string> = new Set(["version", "defaults", "sync", "shutdown"]);

/** A key without indentation. */
const topKey = /^(["']?)([A-Za-z_][\w-]*)\1\s*:/;

/** What would move the cursor or colour the terminal; a tab is shown as it is. */
const controlCharacter = /[^\P{Cc}\t]/gu;

/**
 * A complaint for people: `regsync.yml:12:5: sync[2].type: …`, and below it the line with a caret when the lines of
 * the file are given. Values of keys that hold secrets are not shown.
 */
export function formatComplaint(complaint: Complaint, source?: Lines): string {
  const { file, line, column, path, severity, message } = complaint;
  const place = line === 0 ? file : `${file}:${line}:${column}`;
  const subject = path === "" ? "" : `${path}: `;
  const sentence = `${place}: ${severity === "warning" ? "warning: " : ""}${subject}${message}`;
  const quote = source === undefined || line === 0 ? undefined : quoteLine(source, complaint);
  return quote === undefined ? sentence : `${sentence}\n${quote}`;
}

/** The key at the top of the file that a line stands under, or is itself. */
function sectionAt(source: Lines, line: number): string | undefined {
  for (let above = line; above > 0; above -= 1) {
    const key = topKey.exec(source.at(above))?.[2];
    if (key !== undefined) return key;
  }
  return undefined;
}

function quoteLine(source: Lines, { line, column, path }: Complaint): string | undefined {
  const section = path === "" ? sectionAt(source, line) : /^[^.[]*/.exec(path)?.[0];
  const text = maskLine(source.at(line).slice(0, longestQuote), !openSections.has(section ?? ""));
  if (text === undefined || text.trim() === "") return undefined;
  const shown = text.replace(controlCharacter, "\ufffd");
  const number = String(line);
  const margin = " ".repeat(number.length);
  if (column > shown.length + 1) return `  ${number} | ${shown}`;
  const indent = shown.slice(0, column - 1).replace(/[^\t]/g, " ");
  return `  ${number} | ${shown}\n  ${margin} | ${indent}^`;
}
