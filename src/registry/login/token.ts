import { Secret } from "../../base/secret.ts";
import { asObject, fieldOf, parseJson, type RawObject } from "../../oci/raw.ts";
import type { Scopes } from "./scope.ts";

/** What lets us in for a while. */
export interface Token {
  readonly value: Secret;
  /** What was asked for. The server may have granted less without a word. */
  readonly scopes: Scopes;
  /** From this moment on it is not used any more, in epoch milliseconds: a little before it ends. */
  readonly renewAtMs: number;
}

/** What a token server gave. */
export interface TokenGrant {
  readonly token: Token;
  /** For getting the next token without the password; `undefined` when none was given. */
  readonly refreshToken: Secret | undefined;
}

/** The life of a token whose server says nothing, or less. Spec: regsync.md §7.3. */
const shortestLifeSeconds = 60;
/** Longer lives are mistakes: one server counts in nanoseconds. Spec: registry-protocol.md §9.2. */
const longestLifeSeconds = 24 * 60 * 60;
/** Characters of a token. Longer headers are taken by no host, and two thousand tokens are kept. */
const longestToken = 32 * 1024;
/** So long before its end at least a token is replaced: a request takes a moment to arrive. */
const shortestMarginMs = 5_000;

/**
 * Reads the answer of a token server; the reason why it cannot be used when it is none.
 *
 * Spec: regsync.md §7.3, registry-protocol.md §4.3.
 */
export function readGrant(text: string, scopes: Scopes, nowMs: number): TokenGrant | string {
  let answer: RawObject;
  try {
    answer = asObject(parseJson(Buffer.from(text)), "the answer");
  } catch {
    return "its token server answers something else than JSON";
  }
  const value = textOf(answer, "access_token") ?? textOf(answer, "token");
  if (value === undefined) return "its token server gives no token";
  if (value.length > longestToken || !/^[\x21-\x7e]+$/.test(value))
    return "its token server gives a token that cannot be sent";
  const refreshToken = textOf(answer, "refresh_token");
  return {
    token: { value: new Secret(value), scopes, renewAtMs: renewalOf(answer, nowMs) },
    refreshToken: refreshToken === undefined ? undefined : new Secret(refreshToken),
  };
}

function renewalOf(answer: RawObject, nowMs: number): number {
  const said = fieldOf(answer, "expires_in");
  const seconds = typeof said === "number" ? said : 0;
  const lifeMs = Math.min(Math.max(seconds, shortestLifeSeconds), longestLifeSeconds) * 1_000;
  const issuedAtMs = Date.parse(textOf(answer, "issued_at") ?? "");
  // A moment that cannot be right comes from a clock that is wrong: then ours counts.
  const isPlausible = issuedAtMs <= nowMs && issuedAtMs + lifeMs > nowMs;
  return (isPlausible ? issuedAtMs : nowMs) + lifeMs - Math.max(shortestMarginMs, lifeMs / 10);
}

/** A text that says something; `undefined` for every other value. */
function textOf(answer: RawObject, name: string): string | undefined {
  const value = fieldOf(answer, name);
  return typeof value === "string" && value !== "" ? value : undefined;
}
