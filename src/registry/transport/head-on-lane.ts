import { Interrupted } from "../../base/failure.ts";
import { RegistryStalled } from "../failures.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { explainError } from "./explain.ts";
import { HeadAnswer } from "./head-answer.ts";
import { AnswerUnreadable } from "./lane/answer-head.ts";
import type { HeadLane, HeadRequest } from "./lane/head-lane.ts";

/**
 * Sends a HEAD request over the lane made for them. `undefined` when it cannot read the answer, which is told to
 * `unreadable`. Otherwise as `askHead`.
 */
export async function askHeadOnLane(
  request: RegistryRequest,
  lane: HeadLane,
  { path, headers }: Pick<HeadRequest, "path" | "headers">,
  limitMs: number,
  unreadable: (why: AnswerUnreadable) => void,
  signal: AbortSignal,
): Promise<RegistryAnswer | undefined> {
  const stalled = (): Error => new RegistryStalled(request.url.host, "answered", limitMs);
  try {
    const head = await lane.ask({ path, headers, limitMs, stalled, signal });
    return new HeadAnswer(head.status, head.headers, request);
  } catch (thrown) {
    if (thrown instanceof AnswerUnreadable && !signal.aborted) {
      unreadable(thrown);
      return undefined;
    }
    throw signal.aborted ? new Interrupted(signal.reason) : explainError(request, thrown);
  }
}
