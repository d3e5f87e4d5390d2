import type { Clock } from "../../base/clock.ts";
import { Failure, Interrupted } from "../../base/failure.ts";
import type { Send } from "../send.ts";
import type { HostSettings } from "../settings.ts";
import type { AdaptiveWidth } from "../adaptive-width.ts";

/** Learns from every exchange with a host how many requests at once are good for it. Spec: regsync.md row 0.4. */
export function withAdaptiveWidth(send: Send, widthOf: (host: HostSettings) => AdaptiveWidth, clock: Clock): Send {
  return async (request, signal) => {
    const width = widthOf(request.host);
    const sentAtMs = clock.monotonic();
    try {
      const answer = await send(request, signal);
      if (answer.status === 429 || answer.status === 503) width.overloaded(sentAtMs);
      // An upload is answered when it is through, which says more of its size than of the host.
      else if (request.body.kind === "none") width.answered(sentAtMs);
      return answer;
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.retryable && !(thrown instanceof Interrupted)) width.overloaded(sentAtMs);
      throw thrown;
    }
  };
}
