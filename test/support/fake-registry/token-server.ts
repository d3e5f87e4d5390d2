import { randomUUID } from "node:crypto";
import type { Incoming, RecordedRequest } from "./exchange.ts";
import { basicCredentials, type Guard } from "./guard.ts";
import { FakeHost, type FakeHostOptions } from "./host.ts";
import { json, refusal } from "./replies.ts";
import type { Reply } from "./reply.ts";
import { type Access, accessFor, scopeText } from "./route.ts";

/** Who may log in, and what tokens allow. */
export interface TokenServerOptions extends FakeHostOptions {
  readonly passwords?: Readonly<Record<string, string>>;
  /** Refresh tokens that are known from the start, and their users. */
  readonly identityTokens?: Readonly<Record<string, string>>;
  /** What a user (`undefined` is anybody) may do; everything without this. */
  readonly grants?: (user: string | undefined, access: Access) => readonly string[];
  /** `expires_in`, in seconds; 300 without this. */
  readonly lifetimeSeconds?: number;
  /** Gives a refresh token with every token. */
  readonly refreshTokens?: boolean;
  /** What the challenges say; `"fake"` without this. */
  readonly service?: string;
}

/** A token that was given out. */
export interface IssuedToken {
  readonly token: string;
  readonly user: string | undefined;
  readonly form: "GET" | "POST";
  /** As they were asked for, in order: `repository:a/b:pull,push`. */
  readonly scopes: readonly string[];
  readonly granted: readonly Access[];
}

/** Gives out Bearer tokens at `/token`, in the GET and the POST form, and checks them for registries. */
export class TokenServer implements AsyncDisposable {
  readonly host: FakeHost;
  readonly #options: TokenServerOptions;
  readonly #refreshTokens: Map<string, string>;
  readonly #valid = new Map<string, IssuedToken>();
  readonly issued: IssuedToken[] = [];

  private constructor(host: FakeHost, options: TokenServerOptions, refreshTokens: Map<string, string>) {
    this.host = host;
    this.#options = options;
    this.#refreshTokens = refreshTokens;
  }

  static async start(options: TokenServerOptions = {}): Promise<TokenServer> {
    const host = await FakeHost.start(options, (incoming) => server.#answer(incoming));
    const server = new TokenServer(host, options, new Map(Object.entries(options.identityTokens ?? {})));
    return server;
  }

  get realm(): string {
    return new URL("/token", this.host.url).href;
  }

  /** Lets requests pass that bring a token which allows them, and sends the others here. */
  guard(): Guard {
    return (request) => {
      const needed = accessFor(request);
      const given = /^Bearer (.*)$/i.exec(request.headers.authorization ?? "")?.[1];
      if (given === undefined) return this.challenge(needed);
      const token = this.#valid.get(given);
      if (token === undefined) return this.challenge(needed, "invalid_token");
      return needed.every((access) => covers(token.granted, access))
        ? undefined
        : this.challenge(needed, "insufficient_scope");
    };
  }

  /** The refusal that sends a client here. */
  challenge(needed: readonly Access[], error?: "invalid_token" | "insufficient_scope"): Reply {
    const parts = [`realm="${this.realm}"`, `service="${this.#options.service ?? "fake"}"`];
    if (needed.length > 0) parts.push(`scope="${scopeText(needed)}"`);
    if (error !== undefined) parts.push(`error="${error}"`);
    return refusal(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": `Bearer ${parts.join(",")}` });
  }

  /** Makes every token given out so far invalid, whatever was said about its life. */
  expireTokens(): void {
    this.#valid.clear();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.host[Symbol.asyncDispose]();
  }

  #answer(incoming: Incoming): Reply | Promise<Reply> {
    const { method, path } = incoming.request;
    if (path !== "/token") return { status: 404 };
    if (method === "POST") return this.#answerPost(incoming);
    return method === "GET" ? this.#answerGet(incoming.request) : { status: 405 };
  }

  #answerGet({ headers, query }: RecordedRequest): Reply {
    const given = basicCredentials(headers.authorization);
    if (given !== undefined && !this.#knows(given.user, given.password)) return wrongLogin;
    return this.#issue("GET", given?.user, query.getAll("scope"));
  }

  async #answerPost(incoming: Incoming): Promise<Reply> {
    const form = new URLSearchParams(Buffer.from(await incoming.readBody()).toString("utf8"));
    const user =
      form.get("grant_type") === "refresh_token"
        ? this.#refreshTokens.get(form.get("refresh_token") ?? "")
        : this.#knows(form.get("username") ?? "", form.get("password") ?? "")
          ? (form.get("username") ?? undefined)
          : undefined;
    if (user === undefined) return wrongLogin;
    return this.#issue(
      "POST",
      user,
      (form.get("scope") ?? "").split(" ").filter((scope) => scope !== ""),
    );
  }

  #knows(user: string, password: string): boolean {
    const passwords = this.#options.passwords ?? {};
    return Object.hasOwn(passwords, user) && passwords[user] === password;
  }

  #issue(form: "GET" | "POST", user: string | undefined, scopes: readonly string[]): Reply {
    const grants = this.#options.grants ?? ((_user, access) => access.actions);
    const granted = scopes.map(parseScope).map((access) => ({ ...access, actions: grants(user, access) }));
    const token: IssuedToken = { token: `token-${randomUUID()}`, user, form, scopes, granted };
    this.issued.push(token);
    this.#valid.set(token.token, token);
    return json(200, {
      token: token.token,
      expires_in: this.#options.lifetimeSeconds ?? 300,
      ...(this.#options.refreshTokens === true && user !== undefined ? { refresh_token: this.#remember(user) } : {}),
    });
  }

  #remember(user: string): string {
    const refreshToken = `refresh-${randomUUID()}`;
    this.#refreshTokens.set(refreshToken, user);
    return refreshToken;
  }
}

const wrongLogin = refusal(401, "UNAUTHORIZED", "incorrect username or password");

function covers(granted: readonly Access[], needed: Access): boolean {
  const about = granted.filter(({ type, name }) => type === needed.type && name === needed.name);
  return needed.actions.every((action) => about.some(({ actions }) => actions.includes(action)));
}

function parseScope(text: string): Access {
  const [type = "", ...rest] = text.split(":");
  const actions = rest.pop() ?? "";
  return { type, name: rest.join(":"), actions: actions.split(",") };
}
