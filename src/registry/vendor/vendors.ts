import { LRUCache } from "lru-cache";
import { Failure, Interrupted, messageOf } from "../../base/failure.ts";
import type { Digest } from "../../oci/digest.ts";
import { Misshapen, parseJson } from "../../oci/raw.ts";
import { dockerHub } from "../../oci/registry-name.ts";
import { readWhole } from "../answer.ts";
import { ListedDigests } from "../listed-digests.ts";
import { originText } from "../origin.ts";
import { question, type RepositoryAccess } from "../repository-access.ts";
import type { HostSettings } from "../settings.ts";
import { dockerHubApi } from "./docker-hub.ts";
import { harborApi } from "./harbor.ts";
import { quayApi } from "./quay.ts";
import { tagsPerVendorPage, type VendorApi } from "./vendor-api.ts";

/** Where Docker Hub's own interface is. Settings for it may be in `creds`, like those of a registry. */
const dockerHubApiName = "hub.docker.com";
const quayName = "quay.io";
/** Bytes of one page: Docker Hub describes every platform of a hundred tags. */
const pageLimitBytes = 8 * 1024 * 1024;
/** Hosts whose vendor is remembered. */
const rememberedHosts = 1_000;

/** What is to be known of a repository's tags. */
interface Wish {
  readonly wanted: readonly string[];
  /** How many there are in all. */
  readonly tags: number;
}

/** The vendors' interfaces of all hosts, as far as they have any that is known here. */
export class Vendors {
  readonly #hostOf: (name: string) => HostSettings;
  /** By the host's name: whose interface it has, `"none"` when it has no known one. */
  readonly #known = new LRUCache<string, VendorApi | "none">({ max: rememberedHosts });

  constructor(hostOf: (name: string) => HostSettings) {
    this.#hostOf = hostOf;
  }

  /**
   * What the vendor's interface says that tags stand for; nothing where there is none, where it does not let us, and
   * where asking for each tag takes no more requests. Trouble with it costs what it would have told. Throws `INTERRUPTED`.
   */
  async digestsOf(access: RepositoryAccess, wish: Wish, signal: AbortSignal): Promise<ReadonlyMap<string, Digest>> {
    const digests = new ListedDigests();
    if (Math.ceil(wish.tags / tagsPerVendorPage) >= wish.wanted.length) return digests.all;
    for (const api of this.#candidatesFor(access.host.name)) {
      const isAnswered = await this.#readPages(api, access, wish, digests, signal);
      if (isAnswered) this.#known.set(access.host.name, api);
      if (isAnswered || this.#known.has(access.host.name)) return digests.all;
    }
    this.#known.set(access.host.name, "none");
    return digests.all;
  }

  #candidatesFor(host: string): readonly VendorApi[] {
    if (host === dockerHub) return [dockerHubApi];
    if (host === quayName) return [quayApi];
    const known = this.#known.get(host);
    if (known === "none") return [];
    return known === undefined ? [harborApi, quayApi] : [known];
  }

  /** Gives whether the first page was one of this vendor's. */
  async #readPages(
    api: VendorApi,
    access: RepositoryAccess,
    { wanted }: Wish,
    digests: ListedDigests,
    signal: AbortSignal,
  ): Promise<boolean> {
    const host = access.host.name === dockerHub ? this.#hostOf(dockerHubApiName) : access.host;
    const repository = access.pathOn(access.host);
    // A list without an end, or one that gets longer than it was, is left before it costs more than it saves.
    for (let number = 1; number < wanted.length; number += 1) {
      const address = api.page(originText(host), repository, number);
      if (address === undefined) return false;
      try {
        const hasMore = api.read(await readPage(new URL(address), api, host, access, signal), digests);
        if (!hasMore || wanted.every((tag) => digests.all.has(tag))) return true;
      } catch (thrown) {
        if (thrown instanceof Interrupted || !(thrown instanceof Failure || thrown instanceof Misshapen)) throw thrown;
        access.log.debug("Digests are not listed, asking for each tag", { host: host.name, err: messageOf(thrown) });
        return number > 1;
      }
    }
    return true;
  }
}

async function readPage(
  url: URL,
  api: VendorApi,
  host: HostSettings,
  access: RepositoryAccess,
  signal: AbortSignal,
): Promise<unknown> {
  const authorization = api.authorization(host);
  const headers = { accept: "application/json", ...(authorization === undefined ? {} : { authorization }) };
  // The registry is not to be asked more slowly because something beside it has trouble.
  const asked = question("GET", "", { headers, effort: "probe" });
  await using reply = await access.askPlainly(access.requestAt(url, asked, host), [200], signal);
  return parseJson(await readWhole(reply, pageLimitBytes));
}
