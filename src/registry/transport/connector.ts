import { lookup } from "node:dns";
import { once } from "node:events";
import type { LookupFunction, OnReadOpts, Socket } from "node:net";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import { connect as connectTls, type ConnectionOptions, type SecureContext } from "node:tls";
import { callbackify } from "node:util";
import { buildConnector, Client } from "undici";
import type { Clock } from "../../base/clock.ts";
import { Failure, systemCodeOf } from "../../base/failure.ts";
import { onAbort } from "../../base/on-abort.ts";
import { RedirectRefused } from "../failures.ts";
import { bareHostname } from "./local-address.ts";
import type { Proxy } from "./proxy.ts";
import { RegistryUnreachable } from "./unreachable.ts";

/** Bytes of all header lines of an answer. The bundle has no other limit where none is given. */
export const headerLimitBytes = 64 * 1024;

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
export function openSocket(way: Way, onread: OnReadOpts, clock: Clock): Promise<Socket> {
  return explained(way, async () => {
    const isSecure = way.origin.protocol === "https:";
    const socket = await (isSecure ? dialSecurely(way, onread, clock) : dial(way.origin, way, { onread }));
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

/** A TCP connection, to an address that was looked at: what the name resolves to a moment later does not matter. */
async function dial(url: URL, way: Way, options: { readonly onread?: OnReadOpts } = {}): Promise<Socket> {
  const hostname = bareHostname(url);
  const connect = buildConnector({
    ...options,
    lookup: guardedLookup(url, way),
    signal: way.closing,
    timeout: way.connectMs,
    allowH2: false,
  });
  return await opened(connect, { hostname, host: url.host, protocol: "http:", port: portOf(url) });
}

/**
 * TCP and TLS in one go, each with its own limit: TLS over a connection that is there already would not read into the
 * memory that `onread` says.
 */
async function dialSecurely(way: Way, onread: OnReadOpts, clock: Clock): Promise<Socket> {
  const { origin, connectMs, tlsMs } = way;
  const hostname = bareHostname(origin);
  const lookup = guardedLookup(origin, way);
  const socket = connectTls({
    host: hostname,
    port: Number(portOf(origin)),
    servername: isIP(hostname) === 0 ? hostname : "",
    secureContext: await way.context(),
    rejectUnauthorized: way.verifies,
    ALPNProtocols: ["http/1.1"],
    lookup,
    onread,
  } as ConnectionOptions); // `onread` is passed on to the connection, which its types do not say
  const limits = new DisposableStack();
  const limit = (ms: number, error: () => Error): Disposable =>
    limits.use(clock.after(ms, () => socket.destroy(error())));
  const connecting = limit(connectMs, () => connectTimeout(connectMs));
  limits.use(onAbort(way.closing, () => socket.destroy(new Error("the client is closed"))));
  socket.once("connect", () => {
    connecting[Symbol.dispose]();
    limit(tlsMs, () => handshakeTimeout(tlsMs));
  });
  try {
    await once(socket, "secureConnect");
  } catch (thrown) {
    socket.on("error", () => undefined).destroy();
    throw thrown;
  } finally {
    limits.dispose();
  }
  return socket;
}

/** Looks a name up, and lets no address pass that must not be dialled. Throws for an origin that is one itself. */
function guardedLookup(url: URL, way: Way): LookupFunction {
  const hostname = bareHostname(url);
  if (isIP(hostname) !== 0 && !way.allows(hostname))
    throw new RedirectRefused(way.sender, url, "it is a local address");
  return (name, options, callback) => {
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
}

function portOf(url: URL): string {
  return url.port || (url.protocol === "https:" ? "443" : "80");
}

function connectTimeout(limitMs: number): Error {
  return Object.assign(new Error(`not within ${limitMs / 1_000} s`), { code: "UND_ERR_CONNECT_TIMEOUT" });
}

function handshakeTimeout(limitMs: number, cause?: unknown): Error {
  return new Error(`the TLS handshake did not end within ${limitMs / 1_000} s`, { cause });
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
    throw handshakeTimeout(way.tlsMs, thrown);
  }
}

/** A way through the proxy to a host that speaks TLS. The host's own headers never show up there. */
async function tunnel(origin: URL, proxy: Proxy, toProxy: () => Promise<Socket>): Promise<Duplex> {
  const client = new Client(proxy.url, { connect: asConnector(toProxy), maxHeaderSize: headerLimitBytes });
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
