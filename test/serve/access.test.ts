import { describe, expect, test } from "vitest";
import { Secret } from "../../src/base/secret.ts";
import { TokenCheck } from "../../src/serve/token.ts";
import { entryStatus } from "../support/fake-server.ts";
import { Listening, token } from "../support/listening.ts";

const readable = ["/metrics", "/api/v1/entries", "/api/v1/entries/app", "/api/v1/runs", "/api/v1/openapi.json"];
const writable = ["/api/v1/entries/app/run", "/api/v1/entries/app/cancel", "/-/reload"];

async function start(withToken?: string): Promise<Listening> {
  const listening = await Listening.start(withToken === undefined ? {} : { token: withToken });
  listening.server.shown = [entryStatus("app", { phase: "running" }), entryStatus("secret-project")];
  return listening;
}

test("everybody may read when no token is configured", async () => {
  await using listening = await start();

  for (const path of [...readable, "/healthz"]) expect((await listening.ask(path)).status, path).toBe(200);
});

test("nobody may write when no token is configured, whatever is shown", async () => {
  await using listening = await start();

  for (const path of writable) {
    const { status, text } = await listening.ask(path, { method: "POST", token: "any" });
    expect(status, path).toBe(403);
    expect(JSON.parse(text), path).toMatchObject({
      title: "Forbidden",
      detail: "calls that change something are off: no token is configured (server.token)",
    });
  }
  expect(listening.server.told).toEqual([]);
});

test("without the token nothing is read, written or even named", async () => {
  await using listening = await start(token);

  const ways = [
    {},
    { token: "guess" },
    { token: `${token}x` },
    { token: token.slice(1) },
    { headers: { authorization: "Basic Y29ycmVjdC1ob3JzZQ==" } },
    { headers: { authorization: `Bearer ${token} ${token}` } },
    { headers: { authorization: token } },
    { headers: { "x-token": token } },
  ];
  for (const way of ways) {
    for (const path of [...readable, "/api/v1/entries/none", "/nothing", "/"]) {
      const { status, text, headers } = await listening.ask(path, way);
      expect(status, path).toBe(401);
      expect(headers.get("www-authenticate"), path).toMatch(/^Bearer realm="regsync"/);
      expect(text, path).not.toMatch(/app|project/);
    }
    for (const path of writable) {
      expect((await listening.ask(path, { method: "POST", ...way })).status, path).toBe(401);
    }
  }
  expect((await listening.ask(`/api/v1/entries?token=${token}&access_token=${token}`)).status).toBe(401);
  expect(listening.server.told).toEqual([]);
});

test("without the token the method of a path is not told either", async () => {
  await using listening = await start(token);

  const { status, headers } = await listening.ask("/api/v1/entries", { method: "DELETE" });

  expect(status).toBe(401);
  expect(headers.has("allow")).toBe(false);
});

test("health without the token is one word", async () => {
  await using listening = await start(token);
  listening.server.shown = [entryStatus("secret-project", { troubles: ["no answer from internal.test"] })];

  const { status, text } = await listening.ask("/healthz?verbose");

  expect(status).toBe(503);
  expect(JSON.parse(text)).toEqual({ status: "failing" });
});

test("with the token everything is read and written", async () => {
  await using listening = await start(token);

  for (const path of readable) expect((await listening.ask(path, { token })).status, path).toBe(200);
  const written = [];
  for (const path of writable) written.push((await listening.ask(path, { method: "POST", token })).status);

  expect(written).toEqual([409, 202, 200]);
  expect(listening.server.told).toEqual(["run app", "cancel app", "reload"]);
});

test("the scheme of the header may be written in any case", async () => {
  await using listening = await start(token);

  expect((await listening.ask("/metrics", { headers: { authorization: `bEARER ${token}` } })).status).toBe(200);
});

test("an empty token lets nobody in", () => {
  const check = new TokenCheck(new Secret(""));

  expect(["Bearer ", "Bearer", "", undefined].map((header) => check.shown(header))).toEqual([
    "wrong",
    "wrong",
    "wrong",
    "nothing",
  ]);
});

describe("another token, while it listens,", () => {
  const rules = { health: { kind: "anyStale" }, copyStallMs: 3_600_000 } as const;

  test("is the only one from then on", async () => {
    await using listening = await start(token);
    const reload = async (shown: string) => (await listening.ask("/-/reload", { method: "POST", token: shown })).status;
    expect([await reload(token), await reload("renewed")]).toEqual([200, 401]);

    listening.listener.useRules({ ...rules, token: new Secret("renewed") });

    expect([await reload(token), await reload("renewed")]).toEqual([401, 200]);
  });

  test("closes what was open, and none opens what was closed but for changes", async () => {
    await using listening = await start();
    const statuses = async () => [
      (await listening.ask("/metrics")).status,
      (await listening.ask("/-/reload", { method: "POST" })).status,
    ];

    listening.listener.useRules({ ...rules, token: new Secret(token) });
    expect(await statuses()).toEqual([401, 401]);
    listening.listener.useRules({ ...rules, token: undefined });
    expect(await statuses()).toEqual([200, 403]);
  });
});

test("the token is in no line of the log", async () => {
  await using listening = await start(token);

  await listening.ask("/-/reload", { method: "POST", token });
  await listening.ask("/api/v1/entries/app/run", { method: "POST", token: `${token}x` });

  expect(listening.log.lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(listening.log.lines)).not.toContain(token);
});
