import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { HostOptions } from "../../../src/oci/host.ts";
import { type DockerPlaces, readDockerHosts } from "../../../src/registry/credentials/docker-hosts.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { makeHelperProgram } from "../../support/helper-program.ts";
import { RecordingLog } from "../../support/silent-log.ts";
import { makeTempFolder } from "../../support/temp-folder.ts";

const nowhere: DockerPlaces = { configFolder: "", home: "", authConfig: "" };

interface Reading {
  readonly docker: readonly unknown[];
  readonly env: readonly unknown[];
  readonly log: RecordingLog;
}

async function read(places: Partial<DockerPlaces>, environment: Record<string, string> = {}): Promise<Reading> {
  const log = new RecordingLog();
  const rules = { environment, clock: new FakeClock() };
  const { docker, env } = await readDockerHosts({ ...nowhere, ...places }, rules, log, AbortSignal.timeout(10_000));
  return { docker: docker.map(summary), env: env.map(summary), log };
}

/** What a test wants to know of a login, with its secrets laid open. */
function summary({ registry, user, password, token, credHelper, credHost }: HostOptions): unknown {
  if (credHelper !== undefined) return { registry, credHelper, ...(credHost === undefined ? {} : { credHost }) };
  return token === undefined ? { registry, user, password: password?.reveal() } : { registry, token: token.reveal() };
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The logins in a document given by the environment. */
async function readDocument(document: unknown, environment: Record<string, string> = {}): Promise<Reading> {
  return await read({ authConfig: typeof document === "string" ? document : JSON.stringify(document) }, environment);
}

describe("where docker keeps its logins", () => {
  test("is its own folder, or the one in the home folder", async () => {
    await using folder = await makeTempFolder("docker");
    const config = (user: string): string => JSON.stringify({ auths: { "r.test": { auth: base64(`${user}:x`) } } });
    await mkdir(join(folder.path, ".docker"));
    await writeFile(join(folder.path, ".docker", "config.json"), config("home"));
    await writeFile(join(folder.path, "config.json"), config("own"));

    const own = await read({ configFolder: folder.path, home: "/nowhere" });
    const home = await read({ home: folder.path });

    expect([own.docker, home.docker]).toMatchObject([[{ user: "own" }], [{ user: "home" }]]);
  });

  test("need not be anywhere", async () => {
    await using folder = await makeTempFolder("docker");

    for (const places of [{}, { home: folder.path }, { configFolder: "/nowhere" }]) {
      expect(await read(places)).toMatchObject({ docker: [], env: [], log: { lines: [] } });
    }
  });

  test("is also a variable, apart from the file", async () => {
    await using folder = await makeTempFolder("docker");
    await writeFile(join(folder.path, "config.json"), '{"auths":{"a.test":{"username":"a","password":"x"}}}');

    const { docker, env } = await read({
      configFolder: folder.path,
      authConfig: '{"auths":{"b.test":{"username":"b","password":"y"}}}',
    });

    expect([docker, env]).toMatchObject([[{ registry: "a.test" }], [{ registry: "b.test" }]]);
  });
});

describe("an entry of docker's logins", () => {
  test.each([
    ["base64 of both", { auth: base64("me:s3cret!") }, { user: "me", password: "s3cret!" }],
    ["a password with colons", { auth: base64("me:a:b:") }, { user: "me", password: "a:b:" }],
    ["NUL bytes at the end", { auth: base64("me:x\0\0") }, { user: "me", password: "x" }],
    ["blanks around", { auth: ` ${base64("me:x")}\n` }, { user: "me", password: "x" }],
    [
      "several lines of base64",
      { auth: base64(`me:${"x".repeat(100)}`).replaceAll(/.{76}/g, "$&\r\n") },
      { user: "me", password: "x".repeat(100) },
    ],
    ["letters outside ASCII", { auth: base64("jürgen:✓") }, { user: "jürgen", password: "✓" }],
    ["two fields", { username: "me", password: "x" }, { user: "me", password: "x" }],
    ["both forms", { auth: base64("a:b"), username: "c", password: "d" }, { user: "a", password: "b" }],
    ["an identity token", { identitytoken: "1d" }, { token: "1d" }],
    ["an identity token with a user", { auth: base64("00000000:"), identitytoken: "1d" }, { token: "1d" }],
  ])("may hold %s", async (_what, entry, login) => {
    const { env, log } = await readDocument({ auths: { "r.test": entry } });

    expect(env).toEqual([{ registry: "r.test", ...login }]);
    expect(log.lines).toEqual([]);
  });

  test.each([
    ["holds nothing", "r.test", {}],
    ["holds no password", "r.test", { auth: base64("me:") }],
    ["holds no user", "r.test", { auth: base64(":x") }],
    ["holds no colon", "r.test", { auth: base64("me") }],
    ["holds a token for the registry itself", "r.test", { registrytoken: "t" }],
    ["is about a part of a registry", "r.test/a", { auth: base64("me:x") }],
    ["is about another token of Docker Hub", "https://index.docker.io/v1/access-token", { auth: base64("me:x") }],
    ["has an empty name", "", { auth: base64("me:x") }],
  ])("that %s is passed over", async (_what, key, entry) => {
    const { env, log } = await readDocument({ auths: { [key]: entry } });

    expect(env).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  test.each([
    ["is no object", "s3cret!"],
    ["holds a number", { identitytoken: 123 }],
    ["holds no base64", { auth: "s3cret!" }],
  ])("that %s is passed over with a warning, and costs no other", async (_what, entry) => {
    const { env, log } = await readDocument({ auths: { bad: entry, "good.test": { username: "me", password: "x" } } });

    expect(env).toMatchObject([{ registry: "good.test" }]);
    expect(log.lines).toMatchObject([{ level: "warn", fields: { file: "DOCKER_AUTH_CONFIG", name: "bad" } }]);
    expect(JSON.stringify(log.lines)).not.toContain("s3cret!");
  });

  test("counts under the name that docker uses when there are several for one registry", async () => {
    const entry = (user: string): unknown => ({ username: user, password: "x" });

    const { env } = await readDocument({
      auths: {
        "https://r.test": entry("a"),
        "r.test": entry("b"),
        "https://r.test/": entry("c"),
        "https://index.docker.io/v1/": entry("d"),
        "docker.io": entry("e"),
      },
    });

    expect(env).toMatchObject([{ user: "b" }, { user: "d" }]);
  });

  test.each([["{"], ["[]"], ["null"], ['{"auths":"whatever"}'], ['{"credHelpers":{"a":7}}'], ['{"credsStore":7}']])(
    "is not looked for in %j",
    async (document) => {
      const { env, log } = await readDocument(document);

      expect(env).toEqual([]);
      expect(log.at("warn")).toEqual(["Logins of docker cannot be read"]);
    },
  );

  test("cannot change what all objects are", async () => {
    await readDocument('{"auths":{"__proto__":{"username":"me","password":"x"}},"__proto__":{"credsStore":"x"}}');

    expect(({} as { username?: string }).username).toBeUndefined(); // looks for what must not be there
  });
});

describe("helpers in docker's configuration", () => {
  test("are asked for exactly the key, but for Docker Hub, and count more than the file", async () => {
    const { env } = await readDocument({
      auths: { "a.test": { username: "me", password: "x" } },
      credHelpers: { "a.test": "ecr-login", "https://b.test": "gcloud", "docker.io": "pass", "c.test": "" },
    });

    expect(env).toEqual([
      { registry: "a.test", credHelper: "docker-credential-ecr-login", credHost: "a.test" },
      { registry: "https://b.test", credHelper: "docker-credential-gcloud", credHost: "https://b.test" },
      { registry: "docker.io", credHelper: "docker-credential-pass" },
    ]);
  });

  test.each([["../evil"], ["a b"], ["x;y"], ["/bin/sh"]])("cannot be called %j", async (suffix) => {
    const { env, log } = await readDocument({ credHelpers: { "a.test": suffix }, credsStore: suffix });

    expect(env).toEqual([]);
    expect(log.at("warn")).toHaveLength(2);
  });

  test("may be one store, which is asked what it knows", async () => {
    const known = JSON.stringify({
      "https://index.docker.io/v1/": "me",
      "https://index.docker.io/v1/refresh-token": "me",
      "https://a.test": "me",
      "b.test": "me",
      "c.test": "me",
    });
    await using store = await makeHelperProgram("docker-credential-store", `printf '%s' '${known}'`);

    const { env, log } = await readDocument(
      {
        auths: { "b.test": { username: "file", password: "x" }, "d.test": { username: "file", password: "x" } },
        credHelpers: { "c.test": "other" },
        credsStore: "store",
      },
      store.environment,
    );

    expect(env).toEqual([
      { registry: "d.test", user: "file", password: "x" },
      { registry: "c.test", credHelper: "docker-credential-other", credHost: "c.test" },
      { registry: "https://index.docker.io/v1/", credHelper: "docker-credential-store" },
      { registry: "https://a.test", credHelper: "docker-credential-store", credHost: "https://a.test" },
      { registry: "b.test", credHelper: "docker-credential-store", credHost: "b.test" },
    ]);
    expect(await store.calls()).toEqual(["list unused"]);
    expect(log.lines).toEqual([]);
  });

  test("may be a store that is not there, which costs nothing else", async () => {
    const { env, log } = await readDocument(
      { auths: { "d.test": { username: "file", password: "x" } }, credsStore: "desktop" },
      { PATH: "/nowhere" },
    );

    expect(env).toMatchObject([{ registry: "d.test" }]);
    expect(log.lines).toMatchObject([
      { level: "warn", fields: { err: "the credential helper docker-credential-desktop is not installed" } },
    ]);
  });
});

test("a file that may not be read is a warning", async () => {
  await using folder = await makeTempFolder("docker");
  await mkdir(join(folder.path, "config.json"));
  await chmod(folder.path, 0o700);

  const { docker, log } = await read({ configFolder: folder.path });

  expect(docker).toEqual([]);
  expect(log.at("warn")).toEqual(["Logins of docker cannot be read"]);
});
