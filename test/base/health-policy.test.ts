import { expect, test } from "vitest";
import { HealthPolicyInvalid, parseHealthPolicy } from "../../src/base/health-policy.ts";

test.each([
  ["never", { kind: "never" }],
  ["anyStale", { kind: "anyStale" }],
  ["percent:0", { kind: "percent", percent: 0 }],
  ["percent:20", { kind: "percent", percent: 20 }],
  ["percent:100", { kind: "percent", percent: 100 }],
])("%s is a policy", (text, policy) => {
  expect(parseHealthPolicy(text)).toEqual(policy);
});

test.each(["", "always", "anystale", "percent", "percent:", "percent:101", "percent:-1", "percent:2.5", "20%"])(
  "%j is none, and what would be is said",
  (text) => {
    expect(() => parseHealthPolicy(text)).toThrow(HealthPolicyInvalid);
    expect(() => parseHealthPolicy(text)).toThrow('write "never", "anyStale" or "percent:20"');
  },
);
