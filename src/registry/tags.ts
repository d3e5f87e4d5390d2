import { isTag } from "../oci/reference-grammar.ts";
import { isNotFound } from "./ask.ts";
import { addDigestsOf, ListedDigests } from "./listed-digests.ts";
import { Names, namesLimitBytes } from "./names.ts";
import { readPages } from "./pages.ts";
import { question, type RepositoryAccess } from "./repository-access.ts";
import { refusalOf } from "./status.ts";

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
        first: (unfit) => access.read(() => asked, [200], signal, unfit),
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

/**
 * Whether the registry itself says that there is no such repository. A host that does not let look, or cannot tell, is
 * no such word.
 *
 * Throws what sending throws, but for a refusal. Spec: registry-protocol.md §1.12.
 */
export async function isAbsent(access: RepositoryAccess, signal: AbortSignal): Promise<boolean> {
  try {
    await using _reply = await access.ask(access.requestTo(question("GET", "tags/list?n=1")), [200], signal);
    return false;
  } catch (failure) {
    if (refusalOf(failure) === undefined) throw failure;
    return isNotFound(failure);
  }
}
