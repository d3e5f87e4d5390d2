import { secretMask } from "./secret.ts";

/** Query keys of the protocol itself, whose values are names and numbers. Spec: registry-protocol.md §8.2. */
const openKeys: ReadonlySet<string> = new Set([
  "artifactType",
  "digest",
  "digest-algorithm",
  "from",
  "last",
  "mount",
  "n",
  "ns",
  "scope",
  "service",
  "tag",
]);

/**
 * An address as it may be shown: the values of query keys that are not the protocol's own are masked (signatures,
 * upload states, tokens), and so are a user and password.
 */
export function redactUrl(address: URL | string): string {
  const url = typeof address === "string" ? URL.parse(address) : address;
  if (url === null) return "an address that cannot be read";
  const user = url.username === "" && url.password === "" ? "" : `${secretMask}@`;
  const query = url.search.slice(1).split("&").map(redactPair).join("&");
  return `${url.protocol}//${user}${url.host}${url.pathname}${query === "" ? "" : `?${query}`}`;
}

function redactPair(pair: string): string {
  const [key = ""] = pair.split("=", 1);
  if (pair === "" || openKeys.has(key)) return pair;
  // What has no value may be one: a bare token, with or without its padding.
  return /^[^=]+=[^=]/.test(pair) ? `${key}=${secretMask}` : secretMask;
}
