import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/base/secret.ts";
import type { PlainFetch } from "../../../src/registry/plain-request.ts";
import { makeCertificates } from "../../support/certificates.ts";
import { moveBlobsToStorage } from "../../support/fake-registry/blob-storage.ts";
import { basicGuard, type Guard } from "../../support/fake-registry/guard.ts";
import { cutShort, json, refusal } from "../../support/fake-registry/replies.ts";
import { TokenServer } from "../../support/fake-registry/token-server.ts";
import { FakeRegistry } from "../../support/fake-registry.ts";
import { hostSettings } from "../../support/host-settings.ts";
import { makeImage } from "../../support/images.ts";
import { clientId, LoginClient, passwordLogin } from "../../support/login-client.ts";

const tags = "/v2/a/b/tags/list";
const manifest = "/v2/a/b/manifests/v1";
const uploads = "/v2/a/b/blobs/uploads/";
const login = passwordLogin("me", "s3cret!");

async function startRegistry(guard?: Guard): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start(guard === undefined ? {} : { guard });
  for (const name of ["a/b", "c/d"]) registry.add(name, makeImage({ seed: 1 }), "v1");
  return registry;
}

describe("a host that asks for nothing", () => {
  test("is shown nothing, although there is a login for it", async () => {
    await using registry = await startRegistry();
    await using client = new LoginClient();

    const status = await client.ask(hostSettings(registry.name, { login }), tags);

    expect(status).toBe(200);
    expect(registry.requests().map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("keeps its 403, which is no question", async () => {
    await using registry = await startRegistry(() => refusal(403, "DENIED", "no", { "www-authenticate": "Basic" }));
    await using client = new LoginClient();

    expect(await client.ask(hostSettings(registry.name, { login }), tags)).toBe(403);
    expect(registry.count()).toBe(1);
  });

  test.each([
    ["says nothing about how to log in", {}],
    ["has an empty line about it", { "www-authenticate": "" }],
  ])("keeps its 401 when that %s", async (_what, headers) => {
    await using registry = await startRegistry(() => refusal(401, "UNAUTHORIZED", "no", headers));
    await using client = new LoginClient();

    expect(await client.ask(hostSettings(registry.name, { login }), tags)).toBe(401);
    expect(registry.count()).toBe(1);
  });
});

test("a host whose question cannot be read is said to be so, rather than to refuse", async () => {
  const challenge = "Bearer realm=https://auth.test/token,service=registry";
  await using registry = await startRegistry(() => refusal(401, "DENIED", "no", { "www-authenticate": challenge }));
  await using client = new LoginClient();

  await expect(client.ask(hostSettings(registry.name), tags)).rejects.toMatchObject({
    code: "LOGIN_FAILED",
    message: expect.stringContaining("its WWW-Authenticate header cannot be read"),
  });
});

describe("a host that asks for a password", () => {
  const guard = basicGuard({ me: "s3cret!" });

  test("is asked anonymously once, and with the password from then on", async () => {
    await using registry = await startRegistry(guard);
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login });

    const statuses = [await client.ask(host, tags), await client.ask(host, manifest)];

    expect(statuses).toEqual([200, 200]);
    expect(registry.requests().map(({ status }) => status)).toEqual([401, 200, 200]);
  });

  test("is shown a wrong password by one request, and everybody fails with the same words", async () => {
    await using registry = await startRegistry(guard);
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: passwordLogin("me", "wr0ng!") });

    const asked = await Promise.allSettled([tags, manifest, tags].map((path) => client.ask(host, path)));

    const failures = asked.map((result) => (result.status === "rejected" ? result.reason : undefined));
    expect(failures[0]).toMatchObject({ code: "LOGIN_FAILED", host: registry.name });
    expect(failures[0].message).toBe(
      `cannot log in to ${registry.name}: the configured user and password are not accepted: ` +
        `GET http://${registry.name}/v2/ answered 401: UNAUTHORIZED: authentication required`,
    );
    expect(failures[1]).toBe(failures[0]);
    expect(failures[2]).toBe(failures[0]);
    const withPassword = registry.requests().filter(({ headers }) => headers.authorization !== undefined);
    expect(withPassword.map(({ path }) => path)).toEqual([tags, "/v2/"]);
  });

  test("is left alone for a minute after a wrong password", async () => {
    await using registry = await startRegistry(guard);
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: passwordLogin("me", "wr0ng!") });
    await expect(client.ask(host, tags)).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    registry.forget();

    client.clock.advance(59_000);
    await expect(client.ask(host, manifest)).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    const during = registry.count();
    client.clock.advance(1_000);
    await expect(client.ask(host, manifest)).rejects.toMatchObject({ code: "LOGIN_FAILED" });

    expect(during).toBe(0);
    expect(registry.count()).toBeGreaterThan(0);
  });

  test("keeps its 401 for one repository when the password is good elsewhere", async () => {
    await using registry = await startRegistry((request) =>
      request.path.startsWith("/v2/a/b/") ? basicGuard({})(request) : guard(request),
    );
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login });

    expect(await client.ask(host, tags)).toBe(401);
    expect(await client.ask(host, "/v2/c/d/tags/list", { repository: "c/d" })).toBe(200);
  });

  test("fails in plain words when no password is configured", async () => {
    await using registry = await startRegistry(guard);
    await using client = new LoginClient();

    await expect(client.ask(hostSettings(registry.name), tags)).rejects.toThrow(
      `cannot log in to ${registry.name}: it asks for a user and a password, and none is configured for it`,
    );
  });

  test("gets the password rather than a token when it offers both ways", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry();
    await using client = new LoginClient();
    const both = [`Bearer realm="${tokens.realm}"`, 'Basic realm="x"'];
    registry.once("GET *", { status: 401, headers: { "www-authenticate": both } });

    expect(await client.ask(hostSettings(registry.name, { login }), tags)).toBe(200);
    expect(registry.requests()[1]?.headers.authorization).toMatch(/^Basic /);
    expect(tokens.issued).toEqual([]);
  });

  test("sends passwords as UTF-8", async () => {
    await using registry = await startRegistry(basicGuard({ jürgen: "pässwörd:✓" }));
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: passwordLogin("jürgen", "pässwörd:✓") });

    expect(await client.ask(host, tags)).toBe(200);
  });
});

describe("a host that asks for tokens", () => {
  test("gets one for what the request does, and again for the next request", async () => {
    await using tokens = await TokenServer.start({ passwords: { me: "s3cret!" }, service: "the service" });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login });

    const statuses = [await client.ask(host, tags), await client.ask(host, manifest)];

    expect(statuses).toEqual([200, 200]);
    expect(tokens.issued).toMatchObject([{ user: "me", form: "GET", scopes: ["repository:a/b:pull"] }]);
    expect(registry.requests().map(({ status }) => status)).toEqual([401, 200, 200]);
    const { query } = tokens.host.requests()[0] ?? expect.unreachable();
    expect(Object.fromEntries(query)).toEqual({
      service: "the service",
      scope: "repository:a/b:pull",
      client_id: clientId,
      account: "me",
    });
  });

  test("gets a token for nobody when no login is configured", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();

    expect(await client.ask(hostSettings(registry.name), tags)).toBe(200);
    expect(tokens.issued).toMatchObject([{ user: undefined }]);
  });

  test("gets a better token for writing, which then does for reading too", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);

    await client.ask(host, tags);
    await client.ask(host, uploads, { method: "POST", access: "pull,push" });
    await client.ask(host, manifest);

    expect(tokens.issued.map(({ scopes }) => scopes)).toEqual([["repository:a/b:pull"], ["repository:a/b:pull,push"]]);
    expect(registry.requests().map(({ status }) => status)).toEqual([401, 200, 202, 200]);
  });

  test("gets a token for both repositories of a mount", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const digest = registry.repository("c/d").addBlob(Buffer.from("x"));

    const status = await client.ask(hostSettings(registry.name), `${uploads}?mount=${digest}&from=c/d`, {
      method: "POST",
      access: "pull,push",
      mountFrom: "c/d",
    });

    expect(status).toBe(201);
    expect(tokens.issued.map(({ scopes }) => scopes)).toEqual([["repository:a/b:pull,push", "repository:c/d:pull"]]);
  });

  test("gets a token for each repository, however many there are", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);

    await client.ask(host, tags);
    await client.ask(host, "/v2/c/d/tags/list", { repository: "c/d" });
    await client.ask(host, manifest);

    expect(tokens.issued.map(({ scopes }) => scopes)).toEqual([["repository:a/b:pull"], ["repository:c/d:pull"]]);
    expect(registry.count()).toBe(4);
  });

  test("is asked by every repository on its own with repoAuth", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { repoAuth: true });

    await client.ask(host, tags);
    await client.ask(host, "/v2/c/d/tags/list", { repository: "c/d" });

    expect(registry.requests().map(({ status }) => status)).toEqual([401, 200, 401, 200]);
  });

  test("gets the scopes it asks for besides those that are usual", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry();
    await using client = new LoginClient();
    const challenge = `Bearer realm="${tokens.realm}",scope="aws repository:a/b:delete"`;
    registry.once("GET *", { status: 401, headers: { "www-authenticate": challenge } });

    await client.ask(hostSettings(registry.name), tags);

    expect(tokens.issued.map(({ scopes }) => scopes)).toEqual([["repository:a/b:delete,pull", "aws"]]);
  });

  test("that wants more than what is usual is shown what it wanted from then on, and nothing less before", async () => {
    await using tokens = await TokenServer.start();
    // Behind a proxy, where its repositories have other names.
    const guard = tokens.guard();
    await using registry = await startRegistry((request) =>
      guard({ ...request, path: request.path.replace("/v2/", "/v2/inner/") }),
    );
    await using client = new LoginClient();
    const host = hostSettings(registry.name);
    await client.ask(host, tags);
    await client.ask(host, "/v2/c/d/tags/list", { repository: "c/d" });
    registry.forget();

    for (let time = 0; time < 3; time++) {
      expect(await client.ask(host, "/v2/c/d/tags/list", { repository: "c/d" })).toBe(200);
    }

    expect(registry.count()).toBe(3);
  });

  test("gets a token for its catalogue", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();

    expect(await client.ask(hostSettings(registry.name), "/v2/_catalog", { repository: undefined })).toBe(200);
    expect(tokens.issued.map(({ scopes }) => scopes)).toEqual([["registry:catalog:*"]]);
  });

  test("makes everybody who needs the same token at once wait for one", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);

    const statuses = await Promise.all([tags, manifest, tags, manifest].map((path) => client.ask(host, path)));

    expect(statuses).toEqual([200, 200, 200, 200]);
    expect(tokens.issued).toHaveLength(1);
  });

  test("gets a new token shortly before the old one ends", async () => {
    await using tokens = await TokenServer.start({ lifetimeSeconds: 300 });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);

    await client.ask(host, tags);
    client.clock.advance(269_000);
    await client.ask(host, tags);
    const before = tokens.issued.length;
    client.clock.advance(2_000);
    await client.ask(host, tags);

    expect(before).toBe(1);
    expect(tokens.issued).toHaveLength(2);
    expect(registry.requests().map(({ status }) => status)).toEqual([401, 200, 200, 200]);
  });

  test("gets a new token when it does not take the old one any more", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);
    await client.ask(host, tags);
    tokens.expireTokens();

    expect(await client.ask(host, tags)).toBe(200);
    expect(tokens.issued).toHaveLength(2);
  });

  test("keeps its 401 when it gives tokens that it does not take", async () => {
    await using tokens = await TokenServer.start({ grants: () => [] });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);

    const statuses = [await client.ask(host, tags), await client.ask(host, tags)];

    expect(statuses).toEqual([401, 401]);
    expect(registry.count()).toBe(3);
    expect(tokens.issued).toHaveLength(2);
  });

  test("is never asked more than three times for one request, whatever it wants next", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry();
    await using client = new LoginClient();
    let asked = 0;
    registry.on("GET *", () => {
      asked += 1;
      const challenge = `Bearer realm="${tokens.realm}",scope="repository:a/b:action${asked}"`;
      return { status: 401, headers: { "www-authenticate": challenge } };
    });

    expect(await client.ask(hostSettings(registry.name), tags)).toBe(401);
    expect(asked).toBe(3);
  });

  test("keeps to its first token server when another one is named for a token that has ended", async () => {
    await using tokens = await TokenServer.start();
    await using other = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);
    await client.ask(host, tags);
    const elsewhere = `Bearer realm="${other.realm}",service="registry",error="invalid_token"`;
    registry.once("GET *", { status: 401, headers: { "www-authenticate": elsewhere } });

    expect(await client.ask(host, tags)).toBe(200);
    expect(other.issued).toEqual([]);
    expect(tokens.issued).toHaveLength(2);
  });

  test("is asked anew where to get tokens when its token server is gone", async () => {
    await using registry = await startRegistry();
    await using client = new LoginClient();
    const host = hostSettings(registry.name);
    const gone = await TokenServer.start();
    const realm = gone.realm;
    await gone[Symbol.asyncDispose]();
    registry.once("GET *", { status: 401, headers: { "www-authenticate": `Bearer realm="${realm}"` } });

    await expect(client.ask(host, tags)).rejects.toMatchObject({ code: "REGISTRY_UNREACHABLE" });
    expect(await client.ask(host, tags)).toBe(200);
  });
});

describe("a token server", () => {
  test("is shown a wrong password by one request, and everybody fails with the same words", async () => {
    await using tokens = await TokenServer.start({ passwords: { me: "s3cret!" } });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: passwordLogin("me", "wr0ng!") });
    const repositories = ["a/b", "c/d", "e/f"];

    const asked = await Promise.allSettled(
      repositories.map((repository) => client.ask(host, `/v2/${repository}/tags/list`, { repository })),
    );

    const failures = asked.map((result) => (result.status === "rejected" ? result.reason : undefined));
    expect(failures[0]).toMatchObject({ code: "LOGIN_FAILED", host: registry.name });
    expect(failures[0].message).toContain("not accepted");
    expect(failures[0].message).toContain("answered 401: UNAUTHORIZED: incorrect username or password");
    expect(failures[0].message).not.toMatch(/wr0ng|me%|account=me/);
    expect(failures[1]).toBe(failures[0]);
    expect(failures[2]).toBe(failures[0]);
    const scopes = tokens.host.requests().map(({ query }) => query.get("scope"));
    expect(new Set(scopes.filter((scope) => scope !== null)).size).toBe(1);
  });

  test("that refuses one repository does not make the login a wrong one", async () => {
    await using tokens = await TokenServer.start({ passwords: { me: "s3cret!" } });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login });
    tokens.host.once("GET /token", refusal(401, "DENIED", "not for you"));

    await using denied = await client.answer(host, tags);
    const other = await client.ask(host, "/v2/c/d/tags/list", { repository: "c/d" });

    expect(denied.status).toBe(401);
    expect(await bodyText(denied.body)).toContain("not for you");
    expect(other).toBe(200);
  });

  test("that says 403 is heard in its own words", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    tokens.host.on("GET /token", refusal(403, "DENIED", "requested access to the resource is denied"));

    await using answer = await client.answer(hostSettings(registry.name), tags);

    expect(answer.status).toBe(403);
    expect(await bodyText(answer.body)).toContain("requested access to the resource is denied");
  });

  test("that is busy hands on its answer, with the time to wait", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name);
    tokens.host.once("GET /token", { status: 429, headers: { "retry-after": "7" } });

    await using busy = await client.answer(host, tags);

    expect(busy.status).toBe(429);
    expect(busy.header("retry-after")).toBe("7");
    expect(await client.ask(host, tags)).toBe(200);
  });

  test.each([
    ["no JSON", { status: 200, body: "<html>" }, "its token server answers something else than JSON"],
    ["no token", json(200, { token: "" }), "its token server gives no token"],
    [
      "a token with a line end",
      json(200, { token: "a\r\nx: y" }),
      "its token server gives a token that cannot be sent",
    ],
    ["that it does not exist", { status: 404 }, "answered 404: Not Found"],
    ["that it does not like the scope", refusal(400, "INVALID_REQUEST", "bad scope"), "INVALID_REQUEST: bad scope"],
  ])("that answers with %s is no login", async (_what, reply, message) => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    tokens.host.on("GET /token", reply);

    const asked = client.ask(hostSettings(registry.name), tags);

    await expect(asked).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    await expect(asked).rejects.toThrow(message);
  });

  test("whose answer was damaged on its way is asked once more", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    tokens.host.once("GET /token", cutShort(5, "until-close"));

    expect(await client.ask(hostSettings(registry.name), tags)).toBe(200);
    expect(tokens.host.count()).toBe(2);
  });

  test("is believed whatever it calls its JSON, and under both names of the token", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry((request) =>
      request.headers.authorization === "Bearer right" ? undefined : tokens.challenge([]),
    );
    await using client = new LoginClient();
    const body = JSON.stringify({ token: "wrong", access_token: "right" });
    tokens.host.on("GET /token", { status: 200, headers: { "content-type": "text/plain" }, body });

    expect(await client.ask(hostSettings(registry.name), tags)).toBe(200);
  });

  test("gets an identity token in the POST form", async () => {
    await using tokens = await TokenServer.start({ identityTokens: { "1dentity": "me" }, service: "s" });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: { kind: "identityToken", token: new Secret("1dentity") } });

    expect(await client.ask(host, tags)).toBe(200);
    expect(tokens.issued).toMatchObject([{ user: "me", form: "POST", scopes: ["repository:a/b:pull"] }]);
  });

  test("that refuses an identity token makes the login fail", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: { kind: "identityToken", token: new Secret("1dentity") } });

    await expect(client.ask(host, tags)).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    expect(tokens.issued).toEqual([]);
  });

  test("that knows no POST form is asked in the GET form", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login: { kind: "identityToken", token: new Secret("1dentity") } });
    tokens.host.on("POST /token", { status: 405 });

    expect(await client.ask(host, tags)).toBe(200);
    expect(tokens.issued).toMatchObject([{ user: undefined, form: "GET" }]);
  });

  test("that gave a refresh token gets it instead of the password, as long as it takes it", async () => {
    await using tokens = await TokenServer.start({ passwords: { me: "s3cret!" }, refreshTokens: true });
    await using registry = await startRegistry(tokens.guard());
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login });

    await client.ask(host, tags);
    client.clock.advance(300_000);
    await client.ask(host, tags);
    tokens.host.once("POST /token", { status: 400 });
    client.clock.advance(300_000);
    await client.ask(host, tags);

    expect(tokens.issued.map(({ form, user }) => [form, user])).toEqual([
      ["GET", "me"],
      ["POST", "me"],
      ["GET", "me"],
    ]);
  });

  test("keeps the query of its own address", async () => {
    await using tokens = await TokenServer.start();
    await using registry = await startRegistry();
    await using client = new LoginClient();
    const challenge = `Bearer realm="${tokens.realm}?tenant=x%20y&flag"`;
    registry.once("GET *", { status: 401, headers: { "www-authenticate": challenge } });

    await client.ask(hostSettings(registry.name), tags);

    expect(tokens.host.requests()[0]?.target).toMatch(/^\/token\?tenant=x%20y&flag&scope=/);
  });

  test("may be named by a path on the host itself", async () => {
    await using registry = await startRegistry();
    await using client = new LoginClient();
    registry.once("GET /v2/*", { status: 401, headers: { "www-authenticate": 'Bearer realm="/auth"' } });
    registry.on("GET /auth", json(200, { token: "t" }));

    expect(await client.ask(hostSettings(registry.name), tags)).toBe(200);
    expect(registry.count("GET /auth")).toBe(1);
  });
});

describe("whom the login is given to", () => {
  test("is nobody that a redirect led to", async () => {
    await using registry = await startRegistry(basicGuard({ me: "s3cret!" }));
    await using storage = await moveBlobsToStorage(registry);
    await using client = new LoginClient();
    const digest = registry.repository("a/b").addBlob(Buffer.from("x"));
    storage.once("GET *", { status: 401, headers: { "www-authenticate": "Basic realm=x" } });
    const host = hostSettings(registry.name, { login });

    const statuses = [
      await client.ask(host, `/v2/a/b/blobs/${digest}`),
      await client.ask(host, `/v2/a/b/blobs/${digest}`),
    ];

    expect(statuses).toEqual([401, 200]);
    expect(storage.requests().map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
  });

  test("is not another host that an upload was sent to", async () => {
    await using registry = await startRegistry(basicGuard({ me: "s3cret!" }));
    await using other = await startRegistry(basicGuard({ me: "s3cret!" }));
    await using client = new LoginClient();
    const host = hostSettings(registry.name, { login });
    await client.ask(host, tags);

    await using answer = await client.send(
      {
        method: "PATCH",
        url: new URL(uploads, other.url),
        headers: {},
        body: { kind: "none" },
        host,
        repository: "a/b",
        access: "pull,push",
        mountFrom: undefined,
        lease: undefined,
        large: false,
        expectedBytes: 0,
        effort: "once",
      },
      AbortSignal.timeout(10_000),
    );

    expect(answer.status).toBe(401);
    expect(other.requests().map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("is no token server elsewhere, until the user says so", async () => {
    await using registry = await startRegistry();
    const tokenRequests: URL[] = [];
    const anywhere: PlainFetch = (url) => {
      tokenRequests.push(url);
      return Promise.resolve({ status: 200, headers: {}, text: '{"token":"t"}', masked: (part) => part });
    };
    await using client = new LoginClient(() => anywhere);
    const challenge = { "www-authenticate": 'Bearer realm="https://auth.elsewhere.example/token"' };

    registry.once("GET /v2/*", { status: 401, headers: challenge });
    const refused = client.ask(hostSettings(registry.name, { login }), tags);
    await expect(refused).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    await expect(refused).rejects.toThrow("it asks for its login at auth.elsewhere.example");
    expect(tokenRequests).toEqual([]);

    registry.once("GET /v2/*", { status: 401, headers: challenge });
    expect(await client.ask(hostSettings(registry.name), tags)).toBe(200);
    registry.once("GET /v2/*", { status: 401, headers: challenge });
    const trusting = hostSettings(registry.name, { login, realms: ["auth.elsewhere.example"] });
    expect(await client.ask(trusting, tags)).toBe(200);
    expect(tokenRequests).toHaveLength(2);
  });

  test("is no token server without TLS when the registry has it", async () => {
    const { server } = await makeCertificates();
    await using registry = await FakeRegistry.start({ tls: server });
    await using client = new LoginClient(() => () => expect.unreachable("a token was asked for"));
    const challenge = { "www-authenticate": `Bearer realm="http://${registry.name}/token"` };
    registry.on("GET *", { status: 401, headers: challenge });

    const asked = client.ask(hostSettings(registry.name, { tls: "insecure", login }), tags);

    await expect(asked).rejects.toMatchObject({ code: "LOGIN_FAILED" });
    await expect(asked).rejects.toThrow("it is not encrypted");
  });
});

test("goes on waiting for a token when another request that needs it is called off", async () => {
  const gate = Promise.withResolvers<void>();
  const slowly = (fetch: PlainFetch): PlainFetch => {
    return async (...request) => {
      await gate.promise;
      return await fetch(...request);
    };
  };
  await using tokens = await TokenServer.start();
  await using registry = await startRegistry(tokens.guard());
  await using client = new LoginClient(slowly);
  const host = hostSettings(registry.name);
  const hasty = new AbortController();

  const calledOff = client.ask(host, tags, { signal: hasty.signal });
  const patient = client.ask(host, tags);
  hasty.abort();
  await expect(calledOff).rejects.toMatchObject({ code: "INTERRUPTED" });
  gate.resolve();

  expect(await patient).toBe(200);
});

async function bodyText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
