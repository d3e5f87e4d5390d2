import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/failure.ts";
import { redactUrl } from "../../base/redact-url.ts";
import { maskLogins, secretMask } from "../../base/secret.ts";
import type { Log } from "../../observe/log.ts";
import type { RegistryAnswer, Send } from "../send.ts";

/** Headers of requests that are shown as they are. */
const openRequestHeaders: ReadonlySet<string> = new Set(["accept", "content-range", "content-type", "range"]);

/** Headers of answers that are shown as they are. Addresses among them are redacted. */
const openAnswerHeaders = [
  "content-length",
  "content-range",
  "content-type",
  "date",
  "docker-content-digest",
  "oci-chunk-min-length",
  "oci-subject",
  "range",
  "ratelimit-limit",
  "ratelimit-remaining",
  "retry-after",
  "server",
  "warning",
  "www-authenticate",
] as const;

/** Writes every exchange to the log, with nothing in it that lets anybody in. Sends as before when nobody reads it. */
export function withTrace(send: Send, log: Log, clock: Clock): Send {
  if (!log.tracing) return send;
  return async (request, signal) => {
    const sentAtMs = clock.monotonic();
    const { method } = request;
    const url = redactUrl(request.url);
    log.trace("Request sent", { method, url, headers: maskRequest(request.headers) });
    try {
      const answer = await send(request, signal);
      const durationMs = clock.monotonic() - sentAtMs;
      log.trace("Answer received", { method, url, status: answer.status, durationMs, headers: maskAnswer(answer) });
      return answer;
    } catch (thrown) {
      log.trace("No answer received", {
        method,
        url,
        durationMs: clock.monotonic() - sentAtMs,
        err: messageOf(thrown),
      });
      throw thrown;
    }
  };
}

function maskRequest(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, openRequestHeaders.has(name) ? value : secretMask]),
  );
}

function maskAnswer(answer: RegistryAnswer): Readonly<Record<string, string>> {
  const shown = openAnswerHeaders.flatMap((name) => {
    const lines = answer.headerLines(name);
    return lines.length === 0 ? [] : [[name, maskLogins(answer.masked(lines.join(", ")))]];
  });
  const location = answer.header("location");
  if (location !== undefined) shown.push(["location", redactUrl(URL.parse(location, answer.url.href) ?? "")]);
  return Object.fromEntries(shown);
}
