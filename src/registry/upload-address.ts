import { RedirectRefused } from "./failures.ts";
import { isOwnOrigin, originOf } from "./origin.ts";
import type { HostSettings } from "./settings.ts";
import { vettedAddress } from "./vetted-address.ts";

/**
 * Where an upload goes on: the address in a `Location` header, its query byte for byte as the host wrote it.
 *
 * `answered` is the address that gave the header. A host behind a proxy may not know that it is spoken to over TLS,
 * or on which port: an address that is the host's own name but for that is corrected, so that credentials are good
 * for it. Any other host gets none. Throws `REDIRECT_REFUSED`. Spec: registry-protocol.md §1.7, §7.1 (6).
 */
export function uploadAddress(answered: URL, location: string, host: HostSettings): URL {
  const origin = originOf(host);
  const url = URL.parse(location, answered.href);
  if (url === null) throw new RedirectRefused(answered, location, "it cannot be read");
  const isOwnName = url.hostname === origin.hostname && !isOwnOrigin(url, host);
  const isOtherwiseDialled = url.protocol === "http:" && origin.protocol === "https:";
  if (isOwnName && (isOtherwiseDialled || url.port === "")) {
    return vettedAddress(answered, `${origin.origin}${url.pathname}${url.search}`);
  }
  return vettedAddress(answered, url.href);
}

/** The same address with one more piece of query. Nothing that is there is encoded anew: it may be signed. */
export function withQuery(url: URL, query: string): URL {
  return new URL(`${url.href.replace(/\?$/, "")}${url.search === "" ? "?" : "&"}${query}`);
}
