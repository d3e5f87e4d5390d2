import { CallRefused } from "../failure.ts";
import type { TimeValue, Zone } from "../value.ts";
import { civilFromDays, daysFromCivil, daysInMonth } from "./calendar.ts";
import { timeAt } from "./instant.ts";
import { piecesOf } from "./layout.ts";
import { outOfRange, type TimeDraft, TimeReader } from "./time-reader.ts";
import { nameOf, offsetOf } from "./zone.ts";

const halfYearSeconds = 15_778_800n;

/**
 * The time that a text gives in a layout; UTC where it names no zone.
 *
 * Throws `CallRefused`. The text is not shown: it may be a secret. Spec: regsync.md §3.2; Go `time.Parse`.
 */
export function parseTime(layout: string, text: string, local: Zone): TimeValue {
  const pieces = [...piecesOf(layout)];
  const tokens = pieces.filter((piece) => piece.isToken);
  const reader = new TimeReader(text);
  let tokenCount = 0;
  for (const piece of pieces) {
    if (piece.isToken) {
      tokenCount += 1;
      reader.token(piece.text, tokens[tokenCount]?.text ?? "");
    } else {
      reader.literal(piece.text);
    }
  }
  reader.end();
  return inZone(reader.draft, local);
}

function inZone(draft: TimeDraft, local: Zone): TimeValue {
  const utc = timeInUtc(draft);
  const { offsetSeconds, zoneName } = draft;
  if (draft.isUtc) return utc;
  if (offsetSeconds !== undefined) {
    const seconds = utc.seconds - BigInt(offsetSeconds);
    const isLocal =
      offsetOf(local, seconds) === offsetSeconds && (zoneName === "" || nameOf(local, seconds) === zoneName);
    return { ...utc, seconds, zone: isLocal ? local : { kind: "fixed", name: zoneName, offsetSeconds } };
  }
  if (zoneName === "") return utc;
  const known = [0n, halfYearSeconds].find((shift) => nameOf(local, utc.seconds + shift) === zoneName);
  if (known !== undefined) {
    return { ...utc, seconds: utc.seconds - BigInt(offsetOf(local, utc.seconds + known)), zone: local };
  }
  // An abbreviation that this place does not know says nothing about the offset, but for that of GMT+3.
  const hours = /^GMT(.+)$/.exec(zoneName)?.[1] ?? "0";
  return { ...utc, zone: { kind: "fixed", name: zoneName, offsetSeconds: Number(hours) * 3_600 } };
}

function timeInUtc(draft: TimeDraft): TimeValue {
  const { month, day } = dateOf(draft);
  const year = BigInt(draft.year);
  if (day < 1 || day > daysInMonth(year, month)) throw outOfRange("day");
  const secondOfDay = hourOf(draft) * 3_600 + draft.minute * 60 + draft.second;
  return timeAt({ year, month: BigInt(month), day: BigInt(day) }, secondOfDay, draft.nanosecond, { kind: "utc" });
}

function hourOf({ hour, half }: TimeDraft): number {
  if (half === "PM" && hour < 12) return hour + 12;
  return half === "AM" && hour === 12 ? 0 : hour;
}

/** The day of the year may stand instead of month and day, or confirm them. */
function dateOf({ year, month, day, yearDay }: TimeDraft): { month: number; day: number } {
  if (yearDay === undefined) return { month: month ?? 1, day: day ?? 1 };
  const firstDay = daysFromCivil(BigInt(year), 1n, 1n);
  const date = civilFromDays(firstDay + BigInt(yearDay) - 1n);
  if (yearDay < 1 || date.year !== BigInt(year)) throw outOfRange("day of the year");
  if ((month ?? date.month) !== date.month || (day ?? date.day) !== date.day) {
    throw new CallRefused("the time's day of the year is another day than its date");
  }
  return date;
}
