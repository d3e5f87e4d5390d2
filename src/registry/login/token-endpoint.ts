import type { Clock } from "../../base/clock.ts";
import type { Secret } from "../../base/secret.ts";
import type { PlainFetch, PlainRequest } from "../plain-request.ts";
import type { RegistryAnswer } from "../send.ts";
import type { HostSettings } from "../settings.ts";
import { basicHeader, type Credentials } from "./credentials.ts";
import { LoginFailed } from "./login-failed.ts";
import { type Scopes, scopeTexts } from "./scope.ts";
import { readGrant, type Token } from "./token.ts";
import { TokenAnswer } from "./token-answer.ts";

/** What a token server said. */
export type TokenOutcome =
  | { readonly kind: "granted"; readonly token: Token }
  | { readonly kind: "answered"; readonly method: "GET" | "POST"; readonly answer: RegistryAnswer };

/** What asking for tokens takes. */
export interface TokenParts {
  readonly fetch: PlainFetch;
  readonly clock: Clock;
  /** Says who we are: `client_id`. */
  readonly clientId: string;
}

/** Answers of servers that know tokens in the GET form alone. */
const formUnknown: ReadonlySet<number> = new Set([404, 405, 406, 415, 501]);

/** One token server, as a Bearer challenge names it. Spec: regsync.md §7.3, registry-protocol.md §4.3–4.4. */
export class TokenEndpoint {
  readonly realm: URL;
  /** `""` when the challenge names none. */
  readonly service: string;
  readonly #host: HostSettings;
  readonly #parts: TokenParts;
  /** What the last answer gave for asking again without the password. */
  #refreshToken: Secret | undefined;

  constructor(realm: URL, service: string, host: HostSettings, parts: TokenParts) {
    this.realm = realm;
    this.service = service;
    this.#host = host;
    this.#parts = parts;
  }

  /**
   * Asks for a token. Throws what the network throws, and `LOGIN_FAILED` for a success that holds no token.
   *
   * A refresh token is spent first, in the POST form; when that fails, or there is none, user and password (or
   * nobody) are shown in the GET form.
   */
  async fetch(scopes: Scopes, credentials: Credentials, signal: AbortSignal): Promise<TokenOutcome> {
    const refreshToken = this.#refreshToken;
    if (refreshToken !== undefined) {
      const outcome = await this.#post(refreshToken, scopes, signal);
      if (outcome.kind === "granted") return outcome;
      this.#refreshToken = undefined;
    }
    if (credentials.kind === "identityToken") {
      const outcome = await this.#post(credentials.token, scopes, signal);
      if (outcome.kind === "granted" || !formUnknown.has(outcome.answer.status)) return outcome;
    }
    return await this.#get(scopes, credentials, signal);
  }

  async #get(scopes: Scopes, credentials: Credentials, signal: AbortSignal): Promise<TokenOutcome> {
    const query = new URLSearchParams();
    if (this.service !== "") query.set("service", this.service);
    for (const scope of scopeTexts(scopes)) query.append("scope", scope);
    query.set("client_id", this.#parts.clientId);
    const headers: Record<string, string> = { accept: "application/json" };
    if (credentials.kind === "password") {
      query.set("account", credentials.user);
      headers["authorization"] = basicHeader(credentials.user, credentials.password).reveal();
    }
    const url = new URL(this.realm);
    url.search = [this.realm.search.slice(1), query.toString()].filter((part) => part !== "").join("&");
    return await this.#ask(url, { method: "GET", headers, body: undefined }, scopes, signal);
  }

  async #post(refreshToken: Secret, scopes: Scopes, signal: AbortSignal): Promise<TokenOutcome> {
    const form = new URLSearchParams({ grant_type: "refresh_token", refresh_token: refreshToken.reveal() });
    form.set("client_id", this.#parts.clientId);
    if (this.service !== "") form.set("service", this.service);
    if (scopes.size > 0) form.set("scope", scopeTexts(scopes).join(" "));
    const headers = { accept: "application/json", "content-type": "application/x-www-form-urlencoded" };
    return await this.#ask(this.realm, { method: "POST", headers, body: form.toString() }, scopes, signal);
  }

  /** An answer that holds no token may have been damaged on its way: it is asked for once more. */
  async #ask(url: URL, request: PlainRequest, scopes: Scopes, signal: AbortSignal): Promise<TokenOutcome> {
    const first = await this.#askOnce(url, request, scopes, signal);
    const second = typeof first === "string" ? await this.#askOnce(url, request, scopes, signal) : first;
    if (typeof second === "string") throw new LoginFailed(this.#host.name, second);
    return second;
  }

  /** Asks once; gives the reason why a success is of no use. */
  async #askOnce(url: URL, request: PlainRequest, scopes: Scopes, signal: AbortSignal): Promise<TokenOutcome | string> {
    const answer = await this.#parts.fetch(url, request, this.#host, signal);
    if (answer.status !== 200) {
      return { kind: "answered", method: request.method, answer: new TokenAnswer(url, answer) };
    }
    const grant = readGrant(answer.text, scopes, this.#parts.clock.now());
    if (typeof grant === "string") return grant;
    this.#refreshToken = grant.refreshToken ?? this.#refreshToken;
    return { kind: "granted", token: grant.token };
  }
}
