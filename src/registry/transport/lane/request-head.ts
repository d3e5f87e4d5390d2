import type { WireRequest } from "../wire.ts";

/**
 * The first lines of a request. Throws for a path, a name or a value that would be read as something else: what hosts
 * say is among them (tokens, addresses).
 */
export function requestHead({ method, path, headers }: WireRequest, host: string): string {
  return requestLine(method, path) + headerLines(headers, host);
}

/** The very first line. Throws as `requestHead` does. */
export function requestLine(method: WireRequest["method"], path: string): string {
  if (!/^\/[\x21-\x7e]*$/.test(path)) throw new TypeError("the path of a request holds what no path can hold");
  return `${method} ${path} HTTP/1.1\r\n`;
}

/** The other lines, with the empty one that ends them. Throws as `requestHead` does. */
export function headerLines(headers: WireRequest["headers"], host: string): string {
  const lines = Object.entries({ host, connection: "keep-alive", ...headers }).map(([name, value]) => {
    const isSound = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
    if (!isSound) throw new TypeError(`the header ${JSON.stringify(name)} holds what no header can hold`);
    return `${name}: ${value}\r\n`;
  });
  return `${lines.join("")}\r\n`;
}
