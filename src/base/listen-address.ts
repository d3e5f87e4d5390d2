import { isIP, isIPv6 } from "node:net";
import { Failure } from "./failure.ts";

/** Where the operations listener waits: `undefined` when there is none. */
export interface ListenAddress {
  /** An address or a name of this machine; `""` is every address it has. */
  readonly host: string;
  /** 0 takes any that is free. */
  readonly port: number;
}

/** A text that names no address to listen on. */
export class ListenAddressInvalid extends Failure {
  readonly code = "LISTEN_ADDRESS_INVALID";

  constructor(text: string, reason: string) {
    super(
      `${JSON.stringify(text)} is no address to listen on: ${reason}; ` +
        'write ":9090" for every address of this machine, "127.0.0.1:9090" or "[::1]:9090" for one, or "off"',
    );
  }
}

/**
 * Reads `:9090`, `127.0.0.1:9090`, `[::1]:9090` or `localhost:9090`; `off` is `undefined`.
 *
 * Throws `LISTEN_ADDRESS_INVALID`.
 */
export function parseListenAddress(text: string): ListenAddress | undefined {
  if (text === "off") return undefined;
  const { bracketed, plain, port } =
    /^(?:\[(?<bracketed>[^\]]*)\]|(?<plain>[^[\]:/]*)):(?<port>\d+)$/.exec(text)?.groups ?? {};
  if (port === undefined) throw new ListenAddressInvalid(text, reasonFor(text));
  if (Number(port) > 65_535) throw new ListenAddressInvalid(text, "ports end at 65535");
  if (bracketed !== undefined && !isIPv6(bracketed)) {
    throw new ListenAddressInvalid(text, "what stands in brackets is no IPv6 address");
  }
  const host = bracketed ?? plain ?? "";
  if (host !== "" && isIP(host) === 0 && !isHostName(host)) {
    throw new ListenAddressInvalid(text, `${JSON.stringify(host)} is neither an address nor a name`);
  }
  return { host, port: Number(port) };
}

/** The address as it is written: `:9090`, `[::1]:9090`. */
export function formatListenAddress({ host, port }: ListenAddress): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

function reasonFor(text: string): string {
  if (text.includes("/")) return "it has a slash, and is not a URL";
  if (isIPv6(text) || text.split(":").length > 2) return "an IPv6 address needs brackets and a port behind them";
  return text.includes(":") ? "what follows the colon is no port" : "it has no port";
}

/** Names that look like an address, and are none, are mistakes. */
function isHostName(text: string): boolean {
  const labels = text.split(".");
  return (
    labels.every((label) => /^[a-z\d]([a-z\d-]{0,61}[a-z\d])?$/i.test(label)) && !/^\d+$/.test(labels.at(-1) ?? "")
  );
}
