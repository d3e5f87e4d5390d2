import type { Limiter } from "../../base/limiter.ts";
import { wrapAnswer } from "../answer.ts";
import type { Send } from "../send.ts";
import type { HostSettings } from "../settings.ts";

/**
 * Keeps each host to its own number of requests at once.
 *
 * The slot belongs to the answer until that is disposed. A request under a lease that covers the host takes none.
 * Spec: regsync.md §7.7.
 */
export function withSlots(send: Send, slotsOf: (host: HostSettings) => Limiter): Send {
  return async (request, signal) => {
    const slots = slotsOf(request.host);
    if (request.lease?.covers(slots) === true) return await send(request, signal);
    const slot = await slots.take(signal, request.large ? "large" : "small");
    try {
      const answer = await send(request, signal);
      return wrapAnswer(answer, async () => {
        try {
          await answer[Symbol.asyncDispose]();
        } finally {
          slot[Symbol.dispose]();
        }
      });
    } catch (thrown) {
      slot[Symbol.dispose]();
      throw thrown;
    }
  };
}
