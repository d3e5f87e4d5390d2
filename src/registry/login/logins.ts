import { LRUCache } from "lru-cache";
import { atMost } from "../../base/at-most.ts";
import type { RegistryRequest } from "../send.ts";
import type { HostSettings } from "../settings.ts";
import { HostLogin, type LoginParts } from "./host-login.ts";
import { Session } from "./session.ts";

/** Repositories of one host whose sessions are kept apart (`repoAuth`) and remembered. */
const rememberedRepositories = 2_000;

interface HostSessions {
  readonly login: HostLogin;
  /** By repository, or one under `""` for all. */
  readonly sessions: LRUCache<string, Session>;
}

/** The logins of all hosts, for as long as the settings they were configured with are in use. */
export class Logins {
  readonly #parts: LoginParts;
  readonly #hosts = new WeakMap<HostSettings, HostSessions>();

  constructor(parts: LoginParts) {
    this.#parts = parts;
  }

  /** The session that a request belongs to. */
  sessionOf({ host, repository }: RegistryRequest): Session {
    const { login, sessions } = this.#hosts.get(host) ?? this.#begin(host);
    const key = host.repoAuth ? (repository ?? "") : "";
    const known = sessions.get(key);
    if (known !== undefined) return known;
    const session = new Session(host, login, this.#parts);
    sessions.set(key, session);
    return session;
  }

  #begin(host: HostSettings): HostSessions {
    const login = new HostLogin(host, this.#parts);
    const begun = { login, sessions: new LRUCache<string, Session>(atMost(rememberedRepositories)) };
    this.#hosts.set(host, begun);
    return begun;
  }
}
