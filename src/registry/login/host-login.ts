import type { Failure } from "../../base/failure.ts";
import { Limiter } from "../../base/limiter.ts";
import { SharedWork } from "../../base/shared-work.ts";
import type { Log } from "../../observe/log.ts";
import type { Helpers } from "../credentials/helpers.ts";
import type { RegistryRequest, Send } from "../send.ts";
import type { HostSettings } from "../settings.ts";
import { failureOf, isTransient } from "../status.ts";
import { basicHeader, type Credentials, equalCredentials } from "./credentials.ts";
import { LoginFailed } from "./login-failed.ts";
import { isTrustedRealm } from "./realm.ts";
import type { Scopes } from "./scope.ts";
import type { TokenEndpoint, TokenOutcome, TokenParts } from "./token-endpoint.ts";

/** What logging in takes. */
export interface LoginParts extends TokenParts {
  readonly helpers: Helpers;
  readonly log: Log;
}

/** A login that failed is not tried again for this long: hosts lock out who keeps knocking. */
const failureMemoryMs = 60_000;

/**
 * The login of one host: what is shown there, and whether it was accepted.
 *
 * Credentials that the host refuses are shown once, by one request; all others of the next minute fail with the same
 * failure, without asking.
 */
export class HostLogin {
  readonly #host: HostSettings;
  readonly #parts: LoginParts;
  #refused: { readonly failure: LoginFailed; readonly untilMs: number } | undefined;
  /** Whether the host took the credentials, the last time they were shown. */
  #isProven = false;
  readonly #turns = new Limiter(1);
  readonly #questions = new SharedWork<Failure | undefined>();

  constructor(host: HostSettings, parts: LoginParts) {
    this.#host = host;
    this.#parts = parts;
  }

  /** Throws the failure of a login that was refused not long ago. */
  check(): void {
    if (this.#refused !== undefined && this.#parts.clock.now() < this.#refused.untilMs) throw this.#refused.failure;
  }

  /** The failure to throw when the host's login cannot work, remembered: equal for all that find out together. */
  refuse(reason: string, cause?: unknown): LoginFailed {
    const nowMs = this.#parts.clock.now();
    if (this.#refused !== undefined && nowMs < this.#refused.untilMs) return this.#refused.failure;
    const failure = new LoginFailed(this.#host.name, reason, cause);
    this.#refused = { failure, untilMs: nowMs + failureMemoryMs };
    return failure;
  }

  credentials(signal: AbortSignal): Promise<Credentials> {
    return this.#parts.helpers.credentialsFor(this.#host.login, signal);
  }

  /**
   * Waits for the turn to show the credentials: until the host took them, one request does so at a time. Throws the
   * failure of whoever was first, if it is one. `undefined` when everybody may.
   */
  async turn(signal: AbortSignal): Promise<Disposable | undefined> {
    if (this.#isProven) return undefined;
    const turn = await this.#turns.take(signal);
    try {
      this.check();
      return turn;
    } catch (failure) {
      turn[Symbol.dispose]();
      throw failure;
    }
  }

  /** The host took the credentials. */
  accepted(): void {
    this.#isProven = true;
  }

  /**
   * Gets a token, as the host's user or as nobody. Gives the server's answer instead when it refuses these scopes
   * (401, 403), or cannot answer at the moment.
   *
   * Throws `LOGIN_FAILED` when it refuses the login itself or is not to be trusted with it, and what the network throws.
   */
  async obtain(endpoint: TokenEndpoint, scopes: Scopes, signal: AbortSignal): Promise<TokenOutcome> {
    const credentials = await this.credentials(signal);
    if (credentials.kind === "none") return this.#judge(await endpoint.fetch(scopes, credentials, signal));
    if (!isTrustedRealm(endpoint.realm, this.#host)) {
      const { host } = endpoint.realm;
      throw this.refuse(
        `it asks for its login at ${host}, which is not known to belong to it (apiOpts: {trustedRealm: ${host}} allows that)`,
      );
    }
    using _turn = await this.turn(signal);
    const outcome = await endpoint.fetch(scopes, credentials, signal);
    if (outcome.kind === "granted") this.accepted();
    if (outcome.kind === "granted" || outcome.answer.status !== 401) return await this.#judge(outcome);
    this.#isProven = false;
    const renewed = await this.#renewed(credentials, signal);
    if (renewed !== undefined) return await this.#judge(await endpoint.fetch(scopes, renewed, signal));
    // Some say 401 to a good login that may not do what is asked for. Asking for nothing tells.
    const withoutScopes = await endpoint.fetch(new Map(), credentials, signal);
    if (withoutScopes.kind === "granted") return outcome;
    const failure = await explain(outcome);
    throw this.refuse(`the configured login is not accepted: ${failure.message}`, failure);
  }

  /**
   * Finds out what a 401 to a Basic login means. Gives whether to try again: a helper has another login by now.
   *
   * Throws `LOGIN_FAILED` when the host does not accept the login for its own address either; otherwise the login is
   * good and the 401 is about this one request.
   */
  async question(request: RegistryRequest, shown: Credentials, send: Send, signal: AbortSignal): Promise<boolean> {
    this.check();
    this.#isProven = false;
    const failure = await this.#questions.run("", (shared) => ask(request, shown, send, shared), signal);
    if (failure === undefined) {
      this.accepted();
      return false;
    }
    if ((await this.#renewed(shown, signal)) !== undefined) return true;
    throw this.refuse(`the configured user and password are not accepted: ${failure.message}`, failure);
  }

  /** A login that a helper gives now and did not give before; `undefined` when there is none. */
  async #renewed(shown: Credentials, signal: AbortSignal): Promise<Credentials | undefined> {
    const renewed = await this.#parts.helpers.renewedFor(this.#host.login, shown, signal);
    return renewed.kind === "none" || equalCredentials(renewed, shown) ? undefined : renewed;
  }

  async #judge(outcome: TokenOutcome): Promise<TokenOutcome> {
    if (outcome.kind === "granted") return outcome;
    const { status } = outcome.answer;
    if (status === 401 || status === 403 || isTransient(status)) return outcome;
    const failure = await explain(outcome);
    throw new LoginFailed(this.#host.name, failure.message, failure);
  }
}

/** What a token server's refusal would be if it were the registry's. */
function explain({ method, answer }: TokenOutcome & { readonly kind: "answered" }): Promise<Failure> {
  return failureOf({ method, url: answer.url }, answer);
}

/** Asks for the host's own address in the Basic way; gives what it says when it says no. */
async function ask(
  request: RegistryRequest,
  shown: Credentials,
  send: Send,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  if (shown.kind !== "password") return undefined;
  const question: RegistryRequest = {
    ...request,
    method: "GET",
    url: new URL("/v2/", request.url),
    headers: { authorization: basicHeader(shown.user, shown.password).reveal() },
    body: { kind: "none" },
    repository: undefined,
    mountFrom: undefined,
    large: false,
    expectedBytes: 0,
  };
  await using answer = await send(question, signal);
  return answer.status === 401 ? await failureOf(question, answer) : undefined;
}
