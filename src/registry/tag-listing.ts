import type { Digest } from "../oci/digest.ts";
import type { TagListing } from "../oci/store.ts";
import { ListedDigests } from "./listed-digests.ts";
import type { RepositoryAccess } from "./repository-access.ts";
import { listTags } from "./tags.ts";
import type { Vendors } from "./vendor/vendors.ts";

const none: ReadonlyMap<string, Digest> = new Map();

/**
 * Lists every tag, with what the host says that they stand for: in the list itself, or by the vendor's own interface
 * where the user allows that and it takes fewer requests than asking for each. See `listTags` for what it throws.
 */
export async function listTagsAndDigests(
  access: RepositoryAccess,
  vendors: Vendors,
  signal: AbortSignal,
): Promise<TagListing | undefined> {
  const { digestListing } = access.host;
  const listed = new ListedDigests();
  const tags = await listTags(access, signal, listed);
  if (tags === undefined) return undefined;
  const digestsOf: TagListing["digestsOf"] = async (wanted, asking) => {
    if (digestListing === "off") return none;
    if (listed.all.size > 0 || digestListing === "auto") return listed.all;
    return await vendors.digestsOf(access, { wanted, tags: tags.length }, asking);
  };
  return { tags, digestsOf };
}
