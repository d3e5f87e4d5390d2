import { LRUCache } from "lru-cache";
import { Pool } from "undici";
import type { Clock } from "../../base/clock.ts";
import { isOwnOrigin, originOf } from "../origin.ts";
import type { HostSettings } from "../settings.ts";
import { connectorFor, headerLimitBytes, type Way } from "./connector.ts";
import { HeadLane } from "./lane/head-lane.ts";
import { Lane } from "./lane/lane.ts";
import { Rings } from "./lane/ring.ts";
import type { Proxy } from "./proxy.ts";
import type { TimeLimits } from "./time-limits.ts";
import type { Trust } from "./trust.ts";

/** What connections are made with. */
export interface PoolParts {
  readonly clock: Clock;
  readonly trust: Trust;
  readonly isLocalAddress: (address: string) => boolean;
  readonly limits: TimeLimits;
}

/** Connections stay open this long for the next request, in milliseconds. */
const keepAliveMs = 30_000;
/** Other origins (object stores that hosts send us to) whose connections are kept. */
const foreignPools = 64;

/** The connections that lead to one origin on behalf of one host. */
export interface Route {
  readonly pool: Pool;
  /** For blobs; not to be used where a proxy leads. */
  readonly lane: Lane;
  /** For HEAD requests; not to be used where a proxy leads. */
  readonly heads: HeadLane;
  /** The lanes are left alone until then, on the monotonic clock: they could not read what was answered. */
  lanesRestUntilMs: number;
}

/**
 * The connections of all hosts: one pool for each, and others for where it sends us, which do not show its client
 * certificate, and do not lead to local addresses unless the host itself is at one.
 */
export class Pools {
  readonly #parts: PoolParts;
  readonly #closing = new AbortController();
  readonly #rings = new Rings();
  readonly #own = new Map<string, Route>();
  readonly #foreign = new LRUCache<string, Route>({ max: foreignPools, dispose: (route) => close(route) });
  /** Hosts that were last reached at a local address. */
  readonly #localHosts = new Set<string>();

  constructor(parts: PoolParts) {
    this.#parts = parts;
  }

  /** The connections for an address, on behalf of a host. */
  for(url: URL, host: HostSettings, proxy: Proxy | undefined): Route {
    if (isOwnOrigin(url, host)) {
      const known = this.#own.get(host.name);
      if (known !== undefined) return known;
      const made = this.#make(url, host, proxy, true);
      this.#own.set(host.name, made);
      return made;
    }
    // Where a proxy leads is the proxy's concern.
    const mayBeLocal = proxy !== undefined || this.#localHosts.has(host.name);
    const key = `${host.name} ${url.origin} ${mayBeLocal}`;
    const known = this.#foreign.get(key);
    if (known !== undefined) return known;
    const made = this.#make(url, host, proxy, mayBeLocal);
    this.#foreign.set(key, made);
    return made;
  }

  /** Ends every connection at once, also those that are only being made. */
  async destroy(): Promise<void> {
    this.#closing.abort();
    const routes = [...this.#own.values(), ...this.#foreign.values()];
    for (const { lane, heads } of routes) {
      lane.destroy();
      heads.destroy();
    }
    await Promise.all(routes.map(({ pool }) => pool.destroy()));
  }

  #make(url: URL, host: HostSettings, proxy: Proxy | undefined, mayBeLocal: boolean): Route {
    const { clock, trust, isLocalAddress, limits } = this.#parts;
    const own = isOwnOrigin(url, host);
    const way: Way = {
      origin: new URL(url.origin),
      sender: originOf(host),
      proxy,
      allows: (address) => mayBeLocal || !isLocalAddress(address),
      context: () => trust.contextOf(host, own),
      verifies: host.tls !== "insecure",
      proxyContext: () => trust.plainContext(),
      connectMs: limits.connectMs,
      tlsMs: limits.tlsMs,
      closing: this.#closing.signal,
      connected: (address) => {
        if (own) this.#learn(host.name, isLocalAddress(address));
      },
    };
    const pool = new Pool(proxy !== undefined && url.protocol === "http:" ? proxy.url : url.origin, {
      connect: connectorFor(way),
      allowH2: false,
      pipelining: 1,
      keepAliveTimeout: keepAliveMs,
      keepAliveMaxTimeout: 2 * keepAliveMs,
      maxHeaderSize: headerLimitBytes,
    });
    const lanes = { lane: new Lane(way, this.#rings, clock), heads: new HeadLane(way, this.#rings, clock) };
    return { pool, ...lanes, lanesRestUntilMs: Number.NEGATIVE_INFINITY };
  }

  #learn(host: string, isLocal: boolean): void {
    if (isLocal) this.#localHosts.add(host);
    else this.#localHosts.delete(host);
  }
}

function close({ pool, lane, heads }: Route): void {
  lane.close();
  heads.close();
  void pool.close();
}
