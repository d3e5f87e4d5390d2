import { expect, test } from "vitest";
import { readGrant } from "../../../src/registry/login/token.ts";

const nowMs = Date.UTC(2026, 0, 1, 12);
const scopes = new Map();

/** Seconds from now until the token is renewed. */
function renewedAfter(answer: object): number {
  const grant = readGrant(JSON.stringify({ token: "t", ...answer }), scopes, nowMs);
  return typeof grant === "string" ? expect.unreachable(grant) : (grant.token.renewAtMs - nowMs) / 1_000;
}

test.each([
  ["300 seconds, a tenth early", { expires_in: 300 }, 270],
  ["a minute when nothing is said", {}, 54],
  ["a minute when less is said", { expires_in: 5 }, 54],
  ["a minute when nonsense is said", { expires_in: "soon" }, 54],
  ["a minute when the life is over before it begins", { expires_in: -1 }, 54],
  ["a day when far more is said", { expires_in: 300_000_000_000 }, 77_760],
  ["less when it was issued before", { expires_in: 300, issued_at: "2026-01-01T11:59:00Z" }, 210],
  ["from now on when it was issued in the future", { expires_in: 300, issued_at: "2026-01-01T12:01:00Z" }, 270],
  ["from now on when it would have ended by now", { expires_in: 300, issued_at: "2026-01-01T11:00:00Z" }, 270],
  ["from now on when nobody knows when it was issued", { expires_in: 300, issued_at: "yesterday" }, 270],
])("uses a token for %s", (_what, answer, seconds) => {
  expect(renewedAfter(answer)).toBeCloseTo(seconds);
});

test("renews five seconds early at least", () => {
  expect(60 - renewedAfter({ expires_in: 60 })).toBeGreaterThanOrEqual(5);
});

test("keeps tokens secret", () => {
  const grant = readGrant('{"token":"t0ken","refresh_token":"r3fresh"}', scopes, nowMs);

  expect(JSON.stringify(grant)).not.toMatch(/t0ken|r3fresh/);
});

test.each([
  ["[]"],
  ["null"],
  ["{}"],
  ['{"token":7}'],
  ['{"__proto__":{"token":"t"}}'],
  ["[".repeat(100_000)],
  [`{"token":"${"t".repeat(33_000)}"}`],
])("finds no token in %.40s", (text) => {
  expect(readGrant(text, scopes, nowMs)).toEqual(expect.any(String));
});
