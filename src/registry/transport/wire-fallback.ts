import { AnswerUnreadable } from "./lane/answer-head.ts";
import type { Wire, WireBody } from "./wire.ts";

/**
 * Requests over a lane, and over `other` where the lane cannot read the answer: at once when nothing was sent. What was
 * sent may have arrived, so that the answer then counts as lost, like one that cannot be read any further: whoever asked
 * finds out what the host has, and goes on from there.
 *
 * `unreadable` is told each time, and sees to it that what follows does not come here.
 */
export function withFallback(lane: Wire, other: Wire, unreadable: (why: AnswerUnreadable) => void): Wire {
  /** Throws what is anything else. */
  const note = (thrown: unknown): AnswerUnreadable => {
    if (!(thrown instanceof AnswerUnreadable)) throw thrown;
    unreadable(thrown);
    return thrown;
  };
  return {
    copiesPieces: lane.copiesPieces,
    request: async (request) => {
      try {
        const response = await lane.request(request);
        // Nothing but what is between chunks can still be odd.
        const isSimple = response.headers["transfer-encoding"] === undefined;
        return isSimple ? response : { ...response, body: watched(response.body, note) };
      } catch (thrown) {
        const why = note(thrown);
        if (request.body !== null) throw answerLost(why);
        return await other.request(request);
      }
    },
  };
}

function watched(body: WireBody, note: (thrown: unknown) => AnswerUnreadable): WireBody {
  async function* pieces(): AsyncGenerator<Uint8Array, void> {
    try {
      yield* body;
    } catch (thrown) {
      throw answerLost(note(thrown));
    }
  }
  return {
    get destroyed() {
      return body.destroyed;
    },
    destroy: (error) => body.destroy(error),
    [Symbol.asyncIterator]: pieces,
  };
}

/** As a connection that broke. */
function answerLost(cause: AnswerUnreadable): Error {
  return Object.assign(new Error(cause.message, { cause }), { code: "ECONNRESET" });
}
