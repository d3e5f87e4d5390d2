import type { HostSettings } from "./settings.ts";

/** Where a host is dialled, as text: `https://registry-1.docker.io`. */
export function originText({ tls, hostname }: HostSettings): string {
  return `${protocolOf(tls)}//${hostname}`;
}

/** Where a host is dialled: `https://registry-1.docker.io/`. */
export function originOf(host: HostSettings): URL {
  return new URL(`${originText(host)}/`);
}

/** Whether an address is the host itself: protocol, name and port. Only there its credentials go. */
export function isOwnOrigin(url: URL, host: HostSettings): boolean {
  // Asked several times for each request, and mostly of the host as it is written.
  if (url.host === host.hostname && url.protocol === protocolOf(host.tls)) return true;
  return url.origin === originOf(host).origin;
}

function protocolOf(tls: HostSettings["tls"]): "http:" | "https:" {
  return tls === "disabled" ? "http:" : "https:";
}
