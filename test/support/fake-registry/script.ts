import type { Handler, RecordedRequest } from "./exchange.ts";

/**
 * Which requests are meant: `"GET /v2/a/b/tags/list"`, with `*` for any text (`"* /v2/*"`, `"PUT *"`), the query not
 * looked at; or a function that says so.
 */
export type Pattern = string | ((request: RecordedRequest) => boolean);

interface Rule {
  readonly matches: (request: RecordedRequest) => boolean;
  readonly handler: Handler;
  remaining: number;
}

/** Answers that replace a host's usual ones: first those for a number of requests, in order; then the lasting ones. */
export class Script {
  readonly #limited: Rule[] = [];
  readonly #lasting: Rule[] = [];

  /** Answers the next `times` requests that match. */
  times(times: number, pattern: Pattern, handler: Handler): void {
    this.#limited.push({ matches: matcherOf(pattern), handler, remaining: times });
  }

  /** Answers every request that matches. The latest of several counts. */
  always(pattern: Pattern, handler: Handler): void {
    this.#lasting.unshift({ matches: matcherOf(pattern), handler, remaining: Number.POSITIVE_INFINITY });
  }

  /** The handler for this request, which is used up by asking; `undefined` when the script says nothing. */
  take(request: RecordedRequest): Handler | undefined {
    const fits = (rule: Rule): boolean => rule.remaining > 0 && rule.matches(request);
    const rule = this.#limited.find(fits) ?? this.#lasting.find(fits);
    if (rule === undefined) return undefined;
    rule.remaining -= 1;
    return rule.handler;
  }

  /** How many of the answers for a number of requests have not been asked for. */
  get unused(): number {
    return this.#limited.reduce((sum, rule) => sum + rule.remaining, 0);
  }
}

/** The test of one request that a pattern stands for. */
export function matcherOf(pattern: Pattern): (request: RecordedRequest) => boolean {
  if (typeof pattern === "function") return pattern;
  const literals = pattern.split("*").map((literal) => RegExp.escape(literal));
  const expression = new RegExp(`^${literals.join(".*")}$`);
  return (request) => expression.test(`${request.method} ${request.path}`);
}
