import { type WallTime } from "./instant.ts";
import { monthNames, weekdayNames } from "./calendar.ts";

/** A piece of a layout: a token of Go's reference time, or text between. */
export interface LayoutPiece {
  readonly isToken: boolean;
  readonly text: string;
}

const token =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|0[1-6]|002|15|1|2006|2|_2(?!006)|__2|3|4|5|PM|pm|[-Z]070000|[-Z]07:00:00|[-Z]0700|[-Z]07:00|[-Z]07|[.,](?:0+|9+)(?![0-9])/g;

/** Cuts a layout into its tokens and the text between them. Spec: regsync.md §3.2; Go `time.Layout`. */
export function* piecesOf(layout: string): Generator<LayoutPiece> {
  let end = 0;
  for (const match of layout.matchAll(token)) {
    if (match.index > end) yield { isToken: false, text: layout.slice(end, match.index) };
    yield { isToken: true, text: match[0] };
    end = match.index + match[0].length;
  }
  if (end < layout.length) yield { isToken: false, text: layout.slice(end) };
}

/** A time in a layout. */
export function formatTime(time: WallTime, layout: string): string {
  let text = "";
  for (const piece of piecesOf(layout)) text += piece.isToken ? formatToken(time, piece.text) : piece.text;
  return text;
}

function formatToken(time: WallTime, text: string): string {
  const hour12 = time.hour % 12 === 0 ? 12 : time.hour % 12;
  switch (text) {
    case "2006":
      return year(time.year, 4);
    case "06":
      return year(time.year < 0n ? 0n : time.year % 100n, 2);
    case "January":
      return monthNames[time.month - 1] ?? "";
    case "Jan":
      return (monthNames[time.month - 1] ?? "").slice(0, 3);
    case "1":
      return `${time.month}`;
    case "01":
      return twoDigits(time.month);
    case "Monday":
      return weekdayNames[time.weekday] ?? "";
    case "Mon":
      return (weekdayNames[time.weekday] ?? "").slice(0, 3);
    case "2":
      return `${time.day}`;
    case "_2":
      return `${time.day}`.padStart(2);
    case "02":
      return twoDigits(time.day);
    case "__2":
      return `${time.yearDay}`.padStart(3);
    case "002":
      return `${time.yearDay}`.padStart(3, "0");
    case "15":
      return twoDigits(time.hour);
    case "3":
      return `${hour12}`;
    case "03":
      return twoDigits(hour12);
    case "4":
      return `${time.minute}`;
    case "04":
      return twoDigits(time.minute);
    case "5":
      return `${time.second}`;
    case "05":
      return twoDigits(time.second);
    case "PM":
      return time.hour >= 12 ? "PM" : "AM";
    case "pm":
      return time.hour >= 12 ? "pm" : "am";
    case "MST":
      return time.zoneName === "" ? offset(time.offsetSeconds, "-0700") : time.zoneName;
    default:
      return /^[.,]/.test(text) ? fraction(time.nanosecond, text) : offset(time.offsetSeconds, text);
  }
}

/** `-0700` and its relatives; those with `Z` write that for UTC. */
function offset(offsetSeconds: number, text: string): string {
  if (text.startsWith("Z") && offsetSeconds === 0) return "Z";
  const magnitude = Math.abs(offsetSeconds);
  // The sign follows the whole minutes, as in Go.
  const sign = Math.trunc(offsetSeconds / 60) < 0 ? "-" : "+";
  const parts = [magnitude / 3_600, (magnitude / 60) % 60, magnitude % 60].map((part) => twoDigits(Math.floor(part)));
  const shown = Math.floor((text.replaceAll(":", "").length - 1) / 2);
  return sign + parts.slice(0, shown).join(text.includes(":") ? ":" : "");
}

/** `.000` keeps its zeros, `.999` drops them and itself where nothing is left. */
function fraction(nanosecond: number, text: string): string {
  const digits = nanosecond
    .toString()
    .padStart(9, "0")
    .slice(0, text.length - 1);
  if (text.endsWith("0")) return text.slice(0, 1) + digits;
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? "" : text.slice(0, 1) + kept;
}

function year(value: bigint, digits: number): string {
  return value < 0n ? `-${(-value).toString().padStart(digits, "0")}` : value.toString().padStart(digits, "0");
}

function twoDigits(value: number): string {
  return `${value}`.padStart(2, "0");
}
