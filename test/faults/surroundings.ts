import { stringify } from "yaml";
import type { Exchange } from "../support/fake-registry/exchange.ts";
import { FakeHost } from "../support/fake-registry/host.ts";
import type { Guard } from "../support/fake-registry/guard.ts";
import { basicGuard } from "../support/fake-registry/guard.ts";
import { refusal } from "../support/fake-registry/replies.ts";
import type { Reply } from "../support/fake-registry/reply.ts";
import { accessFor } from "../support/fake-registry/route.ts";
import { TokenServer } from "../support/fake-registry/token-server.ts";
import { passOn } from "../support/pass-on.ts";
import { content, tag } from "./content.ts";
import type { Scene } from "./kinds.ts";
import type { Stage } from "./stage.ts";

/** Whatever lets somebody in. None of it may ever be read anywhere. */
export const secrets = {
  user: "mirror",
  password: "password-c41f0b7d93e8",
  identityToken: "identity-2b96e5d7a1c0",
} as const;

/** The hosts of one case: proxies of its own before the registries of the stage. */
export interface Surroundings extends AsyncDisposable {
  readonly source: FakeHost;
  readonly target: FakeHost;
  readonly tokens: TokenServer;
  /** Where redirects lead. */
  readonly elsewhere: FakeHost;
  /** `regsync.yml`, with time limits in seconds of the run's own clock. */
  readonly config: (limitSeconds: number) => string;
  readonly challenge: (exchange: Exchange, error: "invalid_token" | "insufficient_scope") => Reply;
}

/** Starts the hosts of one case, whose repositories on the target are under `prefix`. */
export async function surround(stage: Stage, scene: Scene, prefix: string): Promise<Surroundings> {
  await using started = new AsyncDisposableStack();
  const tokens = started.use(
    await TokenServer.start({
      passwords: { [secrets.user]: secrets.password },
      identityTokens: { [secrets.identityToken]: secrets.user },
      lifetimeSeconds: 86_400,
    }),
  );
  const passwords = basicGuard({ [secrets.user]: secrets.password });
  const guard: Guard = scene.login === "password" ? passwords : tokens.guard();
  const behindSource = scene.entry === "referrers" ? stage.referrers : stage.source;
  const source = started.use(await FakeHost.start({}, passOn(behindSource, guard)));
  const target = started.use(await FakeHost.start({}, passOn(stage.target, guard)));
  const otherSource = started.use(await FakeHost.start({}, passOn(stage.source)));
  const otherTarget = started.use(await FakeHost.start({}, passOn(stage.target)));
  const elsewhere = started.use(
    await FakeHost.start({}, (incoming) =>
      passOn(isOfTarget(incoming.request.path, prefix) ? stage.target : behindSource)(incoming),
    ),
  );
  const login =
    scene.login === "identity token"
      ? { token: secrets.identityToken }
      : { user: secrets.user, pass: secrets.password };
  const chunks = scene.pieces ? { blobMax: 100_000, blobChunk: 65_536 } : {};
  const creds = [
    { registry: source.name, tls: "disabled", ...login },
    { registry: target.name, tls: "disabled", ...login, ...chunks },
    { registry: otherSource.name, tls: "disabled" },
    { registry: otherTarget.name, tls: "disabled" },
  ];
  const from = scene.entry === "same host" ? `${target.name}/here` : source.name;
  const sync = [
    entryOf(scene, from, `${target.name}/${prefix}`),
    image(`${from}/neighbour`, `${target.name}/${prefix}/neighbour`),
    image(`${otherSource.name}/beside`, `${otherTarget.name}/${prefix}/beside`),
  ];
  const kept = started.move();
  return {
    source,
    target,
    tokens,
    elsewhere,
    config: (limitSeconds) => {
      const timeouts = Object.fromEntries(["answer", "commit", "stall"].map((name) => [name, `${limitSeconds}s`]));
      return stringify({ version: 1, creds, defaults: { skipDockerConfig: true, timeouts }, sync });
    },
    challenge: ({ request }, error) => {
      if (guard === passwords) {
        return refusal(401, "UNAUTHORIZED", "authentication required", { "www-authenticate": 'Basic realm="fake"' });
      }
      const more = error === "invalid_token" ? [] : [{ type: "repository", name: "more/of", actions: ["pull"] }];
      return tokens.challenge([...accessFor(request), ...more], error);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

function isOfTarget(path: string, prefix: string): boolean {
  return path.startsWith(`/v2/${prefix}/`) || path.startsWith("/v2/here/");
}

function image(source: string, target: string): Record<string, unknown> {
  return { source: `${source}:${tag}`, target: `${target}:${tag}`, type: "image" };
}

function entryOf({ entry }: Scene, source: string, target: string): Record<string, unknown> {
  switch (entry) {
    case "image":
    case "same host":
      return image(`${source}/app`, `${target}/app`);
    case "referrers":
      return { ...image(`${source}/app`, `${target}/app`), referrers: true };
    case "repository":
      return { source: `${source}/app`, target: `${target}/app`, type: "repository" };
    case "registry":
      return { source, target, type: "registry", repos: { allow: ["app"] } };
  }
}

/** The digest that each repository of a case has under its tag when everything is done. */
export function wantedDigests({ entry }: Scene): Readonly<Record<"app" | "neighbour" | "beside", string>> {
  const app = entry === "referrers" ? content.subject : content.app;
  return { app: app.digest, neighbour: content.neighbour.digest, beside: content.beside.digest };
}
