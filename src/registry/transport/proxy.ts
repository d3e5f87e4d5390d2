import { BlockList, isIP } from "node:net";
import { Failure } from "../../base/failure.ts";
import { Secret } from "../../base/secret.ts";
import { bareHostname } from "./local-address.ts";

/** The proxy variables as they stand in the environment; `""` when unset. */
export interface ProxyVariables {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/** A proxy to go through. */
export interface Proxy {
  /** Only protocol, host and port. */
  readonly url: URL;
  /** The header that lets us in, or `undefined`. */
  readonly authorization: Secret | undefined;
}

/** A proxy variable holds something that is no HTTP proxy. */
class ProxyInvalid extends Failure {
  readonly code = "CONFIG_INVALID";

  constructor(variable: string, reason: string) {
    super(`${variable}: ${reason}`);
  }
}

/**
 * Which proxy leads to an address; the answer gives `undefined` for a direct way.
 *
 * Names in `NO_PROXY` stand for themselves and what is below them, `.name` and `*.name` only for what is below; IP
 * addresses, networks (`10.0.0.0/8`), ports (`name:5000`) and `*` work too. This machine is always reached directly.
 * Throws `CONFIG_INVALID`.
 */
export function proxyFinder(variables: ProxyVariables): (target: URL) => Proxy | undefined {
  const http = parseProxy("HTTP_PROXY", variables.httpProxy);
  const https = parseProxy("HTTPS_PROXY", variables.httpsProxy);
  const exceptions = variables.noProxy
    .split(",")
    .map((text) => parseException(text.trim().toLowerCase()))
    .filter((exception) => exception !== undefined);
  return (target) => {
    const proxy = target.protocol === "https:" ? https : http;
    if (proxy === undefined || isThisMachine(target)) return undefined;
    return exceptions.some((excepts) => excepts(target)) ? undefined : proxy;
  };
}

function parseProxy(variable: string, text: string): Proxy | undefined {
  if (text === "") return undefined;
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === "") throw new ProxyInvalid(variable, "not an address of a proxy");
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new ProxyInvalid(variable, `proxies of the kind ${url.protocol} are not supported, only http: and https:`);
  }
  return { url: new URL(url.origin), authorization: loginOf(variable, url) };
}

function loginOf(variable: string, { username, password }: URL): Secret | undefined {
  if (username === "" && password === "") return undefined;
  try {
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return new Secret(`Basic ${Buffer.from(login).toString("base64")}`);
  } catch {
    throw new ProxyInvalid(variable, "its user or password holds a % that stands for nothing");
  }
}

type Exception = (target: URL) => boolean;

function parseException(text: string): Exception | undefined {
  if (text === "") return undefined;
  if (text === "*") return () => true;
  const network = /^(.+)\/(\d{1,3})$/.exec(text);
  if (network !== null) return parseNetwork(network[1] ?? "", Number(network[2]));
  const [, name = "", port = ""] = /^(\[.*\]|.*?)(?::(\d+))?$/.exec(isIP(text) === 6 ? `[${text}]` : text) ?? [];
  const onPort: Exception = (target) => port === "" || portOf(target) === port;
  const bare = name.replace(/^\[(.*)\]$/, "$1");
  if (isIP(bare) !== 0) {
    // As addresses have it: there are many ways to write one of IPv6.
    const address = URL.parse(`http://${isIP(bare) === 6 ? `[${bare}]` : bare}/`);
    return address === null ? undefined : (target) => target.hostname === address.hostname && onPort(target);
  }
  const below = bare.startsWith("*.") ? bare.slice(1) : bare;
  return (target) => {
    const host = target.hostname;
    const matches = below.startsWith(".") ? host.endsWith(below) : host === below || host.endsWith(`.${below}`);
    return matches && onPort(target);
  };
}

function parseNetwork(address: string, prefix: number): Exception | undefined {
  const version = isIP(address);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return undefined;
  const network = new BlockList();
  network.addSubnet(address, prefix, version === 4 ? "ipv4" : "ipv6");
  return (target) => {
    const host = bareHostname(target);
    return isIP(host) !== 0 && network.check(host, isIP(host) === 4 ? "ipv4" : "ipv6");
  };
}

function portOf(target: URL): string {
  return target.port || (target.protocol === "https:" ? "443" : "80");
}

function isThisMachine(target: URL): boolean {
  const host = bareHostname(target);
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
