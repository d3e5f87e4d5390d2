import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";

/** How the bytes of an answer go over the wire. Without it: whole, with their length announced. */
interface Delivery {
  /** What Content-Length says: a number that may be a lie, no length but chunks, or no length until the end. */
  readonly length?: number | "chunked" | "until-close";
  /** Only so many bytes of the body are sent. */
  readonly sentBytes?: number;
  /** What follows the last byte sent: a good end, a closed connection, a reset one, or nothing at all. */
  readonly ending?: "end" | "close" | "reset" | "stall";
  /** Waits for something after so many bytes. */
  readonly pause?: { readonly afterBytes: number; readonly until: Promise<unknown> };
  /** Comes in pieces of so many bytes, each after a wait. */
  readonly trickle?: { readonly pieceBytes: number; readonly wait: () => Promise<unknown> };
}

/** One answer of a fake host. A body that is a text is sent as UTF-8. */
export interface Reply {
  readonly status: number;
  /** A list becomes one header line for each item. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Uint8Array | string;
  readonly delivery?: Delivery;
}

/** What a client gets: an answer, a connection that breaks without one, or one that stays silent. */
export type Answer = Reply | "reset" | "silence";

/** The bytes of a reply's body. */
export function bodyOf(reply: Reply): Uint8Array {
  return typeof reply.body === "string" ? Buffer.from(reply.body) : (reply.body ?? new Uint8Array());
}

/** Sends an answer exactly as it is written. Resolves when nothing more will be sent. */
export async function deliver(answer: Answer, response: ServerResponse): Promise<void> {
  if (answer === "silence") return;
  if (answer === "reset") {
    reset(response);
    return;
  }
  const body = bodyOf(answer);
  const {
    length = body.byteLength,
    sentBytes = body.byteLength,
    ending = "end",
    pause,
    trickle,
  } = answer.delivery ?? {};
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (length === "until-close") {
    response.useChunkedEncodingByDefault = false;
    response.shouldKeepAlive = false;
  } else if (length !== "chunked" && allowsLength(answer.status)) {
    response.setHeader("content-length", length);
  }
  response.writeHead(answer.status);
  response.flushHeaders();
  const sent = body.subarray(0, sentBytes);
  if (pause !== undefined) {
    await write(response, sent.subarray(0, pause.afterBytes));
    await pause.until;
  }
  const rest = sent.subarray(pause?.afterBytes ?? 0);
  const pieceBytes = trickle?.pieceBytes ?? Math.max(rest.byteLength, 1);
  for (let at = 0; at < rest.byteLength; at += pieceBytes) {
    await trickle?.wait();
    await write(response, rest.subarray(at, at + pieceBytes));
  }
  await end(response, ending);
}

/** No length goes with an answer that never has a body. */
function allowsLength(status: number): boolean {
  return status !== 204 && status !== 304;
}

/** Breaks the connection; what was sent just before may be lost with it. */
function reset({ socket }: ServerResponse): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}

async function write(response: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (bytes.byteLength === 0 || response.destroyed) return;
  await new Promise<void>((resolve) => response.write(bytes, () => resolve()));
}

async function end(response: ServerResponse, ending: "end" | "close" | "reset" | "stall"): Promise<void> {
  switch (ending) {
    case "end":
      if (response.destroyed) return;
      response.end();
      await Promise.race([once(response, "finish"), once(response, "close")]);
      return;
    case "close":
      response.socket?.end();
      return;
    case "reset":
      reset(response);
      return;
    case "stall":
  }
}
