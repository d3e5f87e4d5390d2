import { isOwnOrigin } from "./origin.ts";
import type { RegistryRequest } from "./send.ts";

/** What a request is about, as metrics tell requests apart. `storage` is where a host sent us to for content. */
export type Operation =
  | "manifest"
  | "blob"
  | "upload"
  | "tags"
  | "catalog"
  | "referrers"
  | "token"
  | "ping"
  | "storage";

/** Every method that an operation is asked for with: what there is to count, before anything was counted. */
export const methodsOf: Readonly<Record<Operation, readonly RegistryRequest["method"][]>> = {
  manifest: ["GET", "HEAD", "PUT"],
  blob: ["GET", "HEAD"],
  upload: ["POST", "PATCH", "PUT", "GET", "DELETE"],
  tags: ["GET"],
  catalog: ["GET"],
  referrers: ["GET"],
  token: ["GET", "POST"],
  ping: ["GET"],
  storage: ["GET", "HEAD"],
};

/** Tells by the address and the host's own origin what a request is about. */
export function operationOf({ url, host, repository }: RegistryRequest): Operation {
  const { pathname } = url;
  if (isOwnOrigin(url, host)) {
    if (pathname === "/v2/") return "ping";
    if (pathname === "/v2/_catalog") return "catalog";
    // The last such part counts: repositories may be called so too.
    const [, part] = /^\/v2\/.+\/(manifests|tags|referrers)\/[^/]+$/.exec(pathname) ?? [];
    if (part === "manifests") return "manifest";
    if (part === "tags") return "tags";
    if (part === "referrers") return "referrers";
    if (/^\/v2\/.+\/blobs\/[^/]+:[^/]+$/.test(pathname)) return "blob";
  }
  if (repository === undefined) return "token";
  return isOwnOrigin(url, host) ? "upload" : "storage";
}
