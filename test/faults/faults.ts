import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { setTimeout } from "node:timers/promises";
import type { Exchange, Handler } from "../support/fake-registry/exchange.ts";
import type { FakeHost } from "../support/fake-registry/host.ts";
import { altered, htmlPage, redirect, refusal, withHeaders } from "../support/fake-registry/replies.ts";
import { bodyOf, type Reply } from "../support/fake-registry/reply.ts";
import type { Kind } from "./kinds.ts";

/** Where a fault happens. */
interface FaultPlace {
  /** The host that misbehaves. */
  readonly host: FakeHost;
  /** Another host with the same content, which must never see a login. */
  readonly elsewhere: FakeHost;
  /** After so long the host is there again, in milliseconds of the real clock; `undefined` for never. */
  readonly outageMs: number | undefined;
  /** What the host says to who shows a login that is not good, or not good enough. */
  readonly challenge: (exchange: Exchange, error: "invalid_token" | "insufficient_scope") => Reply;
}

/** What a fault comes to, for a request that is sent once and again. */
export type Effect =
  /** Nothing came, or nothing of use: it may go well a little later. The code when it never does. */
  | {
      readonly kind: "passing";
      readonly code: "REGISTRY_UNREACHABLE" | "REGISTRY_STALLED" | "REGISTRY_STATUS" | "REGISTRY_THROTTLED";
    }
  /** The registry wants another login than it got. */
  | { readonly kind: "login" }
  /** The request was done, though nobody heard of it. */
  | { readonly kind: "lost answer" }
  /** The body ended, stopped or broke on its way. */
  | { readonly kind: "broken body"; readonly code: "REGISTRY_UNREACHABLE" | "REGISTRY_STALLED" }
  /** The body came whole, and is not what it should be. */
  | { readonly kind: "wrong body" }
  /** The head of the answer says something that is not so. */
  | { readonly kind: "lie"; readonly about: "digest" | "type" | "encoding" | "length" }
  /** It is to be had elsewhere, or so it is said. */
  | { readonly kind: "redirect"; readonly leads: "somewhere" | "nowhere" }
  /** The registry did not do what it says it did. */
  | { readonly kind: "not stored" }
  /** Everything is as it should be, only odd. */
  | { readonly kind: "harmless" };

/** One way in which a host misbehaves. */
export interface Fault {
  readonly id: string;
  readonly effect: Effect;
  /** The host is gone for everybody. */
  readonly takesHostDown: boolean;
  /** Takes real time: the run has short limits, and everything else long ones. */
  readonly stalls: boolean;
  /** Requests that one occurrence of it takes. */
  readonly requests: number;
  /** Why it makes no sense for a kind of request; `undefined` where it does. */
  readonly senseless: (kind: Kind) => string | undefined;
  readonly play: (place: FaultPlace) => Handler;
}

const always = (): undefined => undefined;

function fault(
  id: string,
  effect: Effect,
  play: Fault["play"],
  {
    senseless = always,
    takesHostDown = false,
    stalls = false,
    requests = 1,
  }: Partial<Pick<Fault, "senseless" | "takesHostDown" | "stalls" | "requests">> = {},
): Fault {
  return { id, effect, senseless, play, takesHostDown, stalls, requests };
}

/** Faults of a body need one. */
function needsBody({ body, method }: Kind): string | undefined {
  if (method === "HEAD") return "an answer to HEAD has no body";
  return body === "nothing" ? "the answer has no body that is read" : undefined;
}

/** Faults of a body that is read to its end, and matters. */
function needsContent(kind: Kind): string | undefined {
  return needsBody(kind) ?? (kind.body === "refusal" ? "the body of a refusal is only quoted" : undefined);
}

/** A single wrong bit shows where a digest says what is right. */
function needsDigest(kind: Kind): string | undefined {
  const isVerified = kind.body === "manifest" || kind.body === "blob";
  return needsContent(kind) ?? (isVerified ? undefined : "no digest says what it should be");
}

function needsUpload({ method }: Kind): string | undefined {
  return method === "PUT" || method === "PATCH" ? undefined : "nothing is sent along";
}

const unreachable = { kind: "passing", code: "REGISTRY_UNREACHABLE" } as const;
const stalled = { kind: "passing", code: "REGISTRY_STALLED" } as const;
const refused = { kind: "passing", code: "REGISTRY_STATUS" } as const;

const connection: readonly Fault[] = [
  fault(
    "refuses connections",
    unreachable,
    ({ host, outageMs }) =>
      () => {
        host.goDown();
        if (outageMs !== undefined) void setTimeout(outageMs).then(() => host.comeBack());
        return "reset";
      },
    { takesHostDown: true },
  ),
  fault("reset before the answer", unreachable, () => "reset"),
  fault("no answer", stalled, () => "silence", { stalls: true }),
  fault(
    "reset in the middle of what is sent",
    unreachable,
    () => async (exchange) => {
      await exchange.readBody(1_000);
      return "reset" as const;
    },
    { senseless: needsUpload },
  ),
  fault("done, and reset before the answer", { kind: "lost answer" }, () => async (exchange) => {
    await exchange.usual();
    return "reset" as const;
  }),
];

const soonDate = (): Reply => {
  const now = Date.now();
  const headers = { date: new Date(now).toUTCString(), "retry-after": new Date(now + 2_000).toUTCString() };
  return refusal(429, "TOOMANYREQUESTS", "slow down", headers);
};

const statuses: readonly Fault[] = [
  fault("408", refused, () => refusal(408, "UNKNOWN", "too slow")),
  fault("429", refused, () => refusal(429, "TOOMANYREQUESTS", "slow down")),
  fault("429, Retry-After in seconds", refused, () =>
    refusal(429, "TOOMANYREQUESTS", "slow down", { "retry-after": "2" }),
  ),
  fault("429, Retry-After as a date", refused, () => soonDate),
  fault("429, Retry-After of hours", { kind: "passing", code: "REGISTRY_THROTTLED" }, () =>
    refusal(429, "TOOMANYREQUESTS", "go away", { "retry-after": "86400" }),
  ),
  fault("500", refused, () => refusal(500, "UNKNOWN", "unknown error")),
  fault("502, a page", refused, () => htmlPage(502, "Bad Gateway")),
  fault("503", refused, () => refusal(503, "UNAVAILABLE", "back soon")),
  fault("503, Retry-After in seconds", refused, () => refusal(503, "UNAVAILABLE", "back soon", { "retry-after": "2" })),
  fault("504, a page", refused, () => htmlPage(504, "Gateway Timeout")),
];

/** A login is only asked for where one was shown. */
function needsLogin({ side, id }: Kind): string | undefined {
  if (side === "tokens") return "tokens are not asked for with a token";
  return id === "challenge" ? "nothing was shown yet" : undefined;
}

const logins: readonly Fault[] = [
  fault(
    "401, the token has expired",
    { kind: "login" },
    ({ challenge }) =>
      (exchange) =>
        challenge(exchange, "invalid_token"),
    { senseless: needsLogin },
  ),
  fault(
    "401, the token allows too little",
    { kind: "login" },
    ({ challenge }) =>
      (exchange) =>
        challenge(exchange, "insufficient_scope"),
    { senseless: needsLogin },
  ),
  fault(
    "401 in the middle of what is sent",
    { kind: "login" },
    ({ challenge }) =>
      async (exchange) => {
        await exchange.readBody(1_000);
        return { ...challenge(exchange, "invalid_token"), delivery: { ending: "close" } };
      },
    { senseless: needsUpload },
  ),
];

const half = (reply: Reply): number => Math.floor(bodyOf(reply).byteLength / 2);

/** The usual answer with other bytes in its body, and the length of those. */
function otherBody(change: (body: Buffer) => Uint8Array): Handler {
  return altered((reply) => ({ ...reply, body: change(Buffer.from(bodyOf(reply))) }));
}

function flipBit(body: Buffer): Uint8Array {
  const at = Math.floor(body.byteLength / 2);
  body.writeUInt8((body[at] ?? 0) ^ 1, at);
  return body;
}

const bodies: readonly Fault[] = [
  fault(
    "reset in the middle of the body",
    { kind: "broken body", code: "REGISTRY_UNREACHABLE" },
    () => altered((reply) => ({ ...reply, delivery: { sentBytes: half(reply), ending: "reset" } })),
    { senseless: needsBody },
  ),
  fault(
    "401 when the rest of a body is asked for",
    { kind: "broken body", code: "REGISTRY_UNREACHABLE" },
    ({ challenge }) =>
      async (exchange) => {
        if (exchange.request.headers.range !== undefined) return challenge(exchange, "invalid_token");
        const reply = await exchange.usual();
        return { ...reply, delivery: { sentBytes: half(reply), ending: "reset" } };
      },
    { requests: 2, senseless: ({ body }) => (body === "blob" ? undefined : "only of blobs the rest is asked for") },
  ),
  fault(
    "stalls in the middle of the body",
    { kind: "broken body", code: "REGISTRY_STALLED" },
    () => altered((reply) => ({ ...reply, delivery: { sentBytes: half(reply), ending: "stall" } })),
    { senseless: needsBody, stalls: true },
  ),
  fault(
    "trickles",
    { kind: "harmless" },
    () =>
      altered((reply) => ({
        ...reply,
        delivery: { trickle: { pieceBytes: Math.ceil(bodyOf(reply).byteLength / 8), wait: () => setTimeout(5) } },
      })),
    { senseless: needsBody },
  ),
  fault(
    "too short, length announced",
    { kind: "broken body", code: "REGISTRY_UNREACHABLE" },
    () => altered((reply) => ({ ...reply, delivery: { sentBytes: half(reply), ending: "close" } })),
    { senseless: needsBody },
  ),
  fault("too short, ends with the connection", { kind: "wrong body" }, () => shortened("until-close"), {
    senseless: needsContent,
  }),
  fault("too short, in chunks", { kind: "wrong body" }, () => shortened("chunked"), { senseless: needsContent }),
  fault("a bit flipped", { kind: "wrong body" }, () => otherBody(flipBit), { senseless: needsDigest }),
  fault("a byte too many", { kind: "wrong body" }, () => otherBody((body) => Buffer.concat([body, Buffer.from("x")])), {
    senseless: needsContent,
  }),
  fault(
    "a byte too many, in chunks",
    { kind: "wrong body" },
    () =>
      altered((reply) => ({
        ...reply,
        body: Buffer.concat([bodyOf(reply), Buffer.from("x")]),
        delivery: { length: "chunked" },
      })),
    { senseless: needsContent },
  ),
];

function shortened(length: "chunked" | "until-close"): Handler {
  return altered((reply) => ({ ...reply, delivery: { sentBytes: half(reply), length } }));
}

const otherDigest = `sha256:${createHash("sha256").update("something else").digest("hex")}`;

function namesDigest({ body, method, id }: Kind): string | undefined {
  if (body === "manifest" || body === "blob" || (method === "HEAD" && id !== "challenge")) return undefined;
  if (method === "PUT") return undefined;
  return "the answer names no digest";
}

function hasType({ body, method, id }: Kind): string | undefined {
  if (id === "challenge") return "the type of a refusal does not matter";
  if (method === "HEAD" && id !== "blob, HEAD") return undefined;
  return body === "manifest" || body === "referrers" ? undefined : "the type of the answer does not matter";
}

const lies: readonly Fault[] = [
  fault("length announced too large", { kind: "broken body", code: "REGISTRY_UNREACHABLE" }, () => lengthOff(10), {
    senseless: needsBody,
  }),
  fault("length announced too small", { kind: "lie", about: "length" }, () => lengthOff(-10), {
    senseless: needsContent,
  }),
  fault(
    "another size on HEAD",
    { kind: "lie", about: "length" },
    () => altered((reply) => ({ ...reply, delivery: { length: 12_345 } })),
    {
      senseless: ({ method, id }) =>
        method !== "HEAD"
          ? "only HEAD tells the size without the content"
          : id === "challenge"
            ? "a refusal has no size"
            : undefined,
    },
  ),
  fault(
    "another digest",
    { kind: "lie", about: "digest" },
    () => withHeaders({ "docker-content-digest": otherDigest }),
    { senseless: namesDigest },
  ),
  fault("another content type", { kind: "lie", about: "type" }, () => withHeaders({ "content-type": "text/html" }), {
    senseless: hasType,
  }),
  fault(
    "compressed",
    { kind: "lie", about: "encoding" },
    () =>
      altered((reply) => ({
        ...reply,
        headers: { ...reply.headers, "content-encoding": "gzip" },
        body: gzipSync(bodyOf(reply)),
      })),
    { senseless: needsContent },
  ),
];

function lengthOff(bytes: number): Handler {
  return altered((reply) => ({ ...reply, delivery: { length: bodyOf(reply).byteLength + bytes, ending: "close" } }));
}

/** An address of the same path and query, with something that only the registry may know. */
function sameAt(base: URL, { request }: Exchange): string {
  return `${base.origin}${request.target}${request.target.includes("?") ? "&" : "?"}X-Amz-Signature=${signedSecret}`;
}

/** What stands in signed addresses, and never in a log. */
export const signedSecret = "signed-7f3a9c2e51d04b86";

/** Only what reads is sent elsewhere by any redirect; what writes by 307 alone. */
function isSentElsewhere({ id, side }: Kind): string | undefined {
  if (id === "challenge") return "who asks for a login does not send elsewhere";
  return side === "tokens" ? "covered by the redirects of a host" : undefined;
}

const redirects: readonly Fault[] = [
  fault(
    "redirect to another host",
    { kind: "redirect", leads: "somewhere" },
    ({ elsewhere }) =>
      (exchange) =>
        redirect(sameAt(elsewhere.url, exchange)),
    { senseless: isSentElsewhere },
  ),
  fault(
    "redirect in circles",
    { kind: "redirect", leads: "nowhere" },
    ({ host }) =>
      ({ request }) =>
        redirect(`${host.url.origin}${request.target}`),
    { senseless: isSentElsewhere },
  ),
  fault(
    "redirect to what is no HTTP",
    { kind: "redirect", leads: "nowhere" },
    () => () => redirect("file:///etc/passwd"),
    { senseless: isSentElsewhere },
  ),
  fault(
    "redirect with a password in it",
    { kind: "redirect", leads: "nowhere" },
    ({ elsewhere }) =>
      ({ request }) =>
        redirect(`http://user:${signedSecret}@${elsewhere.name}${request.target}`),
    { senseless: isSentElsewhere },
  ),
];

const storing: readonly Fault[] = [
  fault(
    "201 without having stored",
    { kind: "not stored" },
    () => async (exchange) => {
      await exchange.readBody();
      return { status: 201, headers: { location: exchange.request.path } };
    },
    {
      senseless: ({ method, id }) =>
        method === "PUT" || id.startsWith("mount") ? undefined : "nothing is stored by it alone",
    },
  ),
];

/** Every fault. A new one is a new line here, and is tried with every kind of request. */
export const faults: readonly Fault[] = [
  ...connection,
  ...statuses,
  ...logins,
  ...bodies,
  ...lies,
  ...redirects,
  ...storing,
];
