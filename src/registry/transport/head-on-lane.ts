import { Interrupted } from "../../base/failure.ts";
import { RegistryStalled } from "../failures.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { explainError } from "./explain.ts";
import { HeadAnswer } from "./head-answer.ts";
import type { HeadLane, HeadRequest } from "./lane/head-lane.ts";

/** Sends a HEAD request over the lane made for them. Otherwise as `askHead`. */
export async function askHeadOnLane(
  request: RegistryRequest,
  lane: HeadLane,
  { path, headers }: Pick<HeadRequest, "path" | "headers">,
  limitMs: number,
  signal: AbortSignal,
): Promise<RegistryAnswer> {
  const stalled = (): Error => new RegistryStalled(request.url.host, "answered", limitMs);
  try {
    const head = await lane.ask({ path, headers, limitMs, stalled, signal });
    return new HeadAnswer(head.status, head.headers, request.url);
  } catch (thrown) {
    throw signal.aborted ? new Interrupted(signal.reason) : explainError(request, thrown);
  }
}
