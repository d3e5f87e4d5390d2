import { Secret } from "../../src/base/secret.ts";
import { Helpers } from "../../src/registry/credentials/helpers.ts";
import { withRedirects } from "../../src/registry/layers/with-redirects.ts";
import { Logins } from "../../src/registry/login/logins.ts";
import { withLogin } from "../../src/registry/login/with-login.ts";
import { plainFetchOver } from "../../src/registry/plain-fetch.ts";
import type { PlainFetch } from "../../src/registry/plain-request.ts";
import type { Access, RegistryAnswer, RegistryRequest, Send } from "../../src/registry/send.ts";
import type { HostSettings, Login } from "../../src/registry/settings.ts";
import { isLocalAddress } from "../../src/registry/transport/local-address.ts";
import { usualTimeLimits } from "../../src/registry/transport/time-limits.ts";
import { Transport } from "../../src/registry/transport/transport.ts";
import { Trust } from "../../src/registry/transport/trust.ts";
import { FakeClock } from "./fake-clock.ts";
import { RecordingLog } from "./silent-log.ts";

/** What the client calls itself at token servers. */
export const clientId = "regsync-test";

/** What is asked of a host; the rest is that of a GET in the repository `a/b`. */
export interface Question {
  readonly method?: RegistryRequest["method"];
  readonly repository?: string | undefined;
  readonly access?: Access;
  readonly mountFrom?: string;
  readonly signal?: AbortSignal;
}

/** A client that logs in, redirects and speaks HTTP, and does nothing else. */
export class LoginClient implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly log = new RecordingLog();
  /** Every exchange below the login. */
  readonly send: Send;
  readonly #transport: Transport;

  /** `fetchTokens` stands between the client and the way it would ask token servers. */
  constructor(
    fetchTokens = (plain: PlainFetch): PlainFetch => plain,
    environment: Readonly<Record<string, string | undefined>> = {},
  ) {
    const { clock, log } = this;
    this.#transport = new Transport({
      clock,
      log,
      trust: new Trust({ file: "", folder: "", hostFolders: "" }, log),
      proxyFor: () => undefined,
      isLocalAddress,
      userAgent: clientId,
      laneFromBytes: Number.POSITIVE_INFINITY,
      limits: usualTimeLimits,
    });
    const wire: Send = (request, signal) => this.#transport.send(request, signal);
    const redirected = withRedirects(wire);
    const fetch = fetchTokens(plainFetchOver(redirected, wire));
    const helpers = new Helpers({ environment, clock, log });
    this.send = withLogin(redirected, new Logins({ fetch, helpers, clock, log, clientId }));
  }

  /** The answer to one request, whose body is still to be read. */
  answer(host: HostSettings, path: string, question: Question = {}): Promise<RegistryAnswer> {
    const { method = "GET", access = "pull", mountFrom, signal = AbortSignal.timeout(10_000) } = question;
    return this.send(
      {
        method,
        url: new URL(`${host.tls === "disabled" ? "http" : "https"}://${host.hostname}${path}`),
        headers: {},
        body: { kind: "none" },
        host,
        repository: "repository" in question ? question.repository : "a/b",
        access,
        mountFrom,
        lease: undefined,
        large: false,
        expectedBytes: 0,
        effort: "retried",
      },
      signal,
    );
  }

  /** The status of one request. */
  async ask(host: HostSettings, path: string, question: Question = {}): Promise<number> {
    await using answer = await this.answer(host, path, question);
    return answer.status;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#transport[Symbol.asyncDispose]();
  }
}

/** A user and a password as settings hold them. */
export function passwordLogin(user: string, password: string): Login {
  return { kind: "password", user, password: new Secret(password) };
}
