import { type Digest, digestOf } from "../oci/digest.ts";
import type { Reply } from "./answer.ts";
import { readDocument } from "./ask.ts";
import { RegistryAnswerInvalid } from "./failures.ts";
import { nextAddress, parseLinks } from "./link.ts";
import type { HostSettings } from "./settings.ts";

/** Pages of one list that are read. */
const mostPages = 10_000;

/** A list that comes in pages. */
export interface Pages {
  /** The first page. `unfit`: see `RepositoryAccess.read`. */
  readonly first: (unfit: ReadonlySet<HostSettings>) => Promise<Reply>;
  /** The page at an address that the page before gave. */
  readonly at: (url: URL, before: Reply) => Promise<Reply>;
  readonly limitBytes: number;
}

/**
 * Reads a list to its end, one page after another.
 *
 * Throws `REGISTRY_ANSWER_INVALID` for a list without an end, and whatever asking and `take` throw.
 */
export async function readPages(pages: Pages, take: (bytes: Uint8Array, reply: Reply) => void): Promise<void> {
  /** Where it went on, by digest: addresses may be as long as headers may be. */
  const seen = new Set<Digest>();
  let obtain = pages.first;
  for (;;) {
    const page = await readDocument(obtain, pages.limitBytes, (bytes, reply) => {
      take(bytes, reply);
      return reply;
    });
    const next = nextPage(page);
    if (next === undefined) return;
    const address = digestOf(Buffer.from(next.href));
    if (seen.has(address)) throw unusable(page, "its pages go round in a circle");
    if (seen.size === mostPages) throw unusable(page, `it has more than ${mostPages} pages`);
    seen.add(address);
    obtain = () => pages.at(next, page);
  }
}

/**
 * Where a list goes on, or `undefined` at its end.
 *
 * Never leads away from the hosts that were asked: an address of another origin, as registries behind a proxy give
 * it, is looked for on the one that was asked. Throws `REGISTRY_ANSWER_INVALID` when the header cannot be read: a
 * list that is cut short would look like one without the rest. Spec: regsync.md §7.10, registry-protocol.md §1.12.
 */
function nextPage(reply: Reply): URL | undefined {
  const lines = reply.headerLines("link");
  if (lines.length === 0) return undefined;
  const links = parseLinks(lines);
  if (links === undefined) throw unusable(reply, "its Link header cannot be read");
  const address = nextAddress(links);
  if (address === undefined) return undefined;
  const next = URL.parse(address, reply.url.href);
  if (next === null || !next.pathname.startsWith("/v2/")) throw unusable(reply, "its next page is nowhere");
  const asked = reply.request.url;
  const origin = next.origin === reply.url.origin ? reply.url.origin : asked.origin;
  const url = new URL(`${origin}${next.pathname}${next.search}`);
  const upstream = asked.searchParams.get("ns");
  if (upstream !== null && !url.searchParams.has("ns")) url.search += `${url.search === "" ? "?" : "&"}ns=${upstream}`;
  return url;
}

function unusable(reply: Reply, reason: string): RegistryAnswerInvalid {
  return new RegistryAnswerInvalid(reply.request.method, reply.request.url, reason);
}
