import { describe, expect, test } from "vitest";
import { readTarget } from "../../src/serve/target.ts";

test.each([
  ["/livez", ["livez"]],
  ["/", []],
  ["/api/v1/entries/a.b_c-1", ["api", "v1", "entries", "a.b_c-1"]],
  ["/%6civez", ["livez"]],
  ["/api/v1/entries/a%2Fb%20c", ["api", "v1", "entries", "a/b c"]],
  ["/api/v1/entries/%E2%82%AC", ["api", "v1", "entries", "€"]],
  ["http://proxied.test:9090/livez", ["livez"]],
  ["HTTPS://proxied.test/livez?verbose", ["livez"]],
  ["/...", ["..."]],
])("%s is the path %j", (raw, segments) => {
  expect(readTarget(raw)).toMatchObject({ segments });
});

describe("refuses", () => {
  test.each([
    "",
    "*",
    "livez",
    "proxied.test:443",
    "//livez",
    "/livez/",
    "/./livez",
    "/api/../livez",
    "/api/v1/entries/..",
    "/%2e%2e/livez",
    "/%2E./livez",
    "/livez/%2e",
    "/api//entries",
    "/livez%00",
    "/livez%0d%0ax-a:%20b",
    "/api\\v1",
    "/api%5cv1",
    "/livez%",
    "/livez%zz",
    "/livez%c3",
    "/livez%c0%af",
    "/livez\u00e9",
    "/live z",
    "/livez#a",
    "http://proxied.test",
    `/${"a".repeat(4_096)}`,
  ])("%s", (raw) => {
    expect(typeof readTarget(raw)).toBe("string");
  });
});

test("what follows the first question mark is the query, further ones included", () => {
  const target = readTarget("/livez?verbose&exclude=a?b&exclude=c%20d");

  expect(typeof target === "string" ? target : [...target.query]).toEqual([
    ["verbose", ""],
    ["exclude", "a?b"],
    ["exclude", "c d"],
  ]);
});
