import { LRUCache } from "lru-cache";
import { atMost } from "../../base/at-most.ts";
import { messageOf } from "../../base/failure.ts";
import { Limiter } from "../../base/limiter.ts";
import { Secret } from "../../base/secret.ts";
import { SharedWork } from "../../base/shared-work.ts";
import { type Challenge, parseChallenges } from "../challenge.ts";
import { originOf } from "../origin.ts";
import type { RegistryAnswer, RegistryRequest, Send } from "../send.ts";
import type { HostSettings } from "../settings.ts";
import { vettedAddress } from "../vetted-address.ts";
import { basicHeader, type Credentials } from "./credentials.ts";
import type { HostLogin, LoginParts } from "./host-login.ts";
import { LoginFailed } from "./login-failed.ts";
import { coversScopes, mergeScopes, parseScopes, type Scopes, scopeTexts } from "./scope.ts";
import type { Token } from "./token.ts";
import { TokenEndpoint, type TokenOutcome } from "./token-endpoint.ts";

/** Tokens kept, and repositories that are remembered by their latest one. */
const rememberedTokens = 2_000;

/** What a request shows to be let in. */
export type Pass =
  | { readonly kind: "nothing" }
  | { readonly kind: "basic"; readonly credentials: Credentials; readonly header: Secret }
  /** `isNew`: fetched for this request, not kept from an earlier one. */
  | { readonly kind: "bearer"; readonly token: Token; readonly isNew: boolean; readonly header: Secret }
  /** The token server refused; its answer is that of the request. */
  | { readonly kind: "refused"; readonly answer: RegistryAnswer };

/**
 * How a host wants to be logged in to, as far as it has told, and the tokens it takes. With `repoAuth` every
 * repository has a session of its own.
 */
export class Session {
  readonly #host: HostSettings;
  readonly #login: HostLogin;
  readonly #parts: LoginParts;
  /** `undefined` until the host asked for a login. */
  #way: "basic" | TokenEndpoint | undefined;
  /** By their scopes. */
  readonly #tokens = new LRUCache<string, Token>(atMost(rememberedTokens));
  /** By repository: one that allows more than a request needs is as good as its own. */
  readonly #latest = new LRUCache<string, Token>(atMost(rememberedTokens));
  readonly #finding = new Limiter(1);
  /** Whether the first request is over. */
  #isFound = false;
  readonly #fetching = new SharedWork<TokenOutcome>();

  constructor(host: HostSettings, login: HostLogin, parts: LoginParts) {
    this.#host = host;
    this.#login = login;
    this.#parts = parts;
  }

  /**
   * Waits while the very first request to the host is under way: it finds out for all of them what the host asks for,
   * and a refusal each for many that begin together would be many for nothing. Dispose it when that one is over,
   * whichever way; `undefined` when nothing is to be waited for. Rejects with `INTERRUPTED` on abort.
   */
  async first(signal: AbortSignal): Promise<Disposable | undefined> {
    const turn = await this.#finding.take(signal);
    const end = (): void => {
      this.#isFound = true;
      turn[Symbol.dispose]();
    };
    if (!this.#isFound) return { [Symbol.dispose]: end };
    end();
    return undefined;
  }

  /** Whether the first request is over. */
  get isKnown(): boolean {
    return this.#isFound;
  }

  /** Whether the host has asked for a login. */
  get asksForLogin(): boolean {
    return this.#way !== undefined;
  }

  /** What a request shows that needs these scopes: nothing, until the host has asked for something. */
  async pass(request: RegistryRequest, scopes: Scopes, signal: AbortSignal): Promise<Pass> {
    this.#login.check();
    const way = this.#way;
    if (way === undefined) return { kind: "nothing" };
    if (way === "basic") {
      const credentials = await this.#login.credentials(signal);
      if (credentials.kind !== "password") return { kind: "nothing" };
      return { kind: "basic", credentials, header: basicHeader(credentials.user, credentials.password) };
    }
    const kept = this.#keptToken(request, scopes);
    if (kept !== undefined) return bearerPass(kept, false);
    const fetch = (shared: AbortSignal): Promise<TokenOutcome> => this.#fetch(way, scopes, shared);
    const outcome = await this.#fetching.run(keyOf(scopes), fetch, signal);
    if (outcome.kind === "answered") return { kind: "refused", answer: outcome.answer };
    this.#tokens.set(keyOf(scopes), outcome.token);
    this.#latest.set(request.repository ?? "", outcome.token);
    return bearerPass(outcome.token, true);
  }

  /** Waits until a pass of the Basic kind may be shown; dispose it when the answer was understood. */
  turn(signal: AbortSignal): Promise<Disposable | undefined> {
    return this.#login.turn(signal);
  }

  /** The host took the Basic pass. */
  accepted(): void {
    this.#login.accepted();
  }

  /**
   * Heeds the challenges of a 401. Gives the scopes to try again with; `undefined` when nothing would be different.
   *
   * Throws `LOGIN_FAILED`. Spec: regsync.md §7.3, registry-protocol.md §4.1.
   */
  async heed(
    challengeLines: readonly string[],
    request: RegistryRequest,
    scopes: Scopes,
    shown: Pass,
    send: Send,
    signal: AbortSignal,
  ): Promise<Scopes | undefined> {
    this.#login.check();
    const challenges = parseChallenges(challengeLines.filter((line) => line.trim() !== ""));
    if (challenges === undefined) {
      throw new LoginFailed(this.#host.name, "it asks for a login, and its WWW-Authenticate header cannot be read");
    }
    const basic = challenges.find(({ scheme }) => scheme === "basic");
    const bearer = challenges.find(({ scheme, parameters }) => scheme === "bearer" && parameters.has("realm"));
    if (basic === undefined && bearer === undefined) {
      if (challenges.length === 0) return undefined;
      const offered = [...new Set(challenges.map(({ scheme }) => scheme))].join(", ");
      throw new LoginFailed(this.#host.name, `it knows no other login than ${offered}, which is not supported`);
    }
    const credentials = await this.#login.credentials(signal);
    if (basic !== undefined && credentials.kind === "password") {
      this.#way = "basic";
      if (shown.kind !== "basic") return scopes;
      return (await this.#login.question(request, shown.credentials, send, signal)) ? scopes : undefined;
    }
    if (bearer !== undefined) return this.#heedBearer(bearer, scopes, shown);
    const reason = credentials.kind === "none" ? credentials.reason : "only an identity token is configured";
    throw new LoginFailed(this.#host.name, `it asks for a user and a password, and ${reason}`);
  }

  #heedBearer({ parameters }: Challenge, scopes: Scopes, shown: Pass): Scopes | undefined {
    const wanted = mergeScopes(scopes, parseScopes(parameters.get("scope") ?? ""));
    const realm = this.#realmOf(parameters.get("realm") ?? "");
    const service = parameters.get("service") ?? "";
    const known = this.#way instanceof TokenEndpoint ? this.#way : undefined;
    const isSame = known?.realm.href === realm.href && known.service === service;
    if (shown.kind === "bearer") {
      if (!coversScopes(shown.token.scopes, wanted)) {
        // What it allows is not enough for what it was fetched for: the better one is shown from now on.
        this.#tokens.delete(keyOf(shown.token.scopes));
        return wanted;
      }
      this.#forget(shown.token);
      if (!shown.isNew) return scopes;
      // Another realm than before is not believed while the first one works. Spec: registry-protocol.md §6.3 NVCR.
      if (!isSame) this.#way = undefined;
      return undefined;
    }
    if (!isSame) this.#way = new TokenEndpoint(realm, service, this.#host, this.#parts);
    return wanted;
  }

  #realmOf(text: string): URL {
    try {
      return vettedAddress(originOf(this.#host), text);
    } catch (thrown) {
      throw this.#login.refuse(`its token server is not usable: ${messageOf(thrown)}`, thrown);
    }
  }

  async #fetch(endpoint: TokenEndpoint, scopes: Scopes, signal: AbortSignal): Promise<TokenOutcome> {
    try {
      return await this.#login.obtain(endpoint, scopes, signal);
    } catch (thrown) {
      // The host may have another token server by now: it is asked again.
      if (this.#way === endpoint) this.#way = undefined;
      throw thrown;
    }
  }

  #keptToken({ repository }: RegistryRequest, scopes: Scopes): Token | undefined {
    const nowMs = this.#parts.clock.now();
    const kept = [this.#tokens.get(keyOf(scopes)), this.#latest.get(repository ?? "")];
    return kept.find((token) => token !== undefined && nowMs < token.renewAtMs && coversScopes(token.scopes, scopes));
  }

  #forget(token: Token): void {
    for (const kept of [this.#tokens, this.#latest]) {
      for (const [key, value] of kept.entries()) if (value === token) kept.delete(key);
    }
  }
}

function bearerPass(token: Token, isNew: boolean): Pass {
  return { kind: "bearer", token, isNew, header: new Secret(`Bearer ${token.value.reveal()}`) };
}

/** Equal for scopes that allow the same, in whichever order they were put together. */
function keyOf(scopes: Scopes): string {
  return scopeTexts(scopes).toSorted().join(" ");
}
