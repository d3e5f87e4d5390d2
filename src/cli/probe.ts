import { request as overHttp } from "node:http";
import { request as overTls } from "node:https";
import { isIPv6 } from "node:net";
import type { ListenAddress } from "../base/listen-address.ts";
import type { Clock } from "../base/clock.ts";
import { Interrupted, messageOf, systemCodeOf } from "../base/failure.ts";

/** What a probe of Kubernetes waits as well, when it is set up as this project does. */
const patienceMs = 3_000;
/** Bytes of an answer that are read: it is a word, or the checks that failed. */
const answerLimitBytes = 4_096;

/** What came of asking. `url` is what was asked last. */
export type ProbeResult =
  | { readonly kind: "answer"; readonly url: string; readonly status: number; readonly text: string }
  | { readonly kind: "silence"; readonly url: string; readonly why: string };

/**
 * Asks the server that listens on an address of this machine for a path, and waits at most three seconds.
 *
 * Whether it speaks TLS is found out. Its certificate is not checked: it is this machine's own, seldom made for the
 * name `127.0.0.1`, and nothing secret is said to it. Throws `INTERRUPTED`.
 */
export async function probe(
  address: ListenAddress,
  path: string,
  clock: Clock,
  signal: AbortSignal,
): Promise<ProbeResult> {
  const authority = authorityOf(address);
  const patience = new AbortController();
  using _alarm = clock.after(patienceMs, () => patience.abort());
  const both = AbortSignal.any([signal, patience.signal]);
  let url = `http://${authority}${path}`;
  try {
    try {
      return await get(url, both);
    } catch (thrown) {
      if (both.aborted || systemCodeOf(thrown) === "ECONNREFUSED") throw thrown;
      url = `https://${authority}${path}`;
      return await get(url, both);
    }
  } catch (thrown) {
    if (signal.aborted) throw new Interrupted(signal.reason);
    return {
      kind: "silence",
      url,
      why: patience.signal.aborted ? `nothing within ${patienceMs} ms` : reasonOf(thrown),
    };
  }
}

/** Who listens on every address is asked on the one that never leaves the machine. */
function authorityOf({ host, port }: ListenAddress): string {
  if (host === "" || host === "0.0.0.0") return `127.0.0.1:${port}`;
  if (!isIPv6(host)) return `${host}:${port}`;
  return /^[0:]+$/.test(host) ? `[::1]:${port}` : `[${host}]:${port}`;
}

async function get(url: string, signal: AbortSignal): Promise<ProbeResult> {
  return await new Promise((resolve, reject) => {
    const options = { signal, agent: false, headers: { "user-agent": "regsync health" } };
    const request = url.startsWith("https:")
      ? overTls(url, { ...options, rejectUnauthorized: false })
      : overHttp(url, options);
    request.once("error", reject);
    request.once("response", (answer) => {
      let text = "";
      const done = (): void => {
        resolve({ kind: "answer", url, status: answer.statusCode ?? 0, text: text.slice(0, answerLimitBytes) });
        request.destroy();
      };
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => {
        text += chunk;
        if (text.length >= answerLimitBytes) done();
      });
      answer.once("end", done).once("error", reject);
    });
    request.end();
  });
}

/** Of several addresses that were tried, the reasons of all: Node leaves the message of the whole empty. */
function reasonOf(thrown: unknown): string {
  return thrown instanceof AggregateError ? thrown.errors.map(messageOf).join("; ") : messageOf(thrown);
}
