import { once } from "node:events";
import { createServer as createHttpServer, type Server } from "node:http";
import { createServer as createHttpsServer, Server as TlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { Failure, messageOf } from "../base/failure.ts";
import { formatListenAddress } from "../base/listen-address.ts";
import { apiRoutes } from "./api.ts";
import type { CheckParts } from "./checks.ts";
import { Connections } from "./connections.ts";
import { answering, type ExchangeParts, refuseUnreadable } from "./exchange.ts";
import { healthRoute } from "./health.ts";
import { type ListenerLimits, usualListenerLimits } from "./limits.ts";
import { LoopWatch } from "./loop-watch.ts";
import { metricsRoute } from "./metrics-page.ts";
import { descriptionRoute } from "./openapi.ts";
import type { ListenerParts, ListenerRules, TlsPair } from "./parts.ts";
import { probeRoutes } from "./probes.ts";
import type { Route } from "./route.ts";
import { TokenCheck } from "./token.ts";

/** The listener could not begin: the address is taken, is not of this machine, or may not be used. */
export class ListenFailed extends Failure {
  readonly code = "LISTEN_FAILED";

  constructor(address: string, cause: unknown) {
    super(`cannot listen on ${address}: ${messageOf(cause)}`, { cause });
  }
}

/** A certificate or a key that cannot be used. */
export class ListenerTlsInvalid extends Failure {
  readonly code = "TLS_INVALID";

  constructor(cause: unknown) {
    super(`the certificate and key of the listener cannot be used: ${messageOf(cause)}`, { cause });
  }
}

/** The operations listener, waiting for requests. Disposing it answers those that have begun, within a bound. */
export interface Listener extends AsyncDisposable {
  /** Where it can be asked: `http://127.0.0.1:9090`. */
  readonly url: string;
  readonly port: number;
  /** Answers every later request by other rules. */
  useRules(rules: ListenerRules): void;
  /** Uses another certificate for new connections. Throws `TLS_INVALID`, and goes on with the old one. */
  useCertificate(tls: TlsPair): void;
}

/**
 * Starts to listen. Throws `LISTEN_FAILED` and `TLS_INVALID`.
 *
 * Spec: operations.md §4.
 */
export async function startListener(
  parts: ListenerParts,
  limits: ListenerLimits = usualListenerLimits,
): Promise<Listener> {
  const { address, tls, clock, log } = parts;
  using starting = new DisposableStack();
  const loop = starting.use(new LoopWatch(clock));
  const closing = new AbortController();
  const server = createServer(tls, limits);
  const connections = new Connections(server, tls === undefined ? "connection" : "secureConnection");
  const answeringBy = (rules: ListenerRules): ExchangeParts => {
    const ruled = { ...parts, ...rules, loop };
    const routes = routesOf(ruled, ruled);
    return { routes, token: new TokenCheck(rules.token), closing: closing.signal, limits, clock, log };
  };
  let current = answeringBy(parts);
  server.on(
    "request",
    answering(() => current),
  );
  server.on("clientError", refuseUnreadable);
  // Nothing can be said to who did not get through the handshake, and what is to be said would be waited for for ever.
  server.on("tlsClientError", (_failure, socket) => socket.destroy());
  server.maxConnections = limits.connections;
  server.timeout = limits.idleMs;
  const port = await listen(server, address);
  const url = `${tls === undefined ? "http" : "https"}://${formatListenAddress({ host: hostIn(address.host), port })}`;
  log.info("Listening", { url });
  const owned = starting.move();
  return {
    url,
    port,
    useRules: (rules) => {
      current = answeringBy(rules);
    },
    useCertificate: (renewed) => {
      if (server instanceof TlsServer) secured(() => server.setSecureContext(tlsOptions(renewed)));
    },
    [Symbol.asyncDispose]: async () => {
      owned[Symbol.dispose]();
      closing.abort();
      const closed = once(server, "close");
      server.close();
      connections.endIdle();
      using _bound = clock.after(limits.drainMs, () => connections.endAll());
      await closed;
    },
  };
}

/** Everything that can be asked for. */
export function routesOf(parts: ListenerParts, checks: CheckParts): readonly Route[] {
  return [
    ...probeRoutes(checks),
    healthRoute(checks, parts.health),
    metricsRoute(parts.metrics, parts.clock),
    ...apiRoutes(parts),
    descriptionRoute(parts.version),
  ];
}

function createServer(tls: TlsPair | undefined, limits: ListenerLimits): Server {
  const options = {
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.checkingMs,
    keepAlive: true,
  };
  if (tls === undefined) return createHttpServer(options);
  return secured(() => createHttpsServer({ ...options, handshakeTimeout: limits.headersMs, ...tlsOptions(tls) }));
}

function tlsOptions({ certPem, keyPem }: TlsPair) {
  return { cert: certPem, key: keyPem.reveal(), minVersion: "TLSv1.2" as const };
}

function secured<T>(use: () => T): T {
  try {
    return use();
  } catch (thrown) {
    throw new ListenerTlsInvalid(thrown);
  }
}

async function listen(server: Server, address: ListenerParts["address"]): Promise<number> {
  const host = address.host === "" ? {} : { host: address.host };
  try {
    server.listen({ port: address.port, ...host });
    await once(server, "listening");
  } catch (thrown) {
    server.close();
    throw new ListenFailed(formatListenAddress(address), thrown);
  }
  return (server.address() as AddressInfo).port; // as of every server that listens on a port
}

/** A listener on every address is asked on this machine. */
function hostIn(host: string): string {
  return host === "" || host === "::" || host === "0.0.0.0" ? "127.0.0.1" : host;
}
