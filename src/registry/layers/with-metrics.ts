import type { Clock } from "../../base/clock.ts";
import { Interrupted } from "../../base/failure.ts";
import type { ClientMetrics, CodeClass } from "../client-metrics.ts";
import { operationOf } from "../operation.ts";
import type { PlainAnswer, PlainFetch } from "../plain-request.ts";
import { readRateLimit } from "../rate-limit.ts";
import type { Send } from "../send.ts";

/** Counts every exchange, each hop of a redirect as one, and keeps what hosts say of their quotas. */
export function withMetrics(send: Send, metrics: ClientMetrics, clock: Clock): Send {
  return async (request, signal) => {
    const { host, method } = request;
    const op = operationOf(request);
    const sentAtMs = clock.monotonic();
    const count = (code: CodeClass): void =>
      metrics.exchanged(host.name, method, op, code, clock.monotonic() - sentAtMs);
    try {
      const answer = await send(request, signal);
      count(codeClassOf(answer.status));
      const quota = op === "manifest" ? readRateLimit((name) => answer.header(name)) : undefined;
      if (quota !== undefined) metrics.quota(host, quota);
      return answer;
    } catch (thrown) {
      // What was stopped from outside says nothing of the host.
      if (!(thrown instanceof Interrupted) && !signal.aborted) count("error");
      throw thrown;
    }
  };
}

/** Counts how asking for tokens went. */
export function withTokenMetrics(fetch: PlainFetch, metrics: ClientMetrics): PlainFetch {
  return async (url, request, host, signal) => {
    let answer: PlainAnswer;
    try {
      answer = await fetch(url, request, host, signal);
    } catch (thrown) {
      if (!(thrown instanceof Interrupted) && !signal.aborted) metrics.token(host.name, "failed");
      throw thrown;
    }
    if (answer.status === 200) metrics.token(host.name, "granted");
    else metrics.token(host.name, answer.status >= 500 || answer.status === 429 ? "failed" : "refused");
    return answer;
  };
}

function codeClassOf(status: number): CodeClass {
  if (status < 300) return "2xx";
  if (status < 400) return "3xx";
  return status < 500 ? "4xx" : "5xx";
}
