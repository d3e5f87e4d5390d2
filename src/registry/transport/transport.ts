import type { Clock } from "../../base/clock.ts";
import { Interrupted } from "../../base/failure.ts";
import type { Log } from "../../observe/log.ts";
import type { RegistryAnswer, RegistryRequest } from "../send.ts";
import { authorizationFor } from "./connector.ts";
import { Exchange } from "./exchange.ts";
import { askHead } from "./head-exchange.ts";
import { askHeadOnLane } from "./head-on-lane.ts";
import type { AnswerUnreadable } from "./lane/answer-head.ts";
import { type PoolParts, Pools, type Route } from "./pools.ts";
import type { Proxy } from "./proxy.ts";
import { overUndici } from "./undici-wire.ts";
import { withFallback } from "./wire-fallback.ts";

/** A host that answered in a way that the lanes cannot read is left to undici for so long, in milliseconds. */
const lanesRestMs = 10 * 60_000;

type Headers = RegistryRequest["headers"];

/** What the transport is made of. */
export interface TransportParts extends PoolParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly proxyFor: (target: URL) => Proxy | undefined;
  readonly userAgent: string;
  /** Bodies from this size travel on the lane for blobs, in bytes, and HEADs on theirs; infinite for neither. */
  readonly laneFromBytes: number;
}

/** The bottom of the stack: HTTP/1.1 requests over connections that are kept for each host. */
export class Transport implements AsyncDisposable {
  readonly #parts: TransportParts;
  readonly #pools: Pools;
  /** The headers of the last request, as they were asked for and as they went out: many in a row have the same. */
  #last: { readonly asked: Headers; readonly sent: Headers } | undefined;

  constructor(parts: TransportParts) {
    this.#parts = parts;
    this.#pools = new Pools(parts);
  }

  /**
   * Sends one request, once. Satisfies `Send`.
   *
   * Throws `REGISTRY_UNREACHABLE`, `REGISTRY_STALLED`, `REGISTRY_ANSWER_INVALID`, `REDIRECT_REFUSED`, `TLS_INVALID`,
   * `INTERRUPTED`, and what the request's own body throws.
   */
  async send(request: RegistryRequest, signal: AbortSignal): Promise<RegistryAnswer> {
    if (signal.aborted) throw new Interrupted(signal.reason);
    const { clock, limits, proxyFor, laneFromBytes } = this.#parts;
    const { url, host } = request;
    const proxy = proxyFor(url);
    const headers = this.#completed(request.headers);
    const route = this.#pools.for(url, host, proxy);
    const line =
      proxy !== undefined && url.protocol === "http:"
        ? { path: url.href, headers: { ...headers, host: url.host, ...authorizationFor(proxy) } }
        : { path: `${url.pathname}${url.search}`, headers };
    const usesLanes = Number.isFinite(laneFromBytes);
    const hasLanes = usesLanes && proxy === undefined && clock.monotonic() >= route.lanesRestUntilMs;
    const unreadable = (why: AnswerUnreadable): void => this.#restLanes(route, url, why);
    // Most requests of a mirror that is up to date: what has no body on either side needs none of what bodies need.
    if (request.method === "HEAD") {
      const answer = hasLanes
        ? await askHeadOnLane(request, route.heads, line, limits.headersMs, unreadable, signal)
        : undefined;
      return answer ?? (await askHead(request, { ...line, pool: route.pool }, clock, limits.headersMs, signal));
    }
    const pool = overUndici(route.pool, usesLanes);
    const fits = hasLanes && bodyBytesOf(request) >= laneFromBytes;
    const wire = fits ? withFallback(route.lane, pool, unreadable) : pool;
    return await new Exchange(request, clock, limits, signal).run({ ...line, wire });
  }

  /** What a host answers so oddly once, it is likely to answer so again. */
  #restLanes(route: Route, { host }: URL, { message }: AnswerUnreadable): void {
    const { clock, log } = this.#parts;
    const nowMs = clock.monotonic();
    if (nowMs < route.lanesRestUntilMs) return; // others were under way
    route.lanesRestUntilMs = nowMs + lanesRestMs;
    log.warn("Answer cannot be read on the lane for blobs, going on without the lane", { host, err: message });
  }

  #completed(asked: Headers): Headers {
    if (this.#last?.asked === asked) return this.#last.sent;
    const sent = { "user-agent": this.#parts.userAgent, "accept-encoding": "identity", ...asked };
    this.#last = { asked, sent };
    return sent;
  }

  /** Ends every connection at once. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pools.destroy();
  }
}

/** Bytes that a request brings or takes, as far as it is known that these are many. */
function bodyBytesOf({ method, body, expectedBytes }: RegistryRequest): number {
  switch (body.kind) {
    case "none":
      return method === "GET" ? expectedBytes : 0;
    case "bytes":
      return body.bytes.byteLength;
    case "stream":
      return body.sizeBytes;
  }
}
