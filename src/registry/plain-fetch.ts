import { readWhole, replyTo } from "./answer.ts";
import type { PlainFetch, PlainRequest } from "./plain-request.ts";
import type { RegistryAnswer, RegistryRequest, Send } from "./send.ts";
import type { HostSettings } from "./settings.ts";

/** Bytes of an answer that are read. */
const answerLimitBytes = 1024 * 1024;

/** `PlainFetch` over a stack that follows redirects, for GET, and one that does not: a form holds a password. */
export function plainFetchOver(following: Send, staying: Send): PlainFetch {
  return async (url, plain, host, signal) => {
    const request = requestOf(url, plain, host);
    const send = plain.method === "GET" ? following : staying;
    await using answer = await send(request, signal);
    const bytes = await readWhole(replyTo(request, answer), answerLimitBytes);
    const text = Buffer.from(bytes).toString("utf8");
    return { status: answer.status, headers: headersOf(answer), text, masked: (part) => answer.masked(part) };
  };
}

/** Headers of an answer that mean something to who asks for tokens. */
const keptHeaders = ["content-type", "date", "retry-after"] as const;

function headersOf(answer: RegistryAnswer): Readonly<Record<string, string>> {
  const lines = keptHeaders.map((name) => [name, answer.headerLines(name).join(", ")] as const);
  return Object.fromEntries(lines.filter(([, value]) => value !== ""));
}

function requestOf(url: URL, { method, headers, body }: PlainRequest, host: HostSettings): RegistryRequest {
  const mediaType = headers["content-type"] ?? "application/x-www-form-urlencoded";
  return {
    method,
    url,
    headers,
    body: body === undefined ? { kind: "none" } : { kind: "bytes", bytes: Buffer.from(body), mediaType },
    host,
    repository: undefined,
    access: "pull",
    mountFrom: undefined,
    lease: undefined,
    large: false,
    expectedBytes: 0,
    effort: "once",
  };
}
