import { describe, expect, test } from "vitest";
import { nextChangeMs, type TimeZone, TimeZones, utc } from "../../src/dialect/time-zone.ts";

const zones = new TimeZones();
const hourMs = 3_600_000;

function zone(name: string): TimeZone {
  return zones.find(name) ?? expect.unreachable(`${name} is not known`);
}

describe("a zone of the zone database", () => {
  test.each([
    "UTC",
    "Europe/Berlin",
    "America/Argentina/Buenos_Aires",
    "Etc/GMT+5",
    "US/Pacific",
    "EST5EDT",
    "GB-Eire",
    "Zulu",
  ])("%s is found", (name) => {
    expect(zones.find(name)?.name).toBe(name);
  });

  test.each([
    "",
    "Local",
    "europe/berlin",
    "Europe/Nowhere",
    "Europe/",
    "Europe",
    "/Europe/Berlin",
    "Europe/../Etc/UTC",
    "Europe\\Berlin",
    "+02:00",
    "UTC+2",
    "utc",
    "BST",
    "PST",
    "SystemV/PST8",
    "Etc/Unknown",
    "__proto__",
    "Europe/Berlin\0",
  ])("%j is none", (name) => {
    expect(zones.find(name)).toBeUndefined();
  });

  test("is made once", () => {
    expect(zones.find("Asia/Tokyo")).toBe(zones.find("Asia/Tokyo"));
  });
});

describe("the offset from UTC", () => {
  test.each([
    ["Europe/Berlin", "2026-07-01T00:00:00Z", 2],
    ["Europe/Berlin", "2026-12-01T00:00:00Z", 1],
    ["America/New_York", "2026-07-01T00:00:00Z", -4],
    ["Asia/Kathmandu", "2026-07-01T00:00:00Z", 5.75],
    ["America/St_Johns", "2026-12-01T00:00:00Z", -3.5],
    ["Pacific/Kiritimati", "2026-07-01T00:00:00Z", 14],
    ["Africa/Monrovia", "1971-01-01T00:00:00Z", -(44.5 / 60)],
    ["UTC", "2026-07-01T00:00:00Z", 0],
    ["Europe/London", "2026-12-01T00:00:00Z", 0],
  ])("of %s at %s is %d hours", (name, at, hours) => {
    expect(zone(name).offsetAtMs(Date.parse(at))).toBeCloseTo(hours * hourMs, 6);
  });
});

describe("the next change of the clocks", () => {
  test.each([
    ["Europe/Berlin", "2026-01-01T00:00:00Z", "2026-03-29T01:00:00.000Z"],
    ["Europe/Berlin", "2026-03-29T01:00:00Z", "2026-10-25T01:00:00.000Z"],
    ["Europe/Berlin", "2026-03-29T00:59:59.999Z", "2026-03-29T01:00:00.000Z"],
    ["Australia/Lord_Howe", "2026-04-01T00:00:00Z", "2026-04-04T15:00:00.000Z"],
    ["America/St_Johns", "2010-11-01T00:00:00Z", "2010-11-07T02:31:00.000Z"],
    ["Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00.000Z"],
  ])("in %s after %s is at %s", (name, from, change) => {
    const found = nextChangeMs(zone(name), Date.parse(from), Date.parse(from) + 366 * 24 * hourMs);

    expect(found).toBe(Date.parse(change));
  });

  test("is not looked for beyond the end", () => {
    const change = Date.parse("2026-03-29T01:00:00Z");

    expect(nextChangeMs(zone("Europe/Berlin"), change - hourMs, change)).toBe(change);
    expect(nextChangeMs(zone("Europe/Berlin"), change - hourMs, change - 1)).toBeUndefined();
  });

  test("does not exist in UTC", () => {
    expect(nextChangeMs(utc, 0, 10 * 366 * 24 * hourMs)).toBeUndefined();
  });
});
