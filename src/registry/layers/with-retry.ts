import type { Clock } from "../../base/clock.ts";
import { Failure, Interrupted, messageOf } from "../../base/failure.ts";
import { redactUrl } from "../../base/redact-url.ts";
import type { Log } from "../../observe/log.ts";
import type { ClientMetrics, RepeatReason } from "../client-metrics.ts";
import { RegistryStalled } from "../failures.ts";
import type { HostPace } from "../host-pace.ts";
import { retryAfterMs } from "../retry-after.ts";
import type { RegistryAnswer, RegistryRequest, Send } from "../send.ts";
import type { HostSettings } from "../settings.ts";
import { isTransient } from "../status.ts";

/** How often one request is sent at most. Spec: regsync.md §7.8. */
const mostAttempts = 6;

/**
 * Repeats what failed and may succeed, at the pace the host can bear.
 *
 * The last answer is given back as it is; a failure that stays is thrown as it came. Throws `REGISTRY_THROTTLED` in
 * place of sending anything when the host asked for a long silence. Spec: regsync.md §7.8, registry-protocol.md §7.6.
 */
export function withRetry(
  send: Send,
  paceOf: (host: HostSettings) => HostPace,
  clock: Clock,
  log: Log,
  metrics: ClientMetrics,
): Send {
  return async (request, signal) => {
    const pace = paceOf(request.host);
    for (let attempt = 1; ; attempt++) {
      const sentAtMs = await pace.turn(signal);
      const outcome = await attemptOf(send, request, signal);
      if (!outcome.failed) {
        pace.succeeded();
        return outcome.answer;
      }
      const quietMs = outcome.answer === undefined ? 0 : quietOf(outcome.answer, clock);
      if (quietMs > 0) pace.block(quietMs);
      else if (request.effort !== "probe") pace.failed(sentAtMs);
      if (request.effort !== "retried" || attempt === mostAttempts || !pace.isHopeful) return outcome.giveUp();
      log.debug("Request failed and will be repeated", {
        method: request.method,
        url: redactUrl(request.url),
        attempt,
        err: outcome.reason,
      });
      metrics.repeated(request.host.name, outcome.kind);
      await outcome.answer?.[Symbol.asyncDispose]();
    }
  };
}

type Outcome =
  | { readonly failed: false; readonly answer: RegistryAnswer }
  | {
      readonly failed: true;
      readonly answer: RegistryAnswer | undefined;
      readonly reason: string;
      readonly kind: RepeatReason;
      readonly giveUp: () => RegistryAnswer;
    };

async function attemptOf(send: Send, request: RegistryRequest, signal: AbortSignal): Promise<Outcome> {
  try {
    const answer = await send(request, signal);
    if (!isTransient(answer.status)) return { failed: false, answer };
    const kind = answer.status === 429 ? "throttled" : "unavailable";
    return { failed: true, answer, reason: `status ${answer.status}`, kind, giveUp: () => answer };
  } catch (thrown) {
    if (thrown instanceof Interrupted || !(thrown instanceof Failure) || !thrown.retryable) throw thrown;
    const giveUp = (): never => {
      throw thrown;
    };
    const kind = thrown instanceof RegistryStalled ? "stalled" : "unreachable";
    return { failed: true, answer: undefined, reason: messageOf(thrown), kind, giveUp };
  }
}

function quietOf(answer: RegistryAnswer, clock: Clock): number {
  return retryAfterMs(answer.header("retry-after"), answer.header("date"), clock.now()) ?? 0;
}
