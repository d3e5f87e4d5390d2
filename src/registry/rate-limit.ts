import type { RateLimit } from "../oci/store.ts";

/** Everything a host says about its quota, as far as it can be read; numbers that cannot be read are 0. */
export interface Quota extends RateLimit {
  /** Whether the host says how much is left, without which the rest is not worth a wait. */
  readonly known: boolean;
  /** Seconds until the count starts anew. */
  readonly resetSeconds: number;
  /** What the limit consists of: `100;w=21600` is a hundred in six hours. */
  readonly policies: readonly string[];
}

/**
 * Reads the `RateLimit-*` headers of an answer. `header` gives the value of a header by its lower-case name.
 *
 * Spec: regsync.md §5.9.
 */
export function readQuota(header: (name: string) => string | undefined): Quota {
  const [first = "", ...others] = (header("ratelimit-limit") ?? "").split(",");
  const remaining = asInteger(beforeSemicolon(header("ratelimit-remaining") ?? ""));
  return {
    known: remaining !== undefined,
    limit: asInteger(beforeSemicolon(first)) ?? 0,
    remaining: remaining ?? 0,
    resetSeconds: asInteger(header("ratelimit-reset") ?? "") ?? 0,
    policies: first.includes(";") ? [first, ...others] : others,
  };
}

/** What the host says is left of its quota; `undefined` when it says nothing. */
export function readRateLimit(header: (name: string) => string | undefined): RateLimit | undefined {
  if (header("ratelimit-remaining") === undefined) return undefined;
  const { known, limit, remaining } = readQuota(header);
  return known ? { limit, remaining } : undefined;
}

function beforeSemicolon(text: string): string {
  return text.split(";", 1)[0] ?? "";
}

/** Decimal digits with an optional sign that fit 64 bits; `undefined` for everything else. */
function asInteger(text: string): number | undefined {
  if (!/^[+-]?[0-9]{1,100}$/.test(text)) return undefined;
  const digits = BigInt(text.replace("+", ""));
  return BigInt.asIntN(64, digits) === digits ? Number(digits) : undefined;
}
