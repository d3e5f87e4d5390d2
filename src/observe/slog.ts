import { Secret } from "../base/secret.ts";
import { levelLabels, type LevelName } from "./level.ts";
import type { LogFields } from "./log.ts";
import { printableJson, quote } from "./printable.ts";

/** One line of the log before it has a form. */
export interface LogRecord {
  /** Epoch milliseconds. */
  readonly atMs: number;
  readonly level: LevelName;
  readonly message: string;
  readonly fields: LogFields;
}

/** Letters that stand in a text line without quotes: printable ones but for quotes, the equals sign and blanks. */
const bare = /^[[\p{L}\p{M}\p{N}\p{P}\p{S}]--["=\ufffd]]+$/v;

/**
 * `time=… level=… msg=… key=value …`, as Go's `slog.TextHandler` writes it; without the newline.
 *
 * One departure: DEL is quoted as the control character it is. Spec: regsync.md §1.3.
 */
export function textLine(record: LogRecord): string {
  const facts = Object.entries(record.fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${textValue(goText(value))}`);
  const time = timestamp(record.atMs);
  return `time=${time} level=${levelLabels[record.level]} msg=${textValue(record.message)}${facts.join("")}`;
}

/**
 * One JSON object with `time`, `level`, `msg` and then the fields, as Go's `slog.JSONHandler` writes it; without the
 * newline. What a terminal might obey is escaped, which changes nothing for who parses it. Spec: regsync.md §1.3.
 */
export function jsonLine(record: LogRecord): string {
  const time = timestamp(record.atMs).replace(/\.?0*(?=Z|[+-]\d\d:\d\d$)/, "");
  const line = { time, level: levelLabels[record.level], msg: record.message, ...record.fields };
  return printableJson(line);
}

function textValue(text: string): string {
  return bare.test(text) ? text : quote(text);
}

/** The text of a value as Go's `%+v` gives it. */
function goText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value !== "object" || value === null) return "<nil>";
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (value instanceof Secret || value instanceof Error) return value.toString();
  const members = Object.entries(value).map(([key, member]) => `${key}:${goText(member)}`);
  return `map[${members.sort().join(" ")}]`;
}

/** RFC 3339 with milliseconds in the local zone: `2026-07-01T12:00:00.000+02:00`, or `Z` for UTC. */
function timestamp(atMs: number): string {
  const minutesEast = -new Date(atMs).getTimezoneOffset();
  const wallClock = new Date(atMs + minutesEast * 60_000).toISOString();
  if (minutesEast === 0) return wallClock;
  const sign = minutesEast < 0 ? "-" : "+";
  const [hours, minutes] = [Math.trunc(Math.abs(minutesEast) / 60), Math.abs(minutesEast) % 60];
  return wallClock.replace("Z", `${sign}${twoDigits(hours)}:${twoDigits(minutes)}`);
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}
