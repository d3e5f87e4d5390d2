import { isTag } from "../oci/reference-grammar.ts";
import { isNotFound } from "./ask.ts";
import { addDigestsOf, ListedDigests } from "./listed-digests.ts";
import { Names, namesLimitBytes } from "./names.ts";
import { readPages } from "./pages.ts";
import { question, type RepositoryAccess } from "./repository-access.ts";

/**
 * Lists every tag in the order of the host, each once. What could be no tag is left out: nothing of it could be asked
 * for anyway.
 *
 * Returns `undefined` when there is no such repository. Throws `REGISTRY_ANSWER_INVALID`, and whatever sending throws.
 * Spec: regsync.md §7.10, registry-protocol.md §1.12.
 */
export async function listTags(
  access: RepositoryAccess,
  signal: AbortSignal,
  digests = new ListedDigests(),
): Promise<readonly string[] | undefined> {
  const asked = question("GET", "tags/list");
  const tags = new Names(isTag);
  try {
    await readPages(
      {
        first: () => access.read(() => asked, [200], signal),
        at: (url, { request: { host } }) => access.ask(access.requestAt(url, asked, host), [200], signal),
        limitBytes: namesLimitBytes,
      },
      (bytes, reply) => addDigestsOf(tags.addPage(bytes, "tags", reply), digests),
    );
  } catch (failure) {
    if (isNotFound(failure) && tags.count === 0) return undefined;
    throw failure;
  }
  return tags.all;
}
