import type { RegistryRequest } from "../send.ts";

/**
 * What a token allows: resource (`repository:a/b`) → actions (`pull`). A word of its own (`aws`) has no actions.
 *
 * In the order in which they were added: the one that matters most comes first.
 */
export type Scopes = ReadonlyMap<string, ReadonlySet<string>>;

/** What the token of a request must allow. Spec: registry-protocol.md §4.5. */
export function scopesFor({ repository, access, mountFrom }: RegistryRequest): Scopes {
  if (repository === undefined) return parseScopes("registry:catalog:*");
  const needed = parseScopes(`repository:${repository}:${access}`);
  return mountFrom === undefined ? needed : mergeScopes(needed, parseScopes(`repository:${mountFrom}:pull`));
}

/** The scopes of a challenge, which are separated by blanks. */
export function parseScopes(text: string): Scopes {
  const words = text.split(/\s+/).filter((word) => word !== "");
  return words.map(parseScope).reduce(mergeScopes, new Map());
}

/** Everything that either allows. */
export function mergeScopes(first: Scopes, second: Scopes): Scopes {
  const merged = new Map(first);
  for (const [resource, actions] of second) merged.set(resource, actions.union(merged.get(resource) ?? new Set()));
  return merged;
}

/** Whether all that is needed is allowed. */
export function coversScopes(allowed: Scopes, needed: Scopes): boolean {
  return [...needed].every(
    ([resource, actions]) => actions.isSubsetOf(allowed.get(resource) ?? new Set()) && allowed.has(resource),
  );
}

/** As token servers want them, one text for each resource: `repository:a/b:pull,push`. */
export function scopeTexts(scopes: Scopes): readonly string[] {
  return [...scopes].map(([resource, actions]) =>
    actions.size === 0 ? resource : `${resource}:${[...actions].toSorted().join(",")}`,
  );
}

function parseScope(text: string): Scopes {
  const colon = text.lastIndexOf(":");
  if (colon < 0) return new Map([[text, new Set<string>()]]);
  const actions = text.slice(colon + 1).split(",");
  return new Map([[text.slice(0, colon), new Set(actions.filter((action) => action !== ""))]]);
}
