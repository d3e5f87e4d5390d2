import { type IncomingMessage, type RequestListener, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Clock } from "../base/clock.ts";
import { Failure, messageOf, systemCodeOf } from "../base/failure.ts";
import type { Log } from "../observe/log.ts";
import { type Answer, problemAnswer } from "./answer.ts";
import { dispatch } from "./dispatch.ts";
import { inTurn } from "./in-turn.ts";
import type { ListenerLimits } from "./limits.ts";
import type { Route } from "./route.ts";
import type { TokenCheck } from "./token.ts";

/** What answering takes. */
export interface ExchangeParts {
  readonly routes: readonly Route[];
  readonly token: TokenCheck;
  /** Aborted when no further request is wanted on any connection. */
  readonly closing: AbortSignal;
  readonly limits: ListenerLimits;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Reads requests and writes answers, each in one piece. `partsNow` gives what a request that has just come is answered
 * by.
 */
export function answering(partsNow: () => ExchangeParts): RequestListener {
  const answer = inTurn((request, response) => void exchange(request, response, partsNow()));
  return (request, response) => {
    // Whoever went away gets no answer; nothing is left open by that.
    request.on("error", () => undefined);
    response.on("error", () => undefined);
    answer(request, response);
  };
}

async function exchange(request: IncomingMessage, response: ServerResponse, parts: ExchangeParts): Promise<void> {
  const { log } = parts;
  const { method = "", url = "", headers } = request;
  let answer: Answer;
  let isRead = false;
  try {
    isRead = await readBody(request, parts.limits.bodyBytes);
    const asked = { method, target: url, authorization: headers.authorization, accept: headers.accept ?? "" };
    answer = isRead
      ? await dispatch(asked, parts.routes, parts.token)
      : problemAnswer(413, `a body has at most ${parts.limits.bodyBytes} bytes`);
  } catch (thrown) {
    if (request.destroyed && !request.complete) return;
    answer = problemAnswer(500, "this went wrong; the log says how");
    const stack = thrown instanceof Failure || !(thrown instanceof Error) ? undefined : thrown.stack;
    log.error("Request could not be answered", {
      method,
      error: messageOf(thrown),
      ...(stack === undefined ? {} : { stack }),
    });
  }
  const alarm = parts.clock.after(parts.limits.answerMs, () => response.destroy());
  response.once("close", () => alarm[Symbol.dispose]());
  write(answer, response, { isHead: method === "HEAD", isLast: !isRead || parts.closing.aborted });
}

/** Whether the body ended within the limit. No call needs one, so what is in it does not matter. */
async function readBody(request: IncomingMessage, limitBytes: number): Promise<boolean> {
  if (Number(request.headers["content-length"] ?? 0) > limitBytes) return false;
  let length = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += (chunk as Uint8Array).byteLength; // what a request without an encoding yields
    if (length > limitBytes) return false;
  }
  return true;
}

function write(answer: Answer, response: ServerResponse, how: { isHead: boolean; isLast: boolean }): void {
  const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
  response.writeHead(answer.status, {
    "content-type": answer.mediaType,
    "content-length": body.byteLength,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...answer.headers,
    ...(how.isLast ? { connection: "close" } : {}),
  });
  response.end(how.isHead ? undefined : body);
}

/** What the parser complains about, and how that is answered. */
const unreadable: Readonly<Record<string, readonly [number, string]>> = {
  HPE_HEADER_OVERFLOW: [431, "the headers are too long"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request took too long"],
};

/** Answers what is no request, or came too slowly, and ends the connection. */
export function refuseUnreadable(error: Error, socket: Duplex): void {
  if (!socket.writable || systemCodeOf(error) === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const [status, detail] = unreadable[systemCodeOf(error) ?? ""] ?? [400, "this is no request that can be read"];
  const { mediaType, body } = problemAnswer(status, detail);
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    `content-type: ${mediaType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "cache-control: no-store",
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}
