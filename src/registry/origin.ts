import type { HostSettings } from "./settings.ts";

/** Where a host is dialled: `https://registry-1.docker.io/`. */
export function originOf(host: HostSettings): URL {
  return new URL(`${host.tls === "disabled" ? "http" : "https"}://${host.hostname}/`);
}

/** Whether an address is the host itself: protocol, name and port. Only there its credentials go. */
export function isOwnOrigin(url: URL, host: HostSettings): boolean {
  return url.origin === originOf(host).origin;
}
