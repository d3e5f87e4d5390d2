import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTemplate } from "../../../src/template/template.ts";
import { civilFromDays, daysFromCivil, daysInMonth } from "../../../src/template/time/calendar.ts";
import { goNil } from "../../../src/template/value.ts";
import type { TemplateWorld } from "../../../src/template/world.ts";

function render(text: string, timeZone = "UTC", now = Date.UTC(2024, 0, 31, 9, 8, 7, 65)): string {
  const world: TemplateWorld = { env: () => "", file: () => undefined, now: () => now, timeZone };
  return parseTemplate(text).execute(goNil, world);
}

test("the calendar is that of JavaScript, and goes on behind its ends", () => {
  fc.assert(
    fc.property(fc.integer({ min: -100_000_000, max: 100_000_000 }), (days) => {
      const date = new Date(days * 86_400_000);
      const civil = civilFromDays(BigInt(days));

      expect(civil).toEqual({
        year: BigInt(date.getUTCFullYear()),
        month: date.getUTCMonth() + 1,
        day: date.getUTCDate(),
      });
      expect(daysFromCivil(civil.year, BigInt(civil.month), BigInt(civil.day))).toBe(BigInt(days));
    }),
  );
  expect(civilFromDays(daysFromCivil(10n ** 15n, 2n, 29n))).toEqual({ year: 10n ** 15n, month: 2, day: 29 });
});

test("months and days that are too many carry over", () => {
  expect(civilFromDays(daysFromCivil(2024n, 14n, 0n))).toEqual({ year: 2025n, month: 1, day: 31 });
  expect([1, 2, 4].map((month) => daysInMonth(2024n, month))).toEqual([31, 29, 30]);
});

test("what a layout writes it also reads", () => {
  const layout = "2006-01-02T15:04:05.000000000Z07:00";
  fc.assert(
    fc.property(
      fc.date({ min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T00:00:00Z"), noInvalidDate: true }),
      (date) => {
        const text = render(`{{time.Now.Format "${layout}"}}`, "UTC", date.getTime());

        expect(text).toBe(date.toISOString().replace("Z", "000000Z"));
        expect(render(`{{(time.Parse "${layout}" "${text}").UnixMilli}}`)).toBe(String(date.getTime()));
      },
    ),
  );
});

describe("the local zone", () => {
  test("shows with its offset and its abbreviation, in summer and in winter", () => {
    expect(render("{{time.Now}}", "Europe/Berlin")).toBe("2024-01-31 10:08:07.065 +0100 CET");
    expect(render('{{(time.Now.AddDate 0 6 0).Format "15:04 MST -07:00"}}', "Europe/Berlin")).toBe("10:08 CEST +02:00");
    expect(render("{{time.Now}}", "Asia/Tokyo")).toBe("2024-01-31 18:08:07.065 +0900 JST");
    expect(render("{{time.Now}}", "America/Sao_Paulo")).toBe("2024-01-31 06:08:07.065 -0300 -03");
  });

  test("keeps the time of day when days are added across a change of the clocks", () => {
    expect(render("{{(time.Now.AddDate 0 0 60).Local}}", "America/New_York")).toBe("2024-03-31 04:08:07.065 -0400 EDT");
  });

  test("is recognised in a text by its offset or its abbreviation", () => {
    const offset = '{{(time.Parse "2006-01-02 -0700" "2024-07-01 +0200").Location}}';
    const name = '{{time.Parse "2006-01-02 MST" "2024-07-01 CEST"}}';

    expect(render(offset, "Europe/Berlin")).toBe("Europe/Berlin");
    expect(render(offset, "America/New_York")).toBe("");
    expect(render(name, "Europe/Berlin")).toBe("2024-07-01 00:00:00 +0200 CEST");
    expect(render(name, "America/New_York")).toBe("2024-07-01 00:00:00 +0000 CEST");
  });
});

describe("methods", () => {
  test.each([
    [
      "{{time.Now.Unix}} {{time.Now.UnixMilli}} {{time.Now.YearDay}} {{time.Now.Weekday}}",
      "1706692087 1706692087065 31 Wednesday",
    ],
    ["{{time.Now.Month}} {{printf `%d` time.Now.Month}} {{time.Now.IsZero}}", "January 1 false"],
    [
      "{{(time.Now.Truncate 3600000000000).Format `15:04:05`}} {{(time.Now.Round 60000000000).Format `15:04:05`}}",
      "09:00:00 09:08:00",
    ],
    ["{{time.Now.Sub (time.Parse `2006-01-02` `2024-01-30`)}}", "33h8m7.065s"],
    ["{{time.Now.Before (time.Parse `2006` `2025`)}} {{time.Now.Equal time.Now}}", "true true"],
    ["{{json time.Now}}", '"2024-01-31T09:08:07.065Z"\n'],
    ["{{json (time.Now.AddDate 9000 0 0)}}", ""],
  ])("%s", (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});

describe("refuses to read", () => {
  test.each([
    ["2006-01-02", "2023-02-29", "day is out of range"],
    ["2006-01-02", "2024-13-01", "month is out of range"],
    ["15:04", "24:00", "hour is out of range"],
    ["3:04PM", "13:00PM", "hour is out of range"],
    ["04", "60", "minute is out of range"],
    ["05", "60", "second is out of range"],
    ["2006 002", "2023 366", "day of the year is out of range"],
    ["2006-01-02 002", "2024-03-01 060", "another day"],
    ["-0700", "+2500", "time zone offset is out of range"],
    ["2006", "2024 ", "more text than its layout"],
    ["2006", "202", 'at "2006"'],
    ["01", "1", 'at "01"'],
    ["Jan", "Foo", 'at "Jan"'],
    ["PM", "pm", 'at "PM"'],
    ["MST", "cest", 'at "MST"'],
    ["Z07:00", "z", 'at "Z07:00"'],
    [".000", ".12", 'at ".000"'],
    ["x2006", "y2024", 'at "x"'],
    ["2006 01", "202401", 'at " "'],
  ])("%s from %s", (layout, text, reason) => {
    const read = (): string => render(`{{time.Parse "${layout}" "${text}"}}`);

    expect(read).toThrow(reason);
  });

  test("a layout of any length", () => {
    const read = (): string => render(`{{time.Parse ".${"0".repeat(100_000)}" ".1"}}`);

    expect(read).toThrow("does not fit its layout");
  });
});
