import type { HostSettings } from "./settings.ts";

/** What is asked of a token endpoint: a small question with a small answer, outside the layers of the client. */
export interface PlainRequest {
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  /** The form of a POST; `undefined` for none. */
  readonly body: string | undefined;
}

/** What came back, read to its end. */
export interface PlainAnswer {
  readonly status: number;
  /** Lower-case names; of a repeated header the values joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body, at most 1 MiB. */
  readonly text: string;
  /** See `RegistryAnswer`. */
  readonly masked: (text: string) => string;
}

/**
 * Sends one request with the TLS settings of a host, without logging in and without repeating it.
 *
 * Redirects of a GET are followed under the rules of the client (credentials stay behind when the origin changes);
 * those of a POST are answers like any other. Throws `REGISTRY_UNREACHABLE`, `REGISTRY_STALLED`, `REDIRECT_REFUSED`,
 * and `REGISTRY_ANSWER_INVALID` for a body that is too long.
 */
export type PlainFetch = (
  url: URL,
  request: PlainRequest,
  host: HostSettings,
  signal: AbortSignal,
) => Promise<PlainAnswer>;
