import { RedirectRefused } from "./failures.ts";

/**
 * An address that a host sent us to, made absolute, when it is one to follow at all.
 *
 * Throws `REDIRECT_REFUSED` for what is no HTTP address, holds a user or password, or leaves TLS. Whether it leads to
 * a local address is seen when it is dialled. Spec: regsync.md §7.13, registry-protocol.md §7.1 and §8.2.
 */
export function vettedAddress(from: URL, address: string): URL {
  const to = URL.parse(address, from.href);
  if (to === null) throw new RedirectRefused(from, address, "it cannot be read");
  if (to.protocol !== "https:" && to.protocol !== "http:") throw new RedirectRefused(from, to, "it is not HTTP");
  if (to.username !== "" || to.password !== "") throw new RedirectRefused(from, to, "it holds a user or a password");
  if (from.protocol === "https:" && to.protocol === "http:") throw new RedirectRefused(from, to, "it is not encrypted");
  to.hash = "";
  return to;
}
