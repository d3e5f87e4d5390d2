import { RedirectRefused } from "../failures.ts";
import type { RegistryAnswer, RegistryRequest, Send } from "../send.ts";
import { vettedAddress } from "../vetted-address.ts";

/** Redirects of one request that are followed. */
const mostRedirects = 10;

const redirectsOfReads: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const redirectsOfWrites: ReadonlySet<number> = new Set([307, 308]);

/** Headers that mean something to whatever serves content. Everything else stays at its origin. */
const travellingHeaders: ReadonlySet<string> = new Set(["accept", "range"]);

/**
 * Follows where a host sends a request.
 *
 * Headers that could let somebody in stay behind when the origin changes, and do not come back. What changes
 * something is only repeated elsewhere when the host asks for exactly that (307, 308); other redirects of it are
 * answers like any. Throws `REDIRECT_REFUSED`. Spec: registry-protocol.md §7.1.
 */
export function withRedirects(send: Send): Send {
  return async (request, signal) => {
    let current = request;
    for (let redirects = 0; ; redirects++) {
      const answer = await send(current, signal);
      const address = redirectOf(current, answer);
      if (address === undefined) return answer;
      await answer[Symbol.asyncDispose]();
      const url = vettedAddress(current.url, address);
      if (redirects === mostRedirects) throw new RedirectRefused(current.url, url, "it is one too many");
      const headers = url.origin === current.url.origin ? current.headers : travelling(current.headers);
      current = { ...current, url, headers };
    }
  };
}

function redirectOf(request: RegistryRequest, answer: RegistryAnswer): string | undefined {
  const isRepeatable = request.method === "GET" || request.method === "HEAD";
  const redirects = isRepeatable ? redirectsOfReads : redirectsOfWrites;
  return redirects.has(answer.status) ? answer.header("location") : undefined;
}

function travelling(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => travellingHeaders.has(name.toLowerCase())));
}
