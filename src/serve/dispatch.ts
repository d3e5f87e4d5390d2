import { type Answer, problemAnswer } from "./answer.ts";
import { type Access, type Route, routesAt } from "./route.ts";
import { readTarget } from "./target.ts";
import type { Shown, TokenCheck } from "./token.ts";

/** A request, read to its end. */
export interface Asked {
  readonly method: string;
  readonly target: string;
  readonly authorization: string | undefined;
  readonly accept: string;
}

/**
 * Answers one request: who may have an answer at all is decided before what there is, so that nobody learns more
 * than that.
 */
export async function dispatch(asked: Asked, routes: readonly Route[], token: TokenCheck): Promise<Answer> {
  const target = readTarget(asked.target);
  if (typeof target === "string") return problemAnswer(400, target);
  const here = routesAt(routes, target.segments);
  const shown = token.shown(asked.authorization);
  const isTrusted = shown === "right" || !token.isConfigured;
  if (!isTrusted && !here.some(({ route }) => route.access === "open")) return unauthorized(shown);
  if (here.length === 0) return problemAnswer(404, "there is nothing here; /api/v1/openapi.json says what there is");
  const method = asked.method === "HEAD" ? "GET" : asked.method;
  const found = here.find(({ route }) => route.method === method);
  if (found === undefined) {
    const allow = here.flatMap(({ route }) => (route.method === "GET" ? ["GET", "HEAD"] : [route.method])).join(", ");
    return problemAnswer(405, `here it is ${allow}`, { allow });
  }
  const { route, parameters } = found;
  if (isOff(route.access, token)) {
    return problemAnswer(403, "calls that change something are off: no token is configured (server.token)");
  }
  return await route.answer({ parameters, query: target.query, accept: asked.accept, isTrusted });
}

function isOff(access: Access, token: TokenCheck): boolean {
  return access === "write" && !token.isConfigured;
}

function unauthorized(shown: Shown): Answer {
  const detail = shown === "nothing" ? "this needs the token (Authorization: Bearer …)" : "the token is not right";
  const error = shown === "nothing" ? "" : ', error="invalid_token"';
  return problemAnswer(401, detail, { "www-authenticate": `Bearer realm="regsync"${error}` });
}
