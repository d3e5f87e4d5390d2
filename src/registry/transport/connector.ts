import { lookup } from "node:dns";
import type { LookupFunction, OnReadOpts, Socket } from "node:net";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { SecureContext } from "node:tls";
import { callbackify } from "node:util";
import { buildConnector, Client } from "undici";
import { Failure, systemCodeOf } from "../../base/failure.ts";
import { RedirectRefused } from "../failures.ts";
import { bareHostname } from "./local-address.ts";
import type { Proxy } from "./proxy.ts";
import { RegistryUnreachable } from "./unreachable.ts";

/** How one origin is reached. */
export interface Way {
  readonly origin: URL;
  /** The host's own origin, which sends us to this one; equal for the host itself. */
  readonly sender: URL;
  readonly proxy: Proxy | undefined;
  /** Whether an address may be dialled. */
  readonly allows: (address: string) => boolean;
  /** TLS with the origin. */
  readonly context: () => Promise<SecureContext>;
  readonly verifies: boolean;
  /** TLS with a proxy. */
  readonly proxyContext: () => Promise<SecureContext>;
  readonly connectMs: number;
  readonly tlsMs: number;
  /** Ends every connection of this way. */
  readonly closing: AbortSignal;
  /** Told the address of each connection to the origin itself. */
  readonly connected: (address: string) => void;
}

/** Opens connections for a pool of undici: TCP and TLS with a limit each, through the proxy if there is one. */
export function connectorFor(way: Way): buildConnector.connector {
  return asConnector(() => explained(way, () => open(way)));
}

/** Opens one connection without a proxy, whose bytes come into the memory that `onread` says. */
export function openSocket(way: Way, onread: OnReadOpts): Promise<Socket> {
  return explained(way, async () => {
    // TLS over a connection that is there already would not read into that memory: both are made in one go.
    const isTls = way.origin.protocol === "https:";
    const secured = isTls ? { secureContext: await way.context(), rejectUnauthorized: way.verifies } : {};
    const timeout = isTls ? way.connectMs + way.tlsMs : way.connectMs;
    const socket = await dial(way.origin, way, way.origin.protocol, { ...secured, timeout, onread });
    if (socket.remoteAddress !== undefined) way.connected(socket.remoteAddress);
    return socket;
  });
}

async function explained(way: Way, connect: () => Promise<Socket>): Promise<Socket> {
  try {
    return await connect();
  } catch (thrown) {
    if (thrown instanceof Failure) throw thrown;
    const through = way.proxy === undefined ? "" : ` through the proxy ${way.proxy.url.host}`;
    throw new RegistryUnreachable(`${way.origin.host}${through}`, thrown);
  }
}

async function open(way: Way): Promise<Socket> {
  const { origin, proxy } = way;
  if (proxy === undefined) {
    const socket = await dial(origin, way);
    if (socket.remoteAddress !== undefined) way.connected(socket.remoteAddress);
    return origin.protocol === "https:" ? await secure(socket, origin, way.context, way.verifies, way) : socket;
  }
  const toProxy = async (): Promise<Socket> => {
    const socket = await dial(proxy.url, { ...way, allows: () => true });
    return proxy.url.protocol === "https:" ? await secure(socket, proxy.url, way.proxyContext, true, way) : socket;
  };
  if (origin.protocol !== "https:") return await toProxy();
  return await secure(await tunnel(origin, proxy, toProxy), origin, way.context, way.verifies, way);
}

/** A connection, to an address that was looked at: what the name resolves to a moment later does not matter. */
async function dial(
  url: URL,
  way: Way,
  protocol = "http:",
  options: buildConnector.BuildOptions = { timeout: way.connectMs },
): Promise<Socket> {
  const hostname = bareHostname(url);
  if (isIP(hostname) !== 0 && !way.allows(hostname))
    throw new RedirectRefused(way.sender, url, "it is a local address");
  const guarded: LookupFunction = (name, options, callback) => {
    lookup(name, { ...options, all: true }, (error, addresses) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return callback(error ?? new Error("no address"), "", 0);
      if (!addresses.every(({ address }) => way.allows(address))) {
        return callback(new RedirectRefused(way.sender, url, "its name stands for a local address"), "", 0);
      }
      if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
  const connect = buildConnector({
    ...options,
    lookup: guarded,
    signal: way.closing,
    allowH2: false,
  });
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  return await opened(connect, { hostname, host: url.host, protocol, port });
}

async function secure(
  raw: Duplex,
  url: URL,
  context: () => Promise<SecureContext>,
  verifies: boolean,
  way: Way,
): Promise<Socket> {
  try {
    const connect = buildConnector({
      secureContext: await context(),
      rejectUnauthorized: verifies,
      timeout: way.tlsMs,
      allowH2: false,
    });
    const httpSocket = raw as Socket; // a tunnel's end is the socket it runs through
    const port = url.port || "443";
    return await opened(connect, { hostname: bareHostname(url), host: url.host, protocol: "https:", port, httpSocket });
  } catch (thrown) {
    raw.destroy();
    if (systemCodeOf(thrown) !== "UND_ERR_CONNECT_TIMEOUT") throw thrown;
    throw new Error(`the TLS handshake did not end within ${way.tlsMs / 1000} s`, { cause: thrown });
  }
}

/** A way through the proxy to a host that speaks TLS. The host's own headers never show up there. */
async function tunnel(origin: URL, proxy: Proxy, toProxy: () => Promise<Socket>): Promise<Duplex> {
  const client = new Client(proxy.url, { connect: asConnector(toProxy) });
  try {
    const target = `${origin.hostname}:${origin.port || "443"}`;
    const headers = { host: target, ...authorizationFor(proxy) };
    const { socket, statusCode } = await client.connect({ path: target, headers });
    if (statusCode === 200) return socket;
    socket.on("error", () => undefined).destroy();
    throw new Error(`the proxy answered ${statusCode}${statusCode === 407 ? ": it wants a user and a password" : ""}`);
  } finally {
    void client.close();
  }
}

/** What lets us in at a proxy. */
export function authorizationFor(proxy: Proxy): Readonly<Record<string, string>> {
  return proxy.authorization === undefined ? {} : { "proxy-authorization": proxy.authorization.reveal() };
}

function opened(connect: buildConnector.connector, options: buildConnector.Options): Promise<Socket> {
  return new Promise((resolve, reject) => {
    connect(options, (error, socket) => {
      if (error === null) resolve(socket);
      else reject(error);
    });
  });
}

function asConnector(connect: () => Promise<Socket>): buildConnector.connector {
  return (_options, callback) => {
    callbackify(connect)((error: Error | null, socket) => {
      if (error === null) callback(null, socket);
      else callback(error, null);
    });
  };
}
