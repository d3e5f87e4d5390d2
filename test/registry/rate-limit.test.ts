import { expect, test } from "vitest";
import { readQuota, readRateLimit } from "../../src/registry/rate-limit.ts";
import { readVectors } from "../support/vectors.ts";

interface RateLimitVector {
  readonly headers: Readonly<Record<string, string>>;
  readonly set: boolean;
  readonly limit: number;
  readonly remain: number;
  readonly reset: number;
  readonly policies?: readonly string[];
}

test.each(readVectors<RateLimitVector>("ratelimit.jsonl"))("reads quotas as regsync does: $headers", (vector) => {
  const headers = new Map(Object.entries(vector.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const header = (name: string): string | undefined => headers.get(name);

  expect(readQuota(header)).toEqual({
    known: vector.set,
    limit: vector.limit,
    remaining: vector.remain,
    resetSeconds: vector.reset,
    policies: vector.policies ?? [],
  });
  expect(readRateLimit(header)).toEqual(vector.set ? { limit: vector.limit, remaining: vector.remain } : undefined);
});
