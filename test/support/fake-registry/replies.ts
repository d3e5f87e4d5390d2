import { gzipSync } from "node:zlib";
import type { Exchange, Handler } from "./exchange.ts";
import { type Answer, bodyOf, type Reply } from "./reply.ts";

/** A refusal in the words of the distribution API. */
export function refusal(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return json(status, { errors: [{ code, message }] }, headers);
}

/** Any value as JSON. */
export function json(status: number, value: unknown, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(value) };
}

/** An error page, as proxies in front of registries write them. */
export function htmlPage(status: number, title: string): Reply {
  const body = `<html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>\n`;
  return { status, headers: { "content-type": "text/html" }, body };
}

/** Sends the client elsewhere. */
export function redirect(location: string | URL, status = 307): Reply {
  return { status, headers: { location: String(location) } };
}

/** The answer to whatever created content under a digest or a name. */
export function created(
  name: string,
  kind: "blobs" | "manifests",
  digest: string,
  reference: string = digest,
  headers: Readonly<Record<string, string>> = {},
): Reply {
  return {
    status: 201,
    headers: { location: `/v2/${name}/${kind}/${reference}`, "docker-content-digest": digest, ...headers },
  };
}

/** The part of a reply that a `Range: bytes=…` of the request asks for; all of it without one. */
export function ranged(reply: Reply, header: string | undefined): Reply {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(header ?? "") ?? [];
  if (first === undefined) return reply;
  const bytes = bodyOf(reply);
  const start = Number(first);
  const end = last === "" ? bytes.byteLength - 1 : Math.min(Number(last), bytes.byteLength - 1);
  if (start > end) return { status: 416, headers: { "content-range": `bytes */${bytes.byteLength}` } };
  const headers = { ...reply.headers, "content-range": `bytes ${start}-${end}/${bytes.byteLength}` };
  return { ...reply, status: 206, headers, body: bytes.subarray(start, end + 1) };
}

/** The host's usual answer, changed. */
export function altered(change: (reply: Reply, exchange: Exchange) => Reply): Handler {
  return async (exchange) => change(await exchange.usual(), exchange);
}

/** The host's usual answer with these headers, instead of or in addition to its own. */
export function withHeaders(headers: Readonly<Record<string, string | readonly string[]>>): Handler {
  return altered((reply) => ({ ...reply, headers: { ...reply.headers, ...headers } }));
}

/** The host's usual answer without these headers; names in lower case. */
export function withoutHeaders(...names: readonly string[]): Handler {
  return altered((reply) => ({
    ...reply,
    headers: Object.fromEntries(Object.entries(reply.headers ?? {}).filter(([name]) => !names.includes(name))),
  }));
}

/** The host's usual answer with another body, whose length is announced truthfully. */
export function withBody(body: Uint8Array | string): Handler {
  return altered((reply) => ({ ...reply, body }));
}

/**
 * The host's usual answer whose body ends after `sentBytes`: with the whole length announced, or with none, so that
 * only the size that is expected gives it away.
 */
export function cutShort(sentBytes: number, length: "announced" | "chunked" | "until-close" = "announced"): Handler {
  return altered((reply) => ({
    ...reply,
    delivery: length === "announced" ? { sentBytes, ending: "close" } : { sentBytes, length },
  }));
}

/** The host's usual answer, compressed although nobody asked for that. */
export const gzipped: Handler = altered((reply) => ({
  ...reply,
  headers: { ...reply.headers, "content-encoding": "gzip" },
  body: gzipSync(bodyOf(reply)),
}));

/** The host's usual answer, held back until something happened. */
export function heldUntil(event: Promise<unknown>): Handler {
  return async (exchange) => {
    await event;
    return await exchange.usual();
  };
}

/** Takes so many bytes of an upload in, and breaks the connection. */
export function breakUploadAfter(bytes: number): Handler {
  return async (exchange): Promise<Answer> => {
    const received = await exchange.readBody(bytes);
    await exchange.usual(received.subarray(0, bytes));
    return "reset";
  };
}

/** Reads the whole of an upload and keeps only its beginning, which the answer says. */
export function acceptOnly(bytes: number): Handler {
  return async (exchange) => {
    const received = await exchange.readBody();
    return await exchange.usual(received.subarray(0, bytes));
  };
}
