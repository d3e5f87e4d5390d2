import { quoted } from "../base/quoted.ts";
import { CronInvalid } from "./cron-invalid.ts";
import { splitWords } from "./white-space.ts";

/** The wall-clock minutes that a schedule names. */
export interface CronFields {
  /** Ascending. */
  readonly minutes: readonly number[];
  /** Ascending. */
  readonly hours: readonly number[];
  readonly daysOfMonth: ReadonlySet<number>;
  /** From 1. */
  readonly months: ReadonlySet<number>;
  /** Sunday is 0. */
  readonly daysOfWeek: ReadonlySet<number>;
  /** Whether one of the two day fields is enough; both are needed when either has a star. */
  readonly eitherDay: boolean;
}

interface FieldRule {
  /** For messages. */
  readonly meaning: string;
  readonly lowest: number;
  readonly highest: number;
  /** Names that stand for `lowest` and what follows it. */
  readonly names: readonly string[];
}

interface Field {
  readonly values: ReadonlySet<number>;
  readonly star: boolean;
}

const minute: FieldRule = { meaning: "minute from 0 to 59", lowest: 0, highest: 59, names: [] };
const hour: FieldRule = { meaning: "hour from 0 to 23", lowest: 0, highest: 23, names: [] };
const dayOfMonth: FieldRule = { meaning: "day of the month from 1 to 31", lowest: 1, highest: 31, names: [] };
const month: FieldRule = {
  meaning: "month from 1 to 12 or jan to dec",
  lowest: 1,
  highest: 12,
  names: "jan feb mar apr may jun jul aug sep oct nov dec".split(" "),
};
const dayOfWeek: FieldRule = {
  meaning: "weekday from 0 (Sunday) to 6 or sun to sat",
  lowest: 0,
  highest: 6,
  names: "sun mon tue wed thu fri sat".split(" "),
};

const largestNumber = (1n << 63n) - 1n;

/** Makes the refusal of the whole text out of what is wrong with a part of it. */
type Refuse = (fault: string) => CronInvalid;

/**
 * Reads the five fields: minute, hour, day of the month, month, day of the week. A field of commas alone is empty,
 * and such a schedule never fires. Throws `CRON_INVALID`. Spec: regsync.md §1.5 and Corrections.
 */
export function parseCronFields(text: string): CronFields {
  const refuse: Refuse = (fault) => new CronInvalid(text, fault);
  const words = splitWords(text);
  const [minutes = "", hours = "", days = "", months = "", weekdays = ""] = words;
  if (words.length !== 5) {
    const seconds = words.length === 6 ? ", none of them for seconds" : "";
    throw refuse(`there are five fields${seconds}, and here ${words.length}`);
  }
  const ofMonth = parseField(days, dayOfMonth, refuse);
  const ofWeek = parseField(weekdays, dayOfWeek, refuse);
  return {
    minutes: ascending(parseField(minutes, minute, refuse)),
    hours: ascending(parseField(hours, hour, refuse)),
    daysOfMonth: ofMonth.values,
    months: parseField(months, month, refuse).values,
    daysOfWeek: ofWeek.values,
    eitherDay: !ofMonth.star && !ofWeek.star,
  };
}

function ascending(field: Field): readonly number[] {
  return [...field.values].sort((one, other) => one - other);
}

function parseField(text: string, rule: FieldRule, refuse: Refuse): Field {
  const values = new Set<number>();
  let star = false;
  for (const item of text.split(",")) {
    if (item === "") continue;
    const { first, last, step, isStar } = parseItem(item, rule, refuse);
    for (let value = first; value <= last; value += step) values.add(value);
    star ||= isStar;
  }
  return { values, star };
}

/** `*`, `?`, `N`, `N-M`, each with an optional `/step`; `N/step` runs to the end of the field. */
function parseItem(
  item: string,
  rule: FieldRule,
  refuse: Refuse,
): { readonly first: number; readonly last: number; readonly step: number; readonly isStar: boolean } {
  const [range = "", stepText, ...moreSteps] = item.split("/");
  const [from = "", to, ...moreBounds] = range.split("-");
  const step = stepText === undefined ? 1 : parseNumber(stepText);
  if (step === undefined || step === 0 || moreSteps.length > 0) {
    throw refuse(`the step of ${quoted(item)} is no number above 0`);
  }
  if (from === "*" || from === "?") return { first: rule.lowest, last: rule.highest, step, isStar: step === 1 };
  const first = parseValue(from, rule);
  const last = to === undefined ? (stepText === undefined ? first : rule.highest) : parseValue(to, rule);
  if (first === undefined || last === undefined || moreBounds.length > 0) {
    throw refuse(`${quoted(item)} is no ${rule.meaning}`);
  }
  if (first > last) throw refuse(`${quoted(item)} ends before it begins`);
  return { first, last, step, isStar: false };
}

function parseValue(text: string, rule: FieldRule): number | undefined {
  const named = rule.names.indexOf(text.toLowerCase());
  const value = named < 0 ? parseNumber(text) : rule.lowest + named;
  return value !== undefined && value >= rule.lowest && value <= rule.highest ? value : undefined;
}

/** The number that decimal digits stand for; `undefined` when there is anything else, or more than 64 bits hold. */
function parseNumber(text: string): number | undefined {
  const digits = /^\+?0*([0-9]{1,19})$/.exec(text)?.[1];
  return digits === undefined || BigInt(digits) > largestNumber ? undefined : Number(digits);
}
