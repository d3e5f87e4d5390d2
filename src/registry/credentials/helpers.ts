import { Interrupted, messageOf } from "../../base/failure.ts";
import { SharedWork } from "../../base/shared-work.ts";
import type { Log } from "../../observe/log.ts";
import type { Credentials } from "../login/credentials.ts";
import type { Login } from "../settings.ts";
import { askHelper } from "./ask-helper.ts";
import type { HelperRules } from "./run-helper.ts";

/** What helpers need besides their rules. */
export interface HelpersParts extends HelperRules {
  readonly log: Log;
}

type HelperLogin = Login & { readonly kind: "helper" };

interface Remembered {
  readonly credentials: Credentials;
  readonly askedAtMs: number;
  readonly untilMs: number;
}

/** A helper that failed is asked again after this long, and any helper at most this often. */
const pauseMs = 5_000;

/**
 * Logins as hosts can be shown them. Helpers are asked when a host wants a login, and again when their answer is old.
 *
 * A helper that fails is written to the log and leaves things as they were: its last answer, or no login at all.
 * Spec: regsync.md §7.4.
 */
export class Helpers {
  readonly #parts: HelpersParts;
  readonly #remembered = new Map<string, Remembered>();
  readonly #asking = new SharedWork<Credentials>();

  constructor(parts: HelpersParts) {
    this.#parts = parts;
  }

  /** Throws nothing but `INTERRUPTED`. */
  async credentialsFor(login: Login, signal: AbortSignal): Promise<Credentials> {
    if (login.kind === "anonymous") return { kind: "none", reason: "none is configured for it" };
    if (login.kind !== "helper") return login;
    const known = this.#remembered.get(keyOf(login));
    if (known !== undefined && this.#parts.clock.now() < known.untilMs) return known.credentials;
    return await this.#ask(login, signal);
  }

  /** What there is now, after a host refused this: a helper is asked again, unless it was just asked. */
  async renewedFor(login: Login, refused: Credentials, signal: AbortSignal): Promise<Credentials> {
    if (login.kind !== "helper") return refused;
    const known = this.#remembered.get(keyOf(login));
    const isRecent = known !== undefined && this.#parts.clock.now() < known.askedAtMs + pauseMs;
    return isRecent ? known.credentials : await this.#ask(login, signal);
  }

  #ask(login: HelperLogin, signal: AbortSignal): Promise<Credentials> {
    return this.#asking.run(keyOf(login), (shared) => this.#askNow(login, shared), signal);
  }

  async #askNow(login: HelperLogin, signal: AbortSignal): Promise<Credentials> {
    const { clock, log } = this.#parts;
    const remember = (credentials: Credentials, forMs: number): Credentials => {
      const askedAtMs = clock.now();
      this.#remembered.set(keyOf(login), { credentials, askedAtMs, untilMs: askedAtMs + forMs });
      return credentials;
    };
    try {
      return remember(await askHelper(login.program, login.serverAddress, this.#parts, signal), login.expireMs);
    } catch (thrown) {
      if (thrown instanceof Interrupted) throw thrown;
      log.warn("Credential helper failed", { name: login.program, err: messageOf(thrown) });
      const last = this.#remembered.get(keyOf(login))?.credentials;
      return remember(last ?? { kind: "none", reason: messageOf(thrown) }, pauseMs);
    }
  }
}

/** Equal for logins that are answered alike. No server address holds a line end. */
function keyOf({ program, serverAddress }: HelperLogin): string {
  return `${program}\n${serverAddress}`;
}
