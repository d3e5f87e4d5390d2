import { Failure } from "./failure.ts";

/**
 * When `/healthz` answers 503: `never`; for `anyStale` entry in trouble; or when more than so many percent of the
 * entries that ever ran are. Spec: operations.md §4.
 */
export type HealthPolicy =
  | { readonly kind: "never" }
  | { readonly kind: "anyStale" }
  | { readonly kind: "percent"; readonly percent: number };

/** A text that is no policy. */
export class HealthPolicyInvalid extends Failure {
  readonly code = "CONFIG_INVALID";

  constructor(text: string) {
    super(`${JSON.stringify(text)} does not say when to report trouble; write "never", "anyStale" or "percent:20"`);
  }
}

/** Reads `never`, `anyStale` or `percent:20`, the number from 0 to 100. Throws `CONFIG_INVALID`. */
export function parseHealthPolicy(text: string): HealthPolicy {
  if (text === "never" || text === "anyStale") return { kind: text };
  const percent = /^percent:(\d{1,3})$/.exec(text)?.[1];
  if (percent === undefined || Number(percent) > 100) throw new HealthPolicyInvalid(text);
  return { kind: "percent", percent: Number(percent) };
}
