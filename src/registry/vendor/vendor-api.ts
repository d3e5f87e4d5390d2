import type { HostSettings } from "../settings.ts";
import type { ListedDigests } from "../listed-digests.ts";

/** Tags in one page, which is the most that any of the vendors gives. */
export const tagsPerVendorPage = 100;

/** A vendor's own interface to what its registry holds, which tells digests along with tags. */
export interface VendorApi {
  readonly name: string;
  /** The address of a page, from 1; `undefined` for a repository that there can be no such page of. */
  page(origin: string, repository: string, number: number): string | undefined;
  /** What lets in the user of the registry; `undefined` where nothing of a registry's login does. */
  authorization(host: HostSettings): string | undefined;
  /** Reads a page. Gives whether another one follows. Throws `Misshapen` for what is no page of this vendor's. */
  read(document: unknown, digests: ListedDigests): boolean;
}
