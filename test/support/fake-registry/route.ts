import type { RecordedRequest } from "./exchange.ts";

/** What a path of the distribution API asks for. */
export type Route =
  | { readonly kind: "ping" }
  | { readonly kind: "catalog" }
  | { readonly kind: "tags"; readonly name: string }
  | { readonly kind: "manifest" | "referrers" | "blob"; readonly name: string; readonly reference: string }
  /** Where uploads begin. */
  | { readonly kind: "uploads"; readonly name: string }
  /** One that has begun. */
  | { readonly kind: "upload"; readonly name: string; readonly reference: string };

/** `repository:a/b:pull,push`, as tokens grant it. */
export interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const repositoryPath =
  /^\/v2\/(?<name>.+)\/(?:(?<list>tags\/list|blobs\/uploads\/)|(?<kind>manifests|referrers|blobs|blobs\/uploads)\/(?<reference>[^/]+))$/;

const kinds: ReadonlyMap<string, "manifest" | "referrers" | "blob" | "upload"> = new Map([
  ["manifests", "manifest"],
  ["referrers", "referrers"],
  ["blobs", "blob"],
  ["blobs/uploads", "upload"],
]);

/** What a request asks for, or `undefined` when that is no path of the API. */
export function routeOf(path: string): Route | undefined {
  if (path === "/v2/") return { kind: "ping" };
  if (path === "/v2/_catalog") return { kind: "catalog" };
  const { name, list, kind, reference } = repositoryPath.exec(path)?.groups ?? {};
  if (name === undefined) return undefined;
  if (list !== undefined) return { kind: list === "tags/list" ? "tags" : "uploads", name };
  const named = kinds.get(kind ?? "");
  return named === undefined || reference === undefined ? undefined : { kind: named, name, reference };
}

/** What a token must allow for a request. Empty for a path that needs only a valid login. */
export function accessFor(request: RecordedRequest): readonly Access[] {
  const route = routeOf(request.path);
  if (route === undefined || route.kind === "ping") return [];
  if (route.kind === "catalog") return [{ type: "registry", name: "catalog", actions: ["*"] }];
  const reads = request.method === "GET" || request.method === "HEAD";
  const needed = { type: "repository", name: route.name, actions: reads ? ["pull"] : ["pull", "push"] };
  const from = request.query.get("from");
  return route.kind === "uploads" && from !== null && from !== route.name
    ? [needed, { type: "repository", name: from, actions: ["pull"] }]
    : [needed];
}

/** The text form of accesses, as in a challenge: `repository:a/b:pull repository:c:pull`. */
export function scopeText(accesses: readonly Access[]): string {
  return accesses.map(({ type, name, actions }) => `${type}:${name}:${actions.join(",")}`).join(" ");
}
