import { RegistryAnswerInvalid } from "./failures.ts";
import type { RegistryAnswer, RegistryRequest } from "./send.ts";

/** An answer together with what it answers. */
export interface Reply extends RegistryAnswer {
  readonly request: RegistryRequest;
}

/** The answer to a request. Disposing it disposes the answer. */
export function replyTo(request: RegistryRequest, answer: RegistryAnswer): Reply {
  return { ...wrapAnswer(answer, async () => await answer[Symbol.asyncDispose]()), request };
}

/** The same answer, disposed in another way. */
export function wrapAnswer(answer: RegistryAnswer, dispose: () => Promise<void>): RegistryAnswer {
  return {
    status: answer.status,
    url: answer.url,
    header: (name) => answer.header(name),
    headerLines: (name) => answer.headerLines(name),
    body: answer.body,
    masked: (text) => answer.masked(text),
    [Symbol.asyncDispose]: dispose,
  };
}

/** A document is larger than its kind may be. */
export class AnswerTooLong extends RegistryAnswerInvalid {
  constructor({ method, url }: RegistryRequest, limitBytes: number) {
    super(method, url, `it is longer than ${limitBytes} bytes`);
  }
}

/**
 * The whole body of a reply, for documents. Stops reading as soon as the limit is crossed, whatever was announced.
 *
 * Throws `REGISTRY_ANSWER_INVALID` for a body that is too long, or in an encoding nobody asked for.
 */
export async function readWhole(reply: Reply, limitBytes: number): Promise<Uint8Array> {
  refuseEncoding(reply);
  if (Number(reply.header("content-length") ?? 0) > limitBytes) throw new AnswerTooLong(reply.request, limitBytes);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of reply.body) {
    length += chunk.byteLength;
    if (length > limitBytes) throw new AnswerTooLong(reply.request, limitBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}

/**
 * Encodings that change nothing. Object stores other than Amazon's go on saying of what they keep that it came to them
 * in the last of these, which is how their clients sign what they send.
 */
const emptyEncodings: ReadonlySet<string> = new Set(["", "identity", "aws-chunked"]);

/** Digests are over the bytes as they are: content that something compressed on the way is not that. */
export function refuseEncoding(reply: Reply): void {
  const encoding = reply.header("content-encoding") ?? "";
  if (encoding.split(",").every((word) => emptyEncodings.has(word.trim().toLowerCase()))) return;
  const { method, url } = reply.request;
  const shown = JSON.stringify(encoding.slice(0, 50));
  throw new RegistryAnswerInvalid(method, url, `it is encoded as ${shown}, which was not asked for`);
}
