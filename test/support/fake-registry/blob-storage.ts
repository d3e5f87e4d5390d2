import { asDigest } from "../../../src/oci/digest.ts";
import type { FakeRegistry } from "../fake-registry.ts";
import { FakeHost, type FakeHostOptions } from "./host.ts";
import { ranged, redirect, refusal } from "./replies.ts";

/** Accepted only byte for byte, as signatures are. */
const signature = "?sig=a%20b~%2B";

/**
 * Moves a registry's blobs to a host of their own, to which it redirects with addresses that are their own key.
 *
 * As real object stores do, that host refuses every request that brings an authorisation header.
 */
export async function moveBlobsToStorage(registry: FakeRegistry, options: FakeHostOptions = {}): Promise<FakeHost> {
  const storage = await FakeHost.start(options, ({ request }) => {
    if (request.headers.authorization !== undefined) return refusal(400, "DENIED", "only one way to log in is allowed");
    if (!request.target.endsWith(signature)) return refusal(403, "DENIED", "the signature does not match");
    const [, name = "", digest = ""] = /^\/(.+)\/blobs\/([^/]+)$/.exec(request.path) ?? [];
    const parsed = asDigest(digest);
    const body = parsed && registry.repository(name).blobs.get(parsed);
    return body === undefined ? { status: 404 } : ranged({ status: 200, body }, request.headers.range);
  });
  registry.on("GET /v2/*/blobs/sha*", async (exchange) => {
    const usual = await exchange.usual();
    if (usual.status !== 200 && usual.status !== 206) return usual;
    return redirect(new URL(`${exchange.request.path.slice("/v2".length)}${signature}`, storage.url));
  });
  return storage;
}
