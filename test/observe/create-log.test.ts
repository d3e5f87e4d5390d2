import * as fc from "fast-check";
import { afterEach, expect, test, vi } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { createLog, type LogFormat } from "../../src/observe/create-log.ts";
import { levels } from "../../src/observe/level.ts";
import type { Log } from "../../src/observe/log.ts";

const noon = Date.UTC(2026, 6, 1, 12, 0, 0, 120);

/** The lines that a log wrote, without their ends. */
function linesOf(format: LogFormat, say: (log: Log) => void, level: number = levels.trace, atMs = noon): string[] {
  const lines: string[] = [];
  say(createLog({ format, level, now: () => atMs, write: (line) => lines.push(line) }));
  return lines.map((line) => {
    expect(line.endsWith("\n")).toBe(true);
    return line.slice(0, -1);
  });
}

function textOf(value: string): string | undefined {
  return linesOf("text", (log) => log.info("m", { source: value }))[0]?.replace(/^.* msg=m source=/s, "");
}

afterEach(() => {
  vi.unstubAllEnvs();
});

test("writes time, level, message and facts in one line of text", () => {
  vi.stubEnv("TZ", "UTC");

  const lines = linesOf("text", (log) => {
    log.trace("exchange", { status: 200 });
    log.debug("why");
    log.info("tag copied", { source: "docker.io/library/alpine:3", bytes: 7, forced: true });
    log.warn("once more", { warning: "slow down" });
    log.error("Failed to sync", { err: "" });
  });

  expect(lines).toEqual([
    "time=2026-07-01T12:00:00.120Z level=DEBUG-4 msg=exchange status=200",
    "time=2026-07-01T12:00:00.120Z level=DEBUG msg=why",
    'time=2026-07-01T12:00:00.120Z level=INFO msg="tag copied" source=docker.io/library/alpine:3 bytes=7 forced=true',
    'time=2026-07-01T12:00:00.120Z level=WARN msg="once more" warning="slow down"',
    'time=2026-07-01T12:00:00.120Z level=ERROR msg="Failed to sync" err=""',
  ]);
});

test("writes one JSON object a line, in the order of slog and with its trimmed fractions", () => {
  vi.stubEnv("TZ", "UTC");

  const say = (log: Log): void => log.trace("two words", { forced: true, allowed: ["a", "b"], count: 3 });

  const rest = '"level":"DEBUG-4","msg":"two words","forced":true,"allowed":["a","b"],"count":3}';
  expect(linesOf("json", say)).toEqual([`{"time":"2026-07-01T12:00:00.12Z",${rest}`]);
  expect(linesOf("json", say, levels.trace, noon - 120)).toEqual([`{"time":"2026-07-01T12:00:00Z",${rest}`]);
});

test.each([
  ["Europe/Berlin", "2026-07-01T14:00:00.120+02:00", "2026-07-01T14:00:00.12+02:00"],
  ["America/St_Johns", "2026-07-01T09:30:00.120-02:30", "2026-07-01T09:30:00.12-02:30"],
])("shows times in the zone %s as offset from UTC", (zone, text, json) => {
  vi.stubEnv("TZ", zone);

  expect(linesOf("text", (log) => log.info("m"))).toEqual([`time=${text} level=INFO msg=m`]);
  expect(linesOf("json", (log) => log.info("m"))).toEqual([`{"time":"${json}","level":"INFO","msg":"m"}`]);
});

test("shows lists and objects as Go prints them", () => {
  const [line] = linesOf("text", (log) =>
    log.info("m", {
      available: [],
      allowed: ["only"],
      tagSets: [{ allow: ["v1"], deny: [], semverRange: [] }],
      headers: { b: "x", a: "y z" },
    }),
  );

  expect(line).toContain('available=[] allowed=[only] tagSets="[map[allow:[v1] deny:[] semverRange:[]]]"');
  expect(line).toContain('headers="map[a:y z b:x]"');
});

test("drops what is below its level, and says whether traces are worth composing", () => {
  const say = (log: Log): void => {
    log.info("told");
    log.warn("asked for");
  };

  expect(linesOf("text", say, levels.info + 2)).toHaveLength(1);
  const options = { format: "text", now: () => noon, write: () => undefined } as const;
  expect(createLog({ ...options, level: levels.trace }).tracing).toBe(true);
  expect(createLog({ ...options, level: levels.trace + 1 }).tracing).toBe(false);
});

test.each([
  ["a:b/c@d,e", "a:b/c@d,e"],
  ["back\\slash", "back\\slash"],
  ["<&>'{", "<&>'{"],
  ["é", "é"],
  ["日本", "日本"],
  ["😀", "😀"],
])("leaves %j bare", (value, expected) => {
  expect(textOf(value)).toBe(expected);
});

test.each([
  ["", '""'],
  ["two words", '"two words"'],
  ["a=b", '"a=b"'],
  ['say "hi"', '"say \\"hi\\""'],
  ["back\\slash too", '"back\\\\slash too"'],
  ["tab\there", '"tab\\there"'],
  ["a\nlevel=ERROR", '"a\\nlevel=ERROR"'],
  ["\x07\b\f\v\r\0", '"\\a\\b\\f\\v\\r\\x00"'],
  ["\x1b[31mred", '"\\x1b[31mred"'],
  ["\x7f", '"\\x7f"'],
  ["\u0085\u009b", '"\\u0085\\u009b"'],
  ["no\u00a0break", '"no\\u00a0break"'],
  ["\u202ertl", '"\\u202ertl"'],
  ["\u2028", '"\\u2028"'],
  ["\ufffd", '"\ufffd"'],
  ["\u{e0001}", '"\\U000e0001"'],
])("quotes %j", (value, expected) => {
  expect(textOf(value)).toBe(expected);
});

test("never writes a secret, wherever it hides", () => {
  const secret = new Secret("hunter2");
  const say = (log: Log): void => log.info("m", { tags: secret, tagSets: [{ inner: secret }] });

  for (const format of ["text", "json"] as const) {
    expect(linesOf(format, say)).toEqual([expect.stringContaining("[secret]")]);
    expect(linesOf(format, say)[0]).not.toContain("hunter2");
  }
});

test("writes one line without control characters whatever the text is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), fc.constantFrom<LogFormat>("text", "json"), (text, format) => {
      const [line = ""] = linesOf(format, (log) => log.info(text, { source: text, tags: [text] }));

      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      if (format === "json") expect(JSON.parse(line)).toMatchObject({ msg: text, source: text, tags: [text] });
    }),
  );
});
