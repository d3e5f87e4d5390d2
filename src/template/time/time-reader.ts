import { fromBytes } from "../bytes.ts";
import { CallRefused } from "../failure.ts";
import { monthNames, weekdayNames } from "./calendar.ts";

/** What a text says of a time; `undefined` is what it does not say. */
export interface TimeDraft {
  year: number;
  month: number | undefined;
  day: number | undefined;
  yearDay: number | undefined;
  hour: number;
  minute: number;
  second: number;
  nanosecond: number;
  half: "AM" | "PM" | undefined;
  isUtc: boolean;
  offsetSeconds: number | undefined;
  /** `""` when there is none. */
  zoneName: string;
}

/** Digits of a fraction of a second that count. */
const longestFraction = 9;

/** What follows the letter or sign of an offset token, and how such an offset is read. */
const offsetPatterns = new Map([
  ["07", /^([+-])(\d\d)/],
  ["0700", /^([+-])(\d\d)(\d\d)/],
  ["07:00", /^([+-])(\d\d):(\d\d)/],
  ["070000", /^([+-])(\d\d)(\d\d)(\d\d)/],
  ["07:00:00", /^([+-])(\d\d):(\d\d):(\d\d)/],
]);

/** Takes what the pieces of a layout ask for from the front of a text. Throws `CallRefused` for what does not fit. */
export class TimeReader {
  #rest: string;
  readonly draft: TimeDraft = {
    year: 0,
    month: undefined,
    day: undefined,
    yearDay: undefined,
    hour: 0,
    minute: 0,
    second: 0,
    nanosecond: 0,
    half: undefined,
    isUtc: false,
    offsetSeconds: undefined,
    zoneName: "",
  };

  constructor(text: string) {
    this.#rest = text;
  }

  /** A run of blanks in the layout stands for any number of blanks, and for none at the end. */
  literal(text: string): void {
    for (const part of text.split(/( +)/)) {
      if (!part.startsWith(" ")) this.#take(this.#rest.startsWith(part) ? part : undefined, text);
      else if (this.#rest === "" || this.#rest.startsWith(" ")) this.#rest = this.#rest.replace(/^ +/, "");
      else throw misfit(text);
    }
  }

  end(): void {
    if (this.#rest !== "") throw new CallRefused("the time has more text than its layout");
  }

  /** `next` is the token behind, `""` when there is none. */
  token(token: string, next: string): void {
    const { draft } = this;
    switch (token) {
      case "2006":
        draft.year = Number(this.#take(/^\d{4}/, token));
        return;
      case "06":
        draft.year = shortYear(Number(this.#take(/^(?:\d\d|[+-]\d)/, token)));
        return;
      case "Jan":
        draft.month = this.#name(monthNames, 3, token) + 1;
        return;
      case "January":
        draft.month = this.#name(monthNames, undefined, token) + 1;
        return;
      case "1":
      case "01":
        draft.month = this.#number(token, 1, 12, "month");
        return;
      case "Mon":
        this.#name(weekdayNames, 3, token);
        return;
      case "Monday":
        this.#name(weekdayNames, undefined, token);
        return;
      case "2":
      case "02":
      case "_2":
        if (token === "_2") this.#take(/^ ?/, token);
        draft.day = this.#number(token, 0, 99, "day");
        return;
      case "002":
        draft.yearDay = Number(this.#take(/^\d{3}/, token));
        return;
      case "__2":
        draft.yearDay = Number(this.#take(/^ {0,2}\d{1,3}/, token));
        return;
      case "15":
        draft.hour = this.#number(token, 0, 23, "hour");
        return;
      case "3":
      case "03":
        draft.hour = this.#number(token, 0, 12, "hour");
        return;
      case "4":
      case "04":
        draft.minute = this.#number(token, 0, 59, "minute");
        return;
      case "5":
      case "05":
        draft.second = this.#number(token, 0, 59, "second");
        if (!/^[.,]/.test(next)) this.#fraction(".9");
        return;
      case "PM":
        draft.half = this.#take(/^[AP]M/, token) === "PM" ? "PM" : "AM";
        return;
      case "pm":
        draft.half = this.#take(/^[ap]m/, token) === "pm" ? "PM" : "AM";
        return;
      case "MST":
        this.#zoneName(token);
        return;
      default:
        if (/^[.,]/.test(token)) this.#fraction(token);
        else this.#offset(token);
    }
  }

  /** Removes the text or what a pattern finds from the front, and gives it. */
  #take(wanted: RegExp | string | undefined, piece: string): string {
    const found = wanted instanceof RegExp ? wanted.exec(this.#rest)?.[0] : wanted;
    if (found === undefined) throw misfit(piece);
    this.#rest = this.#rest.slice(found.length);
    return found;
  }

  /** One or two digits; exactly two where the token begins with a zero. */
  #number(token: string, least: number, most: number, name: string): number {
    const number = Number(this.#take(token.startsWith("0") ? /^\d\d/ : /^\d\d?/, token));
    if (number < least || number > most) throw outOfRange(name);
    return number;
  }

  #name(names: readonly string[], length: number | undefined, token: string): number {
    const rest = this.#rest.toLowerCase();
    const index = names.findIndex((name) => rest.startsWith(name.slice(0, length).toLowerCase()));
    const name = names[index]?.slice(0, length);
    this.#take(name, token);
    return index;
  }

  /** As many digits as there are zeros in the token; for nines, any number of digits or nothing. */
  #fraction(token: string): void {
    const exact = this.#rest.slice(0, token.length);
    const isExact = exact.length === token.length && /^[.,]\d+$/.test(exact);
    const wanted = token.endsWith("9") ? /^(?:[.,]\d+)?/ : isExact ? exact : undefined;
    const found = this.#take(wanted, token);
    if (found !== "") this.draft.nanosecond = nanoseconds(found);
  }

  #offset(token: string): void {
    if (token.startsWith("Z") && this.#rest.startsWith("Z")) {
      this.#take("Z", token);
      this.draft.isUtc = true;
      return;
    }
    const pattern = offsetPatterns.get(token.slice(1));
    const [whole, sign, hours, minutes = "0", seconds = "0"] = pattern?.exec(this.#rest) ?? [];
    this.#take(whole, token);
    if (Number(hours) > 24 || Number(minutes) > 60 || Number(seconds) > 60) throw outOfRange("time zone offset");
    const magnitude = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
    this.draft.offsetSeconds = sign === "-" ? -magnitude : magnitude;
  }

  /** `UTC`, `GMT` with an offset, or an abbreviation of three to five letters. */
  #zoneName(token: string): void {
    const name = this.#take(zoneNameIn(this.#rest), token);
    if (name === "UTC") this.draft.isUtc = true;
    else this.draft.zoneName = name;
  }
}

/** The complaint that a value is too small or too large. */
export function outOfRange(name: string): CallRefused {
  return new CallRefused(`the time's ${name} is out of range`);
}

function misfit(piece: string): CallRefused {
  return new CallRefused(`the time does not fit its layout at ${JSON.stringify(fromBytes(piece))}`);
}

function zoneNameIn(text: string): string | undefined {
  if (/^(?:UTC|ChST|MeST)/.test(text)) return text.slice(0, text.startsWith("UTC") ? 3 : 4);
  const signed = /^(GMT)?([+-](\d+))?/.exec(text);
  const [whole = "", gmt, offset, hours] = signed ?? [];
  if (gmt !== undefined) return Number(hours ?? 0) <= 23 ? whole : gmt;
  if (offset !== undefined) return Number(hours) <= 23 ? offset : undefined;
  const letters = /^[A-Z]{0,6}/.exec(text)?.[0] ?? "";
  if (letters.length === 3) return letters;
  const isFour = letters.length === 4 && (letters.endsWith("T") || letters === "WITA");
  return isFour || (letters.length === 5 && letters.endsWith("T")) ? letters : undefined;
}

function shortYear(year: number): number {
  return year >= 69 ? year + 1_900 : year + 2_000;
}

function nanoseconds(fraction: string): number {
  return Number(fraction.slice(1, 1 + longestFraction).padEnd(longestFraction, "0"));
}
