import { Failure } from "../base/failure.ts";
import { type Reply, readWhole, replyTo } from "./answer.ts";
import type { RegistryRequest, Send } from "./send.ts";
import type { HostSettings } from "./settings.ts";
import { failureOf, refusalOf } from "./status.ts";

/** Sends a request. Throws `REGISTRY_STATUS` or `REGISTRY_DENIED` for any other status than those accepted. */
export async function ask(
  send: Send,
  request: RegistryRequest,
  accepted: readonly number[],
  signal: AbortSignal,
): Promise<Reply> {
  const answer = await send(request, signal);
  if (accepted.includes(answer.status)) return replyTo(request, answer);
  await using refused = answer;
  throw await failureOf(request, refused);
}

/** Times a document is asked for whose body broke on the way or was damaged. */
const documentAttempts = 3;

/**
 * Reads a document whole and makes something of it, which may throw what it likes: a failure that may pass, like
 * that of a body that broke, has the document asked for again. `obtain` is told which hosts gave what was of no use.
 * Throws `REGISTRY_ANSWER_INVALID` when it is too long.
 */
export async function readDocument<T>(
  obtain: (unfit: ReadonlySet<HostSettings>) => Promise<Reply>,
  limitBytes: number,
  parse: (bytes: Uint8Array, reply: Reply) => T,
): Promise<T> {
  const unfit = new Set<HostSettings>();
  for (let attempt = 1; ; attempt++) {
    await using reply = await obtain(unfit);
    try {
      return parse(await readWhole(reply, limitBytes), reply);
    } catch (thrown) {
      if (attempt === documentAttempts || !(thrown instanceof Failure) || !thrown.retryable) throw thrown;
      unfit.add(reply.request.host);
    }
  }
}

/** Whether the registry answered that there is no such thing. */
export function isNotFound(failure: unknown): boolean {
  return refusalOf(failure)?.status === 404;
}

/** Whether the registry answered that it cannot do such a thing. */
export function isUnsupported(failure: unknown): boolean {
  const refusal = refusalOf(failure);
  return refusal?.status === 405 || refusal?.status === 501 || refusal?.codes.includes("UNSUPPORTED") === true;
}
