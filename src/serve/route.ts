import type { Answer } from "./answer.ts";

/**
 * Who gets an answer. `open`: everybody. `read`: everybody as long as no token is configured. `write`: who shows the
 * token, and nobody without one.
 */
export type Access = "open" | "read" | "write";

/** One request, as far as a route needs to know it. */
export interface Call {
  /** What stands in the path in place of `{name}`. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  /** The `Accept` header; `""` when there is none. */
  readonly accept: string;
  /** Whether all may be told: the token was shown, or there is none. */
  readonly isTrusted: boolean;
}

/** One path and method. A GET route answers HEAD too. */
export interface Route {
  readonly method: "GET" | "POST";
  /** `/api/v1/entries/{name}`. */
  readonly path: string;
  readonly access: Access;
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

/** The routes of a path, whatever their method, with what stands in place of their parameters. */
export function routesAt(
  routes: readonly Route[],
  segments: readonly string[],
): readonly { readonly route: Route; readonly parameters: ReadonlyMap<string, string> }[] {
  return routes.flatMap((route) => {
    const parameters = match(route.path.slice(1).split("/"), segments);
    return parameters === undefined ? [] : [{ route, parameters }];
  });
}

function match(pattern: readonly string[], segments: readonly string[]): ReadonlyMap<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters = new Map<string, string>();
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at] ?? "";
    if (part.startsWith("{")) parameters.set(part.slice(1, -1), segment);
    else if (part !== segment) return undefined;
  }
  return parameters;
}
