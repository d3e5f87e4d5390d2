import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { stringify } from "yaml";
import { makeCertificates } from "../support/certificates.ts";
import { FakeProxy } from "../support/fake-proxy.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import type { Handler } from "../support/fake-registry/exchange.ts";
import { basicGuard } from "../support/fake-registry/guard.ts";
import { altered, redirect, refusal } from "../support/fake-registry/replies.ts";
import { TokenServer } from "../support/fake-registry/token-server.ts";
import { givesLogin, makeHelperProgram } from "../support/helper-program.ts";
import { makeImage } from "../support/images.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { testOn } from "../support/shared.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

// A secret in every place one can stand, by the real command, and everything it says read for any of them.

const image = makeImage({ seed: 1, layerBytes: [5_000] });
/** With a layer so large that where its upload stands is noted in the state directory. */
const large = makeImage({ seed: 2, layerBytes: [64 * 1024 * 1024] });

/** What must never be shown, by where it stands. Each is found by its own text. */
const secrets = {
  password: "secret-in-creds-5b1e",
  identityToken: "secret-identity-token-91c7",
  helper: "secret-of-helper-33fa",
  proxy: "secret-of-proxy-c08d",
  dockerFile: "secret-in-docker-config-77e0",
  dockerVariable: "secret-in-docker-variable-e4b2",
  signature: "secret-in-signed-address-a15c",
  listener: "secret-of-listener-6d20",
} as const;

/** Each secret, and the forms in which it goes over the wire. */
const forbidden = [
  ...Object.values(secrets),
  ...Object.values(secrets).map((secret) => Buffer.from(`mirror:${secret}`).toString("base64")),
  "-----BEGIN PRIVATE KEY-----",
];

interface Stage extends AsyncDisposable {
  readonly registries: readonly FakeRegistry[];
  readonly tokens: TokenServer;
  readonly target: FakeRegistry;
  /** Mirrors everything, to names of the target that begin with `prefix`, also the large image when that is wanted. */
  readonly config: (prefix: string, withLarge?: boolean) => string;
  readonly env: Readonly<Record<string, string>>;
  /** The client's key without its frame. */
  readonly key: string;
}

const test = testOn(async (): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const { server, client, authority } = await makeCertificates();
  const home = started.use(await makeTempFolder("secrets"));
  const helper = started.use(
    await makeHelperProgram("docker-credential-secrets", givesLogin("mirror", secrets.helper)),
  );
  const tokens = started.use(await TokenServer.start({ identityTokens: { [secrets.identityToken]: "mirror" } }));
  const lets = (password: string) => ({ guard: basicGuard({ mirror: password }) });
  const start = async (options: Parameters<typeof FakeRegistry.start>[0]): Promise<FakeRegistry> => {
    const registry = started.use(await FakeRegistry.start(options));
    registry.add("app", image, "v1");
    return registry;
  };
  const byPassword = await start(lets(secrets.password));
  const byToken = await start({ guard: tokens.guard() });
  const byHelper = await start(lets(secrets.helper));
  const byFile = await start(lets(secrets.dockerFile));
  const byVariable = await start(lets(secrets.dockerVariable));
  const byCertificate = await start({ tls: { ...server, clientAuthority: authority } });
  const behindProxy = await start({});
  behindProxy.add("large", large, "v1");
  const proxy = started.use(await FakeProxy.start(behindProxy.url.port));
  const target = started.use(await FakeRegistry.start());
  target.on(({ method, path }) => ["POST", "PATCH"].includes(method) && path.includes("/blobs/uploads/"), signed);

  const auth = (secret: string): string => Buffer.from(`mirror:${secret}`).toString("base64");
  const key = client.key.split("\n")[1] ?? "";
  await mkdir(join(home.path, "docker"));
  await writeFile(
    join(home.path, "docker", "config.json"),
    JSON.stringify({ auths: { [byFile.name]: { auth: auth(secrets.dockerFile) } } }),
  );
  const plain = { tls: "disabled" };
  const creds = [
    { registry: byPassword.name, ...plain, user: "mirror", pass: '{{env "MIRROR_PASSWORD"}}' },
    { registry: byToken.name, ...plain, token: secrets.identityToken },
    { registry: byHelper.name, ...plain, credHelper: "docker-credential-secrets" },
    { registry: byFile.name, ...plain },
    { registry: byVariable.name, ...plain },
    { registry: byCertificate.name, regcert: authority, clientCert: client.cert, clientKey: client.key },
    { registry: "behind-proxy.test", ...plain },
    { registry: target.name, ...plain },
  ];
  const registries = [byPassword, byToken, byHelper, byFile, byVariable, byCertificate, behindProxy];
  const names = creds.slice(0, -1).map(({ registry }) => registry);
  const syncTo = (prefix: string, withLarge: boolean): unknown =>
    [...names.map((name) => `${name}/app`), ...(withLarge ? ["behind-proxy.test/large"] : [])].map((source, at) => ({
      source: `${source}:v1`,
      target: `${target.name}/${prefix}/copy-${at}:v1`,
      type: "image",
      interval: "1h",
    }));
  const defaults = { parallel: 8, jitter: "off", timeouts: { answer: "2s", stall: "2s" } };
  const listening = { listen: "127.0.0.1:0", token: secrets.listener };
  const kept = started.move();
  return {
    registries,
    tokens,
    target,
    key,
    config: (prefix, withLarge = false) =>
      stringify({ version: 1, creds, defaults, server: listening, sync: syncTo(prefix, withLarge) }),
    env: {
      ...helper.environment,
      MIRROR_PASSWORD: secrets.password,
      DOCKER_CONFIG: join(home.path, "docker"),
      DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [byVariable.name]: { auth: auth(secrets.dockerVariable) } } }),
      HTTP_PROXY: proxy.address.replace("http://", `http://mirror:${secrets.proxy}@`),
      NO_PROXY: "127.0.0.1",
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
});

/** The place of an upload as some registries name it: whoever knows the address is let in. */
const signed: Handler = altered((reply) => {
  const location = reply.headers?.["location"];
  if (typeof location !== "string") return reply;
  const mark = location.includes("?") ? "&" : "?";
  return {
    ...reply,
    headers: { ...reply.headers, location: `${location}${mark}X-Amz-Signature=${secrets.signature}` },
  };
});

/** Answers to every request for content, in the order in which they are tried. */
const troubles: Readonly<Record<string, Handler | undefined>> = {
  "no trouble": undefined,
  "refusals that repeat what they were shown": ({ request }) =>
    refusal(403, "DENIED", `not with ${request.headers.authorization} at ${request.target}?sig=x`),
  "refusals and warnings that repeat passwords and tokens alone": ({ request }) => {
    const [scheme, shown = ""] = (request.headers.authorization ?? "").split(" ");
    const words = scheme === "Basic" ? `${shown} ${Buffer.from(shown, "base64").toString()}` : shown;
    const refused = refusal(403, "DENIED", `${"x".repeat(500)} ${words}`);
    return { ...refused, headers: { ...refused.headers, warning: `299 - "not with ${words}"` } };
  },
  "logins that are never good enough": ({ request }) => ({
    ...refusal(401, "UNAUTHORIZED", "no"),
    headers: { "www-authenticate": `Basic realm="${request.headers.authorization ?? ""}"` },
  }),
  "redirects to signed addresses that lead nowhere": ({ request }) =>
    redirect(`file://x${request.path}?X-Amz-Signature=${secrets.signature}`),
  "redirects with a password in them": () => redirect(`http://mirror:${secrets.signature}@127.0.0.1/`),
  "signed addresses where nobody is": () => redirect(`http://127.0.0.1:1/?X-Amz-Signature=${secrets.signature}`),
  "connections that break": "reset",
  "errors of the server": { status: 500 },
};

describe.skipIf(!haveTools("openssl"))("no secret is shown with", () => {
  for (const [number, [name, trouble]] of Object.entries(troubles).entries()) {
    test(name, async ({ stage }) => {
      const { registries, env, key } = stage;
      const config = stage.config(`run-${number}`);
      if (trouble !== undefined) for (const registry of registries) registry.on("GET /v2/app/*", trouble);

      const args = ["once", "-v", "trace", "--output", "json", ...(number % 2 === 0 ? ["--logopt", "json"] : [])];
      const { exit, stdout, stderr } = await runProgram(args, { config, env });

      const said = stdout + stderr;
      const shown = [...forbidden, key, ...stage.tokens.issued.map(({ token }) => token)].filter((secret) =>
        said.includes(secret),
      );
      expect(shown).toEqual([]);
      expect(exit, name).toBe(trouble === undefined ? 0 : 1);
      expect(said).toContain("Request sent");
    });
  }

  for (const name of ["no trouble", "refusals that repeat what they were shown"]) {
    test(`${name} in what a server answers, says and remembers`, { timeout: 60_000 }, async ({ stage }) => {
      const { registries, env, key } = stage;
      const trouble = troubles[name];
      if (trouble !== undefined) for (const registry of registries) registry.on("GET /v2/app/*", trouble);
      await using memory = await makeTempFolder("secrets-state");
      const args = ["server", "-v", "trace", "--logopt", "json", "--state-dir", memory.path];
      const config = stage.config(trouble === undefined ? "served" : "served-in-trouble", trouble === undefined);

      await using program = await startProgram(args, { config, env });
      const [, url = ""] = await program.said(/"url":"(http[^"]+)"/);
      const answers: string[] = [];
      const ask = async (path: string, method = "GET", authorization = `Bearer ${secrets.listener}`) => {
        const answer = await fetch(`${url}${path}`, { method, headers: { authorization } });
        const text = await answer.text();
        answers.push(JSON.stringify([...answer.headers]), text);
        return text;
      };
      await expect
        .poll(async () => (await ask("/api/v1/runs")).match(/"outcome":\s*"(success|failed|partial)"/g)?.length, {
          timeout: 40_000,
        })
        .toBe(registries.length + (trouble === undefined ? 1 : 0));
      for (const path of ["/metrics", "/healthz?verbose", "/readyz?verbose", "/livez", "/api/v1/openapi.json"])
        await ask(path);
      const entries: unknown = JSON.parse(await ask("/api/v1/entries"));
      for (const entry of namesIn(entries)) await ask(`/api/v1/entries/${encodeURIComponent(entry)}`);
      await ask("/-/reload", "POST");
      await ask("/api/v1/entries", "GET", `Bearer no-${secrets.listener.toUpperCase()}`);
      const remembered = await contentOf(memory.path);
      program.signal("SIGTERM");
      const { exit, stdout, stderr } = await program.ended;
      const left = await contentOf(memory.path);

      const shown = { answers: answers.join("\n"), said: stdout + stderr, remembered, left };
      const kept = [...forbidden, key, ...stage.tokens.issued.map(({ token }) => token)];
      const found = Object.entries(shown).flatMap(([where, text]) =>
        kept.filter((secret) => text.includes(secret)).map((secret) => `${secret} in ${where}`),
      );
      expect(found).toEqual([]);
      expect(exit, stderr).toBe(0);
      expect(shown.answers).toContain("regsync_step_up");
      // What was looked through is what is meant: only what was copied is remembered.
      expect(shown.left.includes(stage.target.name)).toBe(trouble === undefined);
    });
  }

  test("the configuration printed", async ({ stage: { config, env, key } }) => {
    const printed = await runProgram(["config"], { config: config("printed"), env });

    expect(printed.exit, printed.stderr).toBe(0);
    expect([...forbidden, key].filter((secret) => (printed.stdout + printed.stderr).includes(secret))).toEqual([]);
  });
});

/** The names in `GET /api/v1/entries`. */
function namesIn(document: unknown): string[] {
  const text = JSON.stringify(document);
  return Array.from(text.matchAll(/"name":"([^"]+)"/g), ([, name = ""]) => name);
}

/** Every byte of every file of a folder, as they stand on the disk. */
async function contentOf(folder: string): Promise<string> {
  const names = await readdir(folder);
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), "latin1")));
  return files.join("\n");
}
