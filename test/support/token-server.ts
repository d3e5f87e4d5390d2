import { createPrivateKey, randomUUID, sign, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import type { KeyPair } from "./certificates.ts";

/** Whom the server knows, what anybody may pull, and with what it signs. */
export interface TokenServerOptions {
  /** Signs the tokens: a P-256 key, with a certificate that the registry trusts. */
  readonly signer: KeyPair;
  /** Speaks TLS with this certificate; plain HTTP when absent. */
  readonly tls?: KeyPair;
  readonly user: string;
  readonly password: string;
  /** Repositories that may be pulled without a login. */
  readonly publicPrefix: string;
}

/** A token server that real registries believe, as they have one beside them. Spec: registry-protocol.md §4.3, §9.2. */
export interface TokenServer extends AsyncDisposable {
  readonly realm: string;
  readonly service: string;
  readonly issuer: string;
  /** What it was asked for, in order. */
  readonly asked: readonly TokenRequest[];
}

/** One request for a token. */
interface TokenRequest {
  readonly user: string | undefined;
  readonly scopes: readonly string[];
  readonly granted: boolean;
}

interface Access {
  readonly type: string;
  readonly name: string;
  readonly actions: readonly string[];
}

const service = "registry.test";
const issuer = "tokens.test";

/** Listens on loopback and signs tokens for whoever knows the password; strangers may pull what is public. */
export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const asked: TokenRequest[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const query = new URL(request.url ?? "/", "http://tokens.test").searchParams;
    const scopes = query.getAll("scope").flatMap((scope) => scope.split(" "));
    const login = basicLogin(request);
    const known = login?.user === options.user && login.password === options.password;
    const granted = login === undefined || known;
    asked.push({ user: login?.user, scopes, granted });
    if (!granted) {
      response.writeHead(401, { "content-type": "application/json" });
      response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "wrong name or password" }] }));
      return;
    }
    const access = scopes.flatMap((scope) => grant(scope, known, options.publicPrefix));
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ token: signToken(options, login?.user ?? "", access), expires_in: 300 }));
  };
  const server = options.tls === undefined ? createServer(answer) : createSecureServer(options.tls, answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return {
    realm: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}/token`,
    service,
    issuer,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function basicLogin(request: IncomingMessage): { user: string; password: string } | undefined {
  const [scheme, encoded] = (request.headers.authorization ?? "").split(" ");
  if (scheme?.toLowerCase() !== "basic" || encoded === undefined) return undefined;
  const text = Buffer.from(encoded, "base64").toString("utf8");
  const colon = text.indexOf(":");
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** What a scope (`repository:team/app:pull,push`) gives to this caller: nothing, or what was asked for. */
function grant(scope: string, known: boolean, publicPrefix: string): Access[] {
  const [type = "", name = "", actions = ""] = scope.split(":");
  if (known) return [{ type, name, actions: actions.split(",") }];
  return type === "repository" && name.startsWith(publicPrefix) ? [{ type, name, actions: ["pull"] }] : [];
}

function signToken(options: TokenServerOptions, subject: string, access: readonly Access[]): string {
  const chain = [new X509Certificate(options.signer.cert).raw.toString("base64")];
  const now = Math.floor(Date.now() / 1_000);
  const signed = [
    { typ: "JWT", alg: "ES256", x5c: chain },
    { iss: issuer, aud: service, sub: subject, iat: now, nbf: now - 10, exp: now + 300, jti: randomUUID(), access },
  ]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  const key = createPrivateKey(options.signer.key);
  const signature = sign("sha256", Buffer.from(signed), { key, dsaEncoding: "ieee-p1363" });
  return `${signed}.${signature.toString("base64url")}`;
}
