import type { Secret } from "../../base/secret.ts";
import { isOwnOrigin } from "../origin.ts";
import type { RegistryRequest, Send } from "../send.ts";
import type { Logins } from "./logins.ts";
import { type Scopes, scopesFor } from "./scope.ts";

const nothingNeeded: Scopes = new Map();

/** How often one request is sent again because of a 401: with a login, and once more with a better one. */
const mostRounds = 2;

/**
 * Logs in where a host asks for it, and shows what it asked for from the first moment on.
 *
 * Only the host itself is listened to and gets a login, never another that it sent us to. Answers 401 and 403 that
 * remain are given back; so is the token server's answer when it refuses. Throws `LOGIN_FAILED` when the host takes no
 * login that we have, the same failure for everybody who needs it within a minute.
 * Belongs below what hands out slots: the first request with a password makes others wait that may hold some.
 * Spec: regsync.md §7.3, registry-protocol.md §4, §8.2.
 */
export function withLogin(send: Send, logins: Logins): Send {
  return async (request, signal) => {
    if (!isOwnOrigin(request.url, request.host)) return await send(request, signal);
    const session = logins.sessionOf(request);
    using _first = session.isKnown ? undefined : await session.first(signal);
    // Of a host that asks for nothing, nobody needs to know what would be needed.
    let scopes = session.asksForLogin ? scopesFor(request) : nothingNeeded;
    for (let round = 0; ; round += 1) {
      const shown = await session.pass(request, scopes, signal);
      if (shown.kind === "refused") return shown.answer;
      using _turn = shown.kind === "basic" ? await session.turn(signal) : undefined;
      const answer = await send(shown.kind === "nothing" ? request : withPass(request, shown.header), signal);
      if (shown.kind === "basic" && answer.status !== 401 && answer.status < 500) session.accepted();
      if (answer.status !== 401 || round === mostRounds || !isOwnOrigin(answer.url, request.host)) return answer;
      try {
        if (scopes === nothingNeeded) scopes = scopesFor(request);
        const lines = answer.headerLines("www-authenticate");
        const better = await session.heed(lines, request, scopes, shown, send, signal);
        if (better === undefined) return answer;
        scopes = better;
      } catch (failure) {
        await answer[Symbol.asyncDispose]();
        throw failure;
      }
      await answer[Symbol.asyncDispose]();
    }
  };
}

function withPass(request: RegistryRequest, header: Secret): RegistryRequest {
  return { ...request, headers: { ...request.headers, authorization: header.reveal() } };
}
