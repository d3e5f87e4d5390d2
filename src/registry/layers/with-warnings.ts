import { LRUCache } from "lru-cache";
import { maskLogins } from "../../base/secret.ts";
import type { Log } from "../../observe/log.ts";
import type { RegistryAnswer, Send } from "../send.ts";

/** Warnings remembered, so that each is shown once. */
const rememberedWarnings = 1_000;
/** Characters of all warnings of one answer that are read. Spec: registry-protocol.md §1.4. */
const warningLimit = 4_096;

/** Shows what hosts warn about, each text of each host once. */
export function withWarnings(send: Send, log: Log): Send {
  const shown = new LRUCache<string, true>({ max: rememberedWarnings });
  return async (request, signal) => {
    const answer = await send(request, signal);
    const lines = answer.headerLines("warning");
    if (lines.length === 0) return answer;
    for (const warning of warningsIn(lines.join(", "), answer)) {
      const key = `${request.host.name} ${warning}`;
      if (shown.has(key)) continue;
      shown.set(key, true);
      log.warn("Registry warns", { host: request.host.name, warning });
    }
    return answer;
  };
}

/** The texts of all warnings with code 299, the only one the specification knows: `299 - "text"`. */
function warningsIn(header: string, answer: RegistryAnswer): readonly string[] {
  const matches = header.slice(0, warningLimit).matchAll(/(?:^|,)\s*299 \S+ "((?:[^"\\]|\\.)*)"/g);
  return Array.from(matches, ([, text = ""]) => maskLogins(answer.masked(text.replace(/\\(.)/g, "$1"))));
}
