import type { Zone } from "../value.ts";

/** Languages whose regions know different abbreviations by name. */
const locales = ["en-US", "en-GB", "en-AU", "en-IN", "en-ZA", "en-CA"];

/** Abbreviations of the zone database that none of them knows. These zones have no summer time. */
const otherAbbreviations = new Map([
  ["Asia/Hong_Kong", "HKT"],
  ["Asia/Jakarta", "WIB"],
  ["Asia/Karachi", "PKT"],
  ["Asia/Macau", "CST"],
  ["Asia/Manila", "PST"],
  ["Asia/Seoul", "KST"],
  ["Asia/Shanghai", "CST"],
  ["Asia/Taipei", "CST"],
  ["Asia/Tokyo", "JST"],
  ["Europe/Moscow", "MSK"],
]);

const quarterYearSeconds = 7_889_400n;

/** What `Date` can hold, in seconds. Before and after it, the zone of the nearest instant is taken. */
const dateLimitSeconds = 8_640_000_000_000n;

/** How far a zone is east of Greenwich at an instant, in seconds. */
export function offsetOf(zone: Zone, seconds: bigint): number {
  switch (zone.kind) {
    case "utc":
      return 0;
    case "fixed":
      return zone.offsetSeconds;
    case "local":
      return isUtc(zone) ? 0 : localOffset(zone.timeZone, seconds);
  }
}

/** What a zone is called at an instant (`CET`), or `""` where it has no name. */
export function nameOf(zone: Zone, seconds: bigint): string {
  switch (zone.kind) {
    case "utc":
      return "UTC";
    case "fixed":
      return zone.name;
    case "local":
      return isUtc(zone) ? "UTC" : localName(zone.timeZone, seconds);
  }
}

/** Whether asking about a zone needs no look into the time-zone data. */
export function isUtc(zone: Zone): boolean {
  return zone.kind === "utc" || (zone.kind === "local" && zone.timeZone === "UTC");
}

/** The instant at which clocks in a zone show these seconds since 1970; of two or none, the one Go takes. */
export function instantOf(wallSeconds: bigint, zone: Zone): bigint {
  const guess = offsetOf(zone, wallSeconds);
  if (guess === 0) return wallSeconds;
  return wallSeconds - BigInt(offsetOf(zone, wallSeconds - BigInt(guess)));
}

/** Whether clocks are ahead of what they show in another quarter of the year. */
export function isSummerTime(zone: Zone, seconds: bigint): boolean {
  const offset = offsetOf(zone, seconds);
  return [1n, 2n, 3n].some((quarters) => offsetOf(zone, seconds + quarters * quarterYearSeconds) < offset);
}

function localOffset(timeZone: string, seconds: bigint): number {
  return parseOffset(zonePart("en-US", timeZone, "longOffset", dateOf(seconds)));
}

function localName(timeZone: string, seconds: bigint): string {
  const other = otherAbbreviations.get(timeZone);
  if (other !== undefined) return other;
  const offset = localOffset(timeZone, seconds);
  const abbreviation = locales
    .map((locale) => zonePart(locale, timeZone, "short", dateOf(seconds)))
    .find((name) => /^[A-Z]{3,5}$/.test(name) && (name !== "GMT" || offset === 0));
  return abbreviation ?? numericName(offset);
}

function dateOf(seconds: bigint): Date {
  const limit = seconds < 0n ? -dateLimitSeconds : dateLimitSeconds;
  const isBeyond = seconds < 0n ? seconds < limit : seconds > limit;
  return new Date(Number(isBeyond ? limit : seconds) * 1_000);
}

function zonePart(locale: string, timeZone: string, style: "short" | "longOffset", date: Date): string {
  const format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: style });
  return format.formatToParts(date).find(({ type }) => type === "timeZoneName")?.value ?? "";
}

/** `GMT+05:30` and `GMT-00:01:15` as seconds. */
function parseOffset(text: string): number {
  const [, sign, hours = "0", minutes = "0", seconds = "0"] = /([+-])(\d+):(\d+)(?::(\d+))?/.exec(text) ?? [];
  const magnitude = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  return sign === "-" ? -magnitude : magnitude;
}

/** `+03` and `+0530`, as the zone database calls zones without a name. */
function numericName(offsetSeconds: number): string {
  const minutes = Math.floor(Math.abs(offsetSeconds) / 60);
  const hours = String(Math.floor(minutes / 60)).padStart(2, "0");
  return `${offsetSeconds < 0 ? "-" : "+"}${hours}${minutes % 60 === 0 ? "" : String(minutes % 60).padStart(2, "0")}`;
}
