import type { Reply } from "./answer.ts";
import { ask, isNotFound } from "./ask.ts";
import { Names, namesLimitBytes } from "./names.ts";
import { originOf } from "./origin.ts";
import { readPages } from "./pages.ts";
import { question } from "./repository-access.ts";
import type { Send } from "./send.ts";
import type { HostSettings } from "./settings.ts";
import { refusalOf } from "./status.ts";

/** Spec: registry-protocol.md §1.2. */
const repositoryPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;

/**
 * Lists every repository of a registry that it shows, each once, in its order.
 *
 * Follows its pages. A registry that gives none may still give only a part: it is asked for what comes after the last
 * name until nothing new does. Throws `REGISTRY_ANSWER_INVALID`, and whatever sending throws.
 * Spec: regsync.md §7.10, registry-protocol.md §3.
 */
export async function listRepositories(
  send: Send,
  host: HostSettings,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const repositories = new Names((text) => text.length <= 255 && repositoryPattern.test(text));
  const { path: _, ...asked } = question("GET", "");
  const at = (url: URL): Promise<Reply> => ask(send, { ...asked, url, host, repository: undefined }, [200], signal);
  const readFrom = (search: string): Promise<void> => {
    const catalog = new URL(`/v2/_catalog${search}`, originOf(host));
    return readPages({ first: () => at(catalog), at, limitBytes: namesLimitBytes }, (bytes, reply) => {
      repositories.addPage(bytes, "repositories", reply);
    });
  };
  await readFrom("");
  if (repositories.pages > 1) return repositories.all;
  for (let known = 0; repositories.count > known; ) {
    known = repositories.count;
    if (!(await isAnswered(() => readFrom(`?last=${encodeURIComponent(repositories.last)}`)))) break;
  }
  return repositories.all;
}

/** Several registries refuse to go on behind the last name there is. */
async function isAnswered(read: () => Promise<void>): Promise<boolean> {
  try {
    await read();
    return true;
  } catch (failure) {
    if (isNotFound(failure) || refusalOf(failure)?.status === 400) return false;
    throw failure;
  }
}
