import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { RegistryOptions } from "./protocol.ts";
import type { BlobContent } from "./recipe.ts";
import type { Answer, Side } from "./side.ts";

/** Lets a side answer on a port of its own, over TLS when it has a certificate. Gives `127.0.0.1:port`. */
export async function listen(side: Side, { delayMs, tls }: RegistryOptions): Promise<string> {
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    void respond(side, delayMs, request, response);
  };
  const options = { keepAliveTimeout: 60_000, noDelay: true };
  const server: Server =
    tls === undefined ? createServer(options, handle) : createTlsServer({ ...options, ...tls }, handle);
  server.on(tls === undefined ? "connection" : "secureConnection", () => {
    side.counter.connections += 1;
  });
  server.listen(0, "127.0.0.1", 4_096);
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return `127.0.0.1:${address.port}`;
}

async function respond(side: Side, delayMs: number, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let answer: Answer;
  try {
    answer = await side.answer(request);
  } catch {
    response.destroy(); // the client broke off
    return;
  }
  const send = (): void => deliver(answer, request.method === "HEAD", side, response);
  if (delayMs > 0) setTimeout(send, delayMs);
  else send();
}

function deliver({ status, headers, body }: Answer, headOnly: boolean, side: Side, response: ServerResponse): void {
  const length = body === undefined ? 0 : sizeOf(body);
  response.writeHead(status, { ...headers, ...(status === 204 ? {} : { "content-length": length }) });
  if (headOnly || body === undefined) response.end();
  else if (typeof body === "string" || body instanceof Uint8Array) response.end(body);
  else sendPieces(body, side, response).catch(() => response.destroy()); // the client broke off
}

function sizeOf(body: NonNullable<Answer["body"]>): number {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : body.sizeBytes;
}

async function sendPieces({ pieces }: BlobContent, side: Side, response: ServerResponse): Promise<void> {
  for (const piece of pieces) {
    side.counter.blobBytesRead += piece.byteLength;
    const isTaken = response.write(piece);
    const waitMs = side.link?.pass(piece.byteLength) ?? 0;
    await Promise.all([isTaken ? undefined : once(response, "drain"), waitMs > 0 ? sleep(waitMs) : undefined]);
  }
  response.end();
}
