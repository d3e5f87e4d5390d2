import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../src/base/clock.ts";
import { LoopWatch } from "../../src/serve/loop-watch.ts";
import { describe as describeApi } from "../../src/serve/openapi.ts";
import { routesOf } from "../../src/serve/listener.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { activeImage, entryStatus, FakeServer, runRecord } from "../support/fake-server.ts";
import { type AskOptions, Listening, token } from "../support/listening.ts";
import { silentLog } from "../support/silent-log.ts";

interface Described {
  readonly responses: Readonly<Record<string, { readonly content: Readonly<Record<string, { schema: object }>> }>>;
  readonly security: readonly object[];
}

type Paths = Readonly<Record<string, Readonly<Record<"get" | "post", Described | undefined>>>>;

const document = describeApi("v1.2.3");
const paths = document["paths"] as Paths; // checked against the routes below
const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat("date-time", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
ajv.addSchema({ $id: "api", ...document });

/** What is wrong with an answer, by what the document says of it; empty when nothing is. */
function faults(path: string, method: "get" | "post", answer: { status: number; type: string; text: string }): unknown {
  const described = paths[path]?.[method]?.responses[answer.status];
  if (described === undefined) return `no answer ${answer.status} is described for ${method} ${path}`;
  const content = described.content[answer.type];
  if (content === undefined) return `${answer.type} is not described for ${method} ${path}`;
  const pointer = `api#/paths/${path.replaceAll("/", "~1").replaceAll("{", "%7B").replaceAll("}", "%7D")}`;
  const place = `${pointer}/${method}/responses/${answer.status}/content/${answer.type.replaceAll("/", "~1")}/schema`;
  const isJson = answer.type.endsWith("json");
  return ajv.validate({ $ref: place }, isJson ? JSON.parse(answer.text) : answer.text) ? [] : ajv.errors;
}

const withToken = { token };
const post = { method: "POST", token };
const asked: readonly [path: string, target: string, options: AskOptions, status: number][] = [
  ["/livez", "/livez?verbose", {}, 200],
  ["/livez/{check}", "/livez/scheduler", {}, 200],
  ["/livez/{check}", "/livez/none", {}, 404],
  ["/readyz", "/readyz", {}, 200],
  ["/startupz", "/startupz", {}, 200],
  ["/healthz", "/healthz", {}, 503],
  ["/healthz", "/healthz", withToken, 503],
  ["/healthz", "/healthz?verbose", withToken, 503],
  ["/metrics", "/metrics", withToken, 200],
  ["/metrics", "/metrics", { token, headers: { accept: "application/openmetrics-text" } }, 200],
  ["/metrics", "/metrics", {}, 401],
  ["/api/v1/entries", "/api/v1/entries", withToken, 200],
  ["/api/v1/entries", "/api/v1/entries", {}, 401],
  ["/api/v1/entries/{name}", "/api/v1/entries/busy", withToken, 200],
  ["/api/v1/entries/{name}", "/api/v1/entries/new", withToken, 200],
  ["/api/v1/entries/{name}", "/api/v1/entries/none", withToken, 404],
  ["/api/v1/runs", "/api/v1/runs", withToken, 200],
  ["/api/v1/runs", "/api/v1/runs?limit=0", withToken, 400],
  ["/api/v1/entries/{name}/run", "/api/v1/entries/app/run", post, 202],
  ["/api/v1/entries/{name}/run", "/api/v1/entries/busy/run", post, 409],
  ["/api/v1/entries/{name}/run", "/api/v1/entries/none/run", post, 404],
  ["/api/v1/entries/{name}/run", "/api/v1/entries/app/run", { method: "POST" }, 401],
  ["/api/v1/entries/{name}/cancel", "/api/v1/entries/busy/cancel", post, 202],
  ["/api/v1/entries/{name}/cancel", "/api/v1/entries/app/cancel", post, 409],
  ["/api/v1/openapi.json", "/api/v1/openapi.json", withToken, 200],
  ["/-/reload", "/-/reload", post, 200],
];

test.each(asked)("what %s answers is what is described: %s %j %i", async (path, target, options, status) => {
  await using listening = await startBusy();

  const answer = await listening.ask(target, options);

  expect(answer.status).toBe(status);
  const type = answer.headers.get("content-type")?.split(";")[0] ?? "";
  const method = options.method === "POST" ? "post" : "get";
  expect(faults(path, method, { status, type, text: answer.text })).toEqual([]);
});

describe("answers that take another state", () => {
  test("a process that is stuck, a server that stops", async () => {
    await using listening = await startBusy();
    listening.server.isReady = false;

    const ready = await listening.ask("/readyz/work");
    const run = await listening.ask("/api/v1/entries/app/run", post);

    expect(faults("/readyz/{check}", "get", { status: ready.status, type: "text/plain", text: ready.text })).toEqual(
      [],
    );
    const type = "application/problem+json";
    expect(faults("/api/v1/entries/{name}/run", "post", { status: run.status, type, text: run.text })).toEqual([]);
    expect([ready.status, run.status]).toEqual([503, 503]);
  });

  test("a reload that changes something, one that is refused, and one that comes too late", async () => {
    await using listening = await startBusy();

    listening.server.reloading = () => Promise.resolve({ kind: "reloaded", added: 1, removed: 0, changed: 2 });
    const reloaded = await listening.ask("/-/reload", post);
    listening.server.reloading = () => Promise.resolve({ kind: "rejected", message: "no" });
    const rejected = await listening.ask("/-/reload", post);
    listening.server.reloading = () => Promise.resolve({ kind: "stopping" });
    const stopping = await listening.ask("/-/reload", post);

    expect(faults("/-/reload", "post", { status: 200, type: "application/json", text: reloaded.text })).toEqual([]);
    const type = "application/problem+json";
    expect(faults("/-/reload", "post", { status: rejected.status, type, text: rejected.text })).toEqual([]);
    expect(faults("/-/reload", "post", { status: stopping.status, type, text: stopping.text })).toEqual([]);
    expect([rejected.status, stopping.status]).toEqual([422, 503]);
  });

  test("calls that are off", async () => {
    await using listening = await Listening.start();

    const { status, text } = await listening.ask("/-/reload", { method: "POST" });

    expect(status).toBe(403);
    expect(faults("/-/reload", "post", { status, type: "application/problem+json", text })).toEqual([]);
  });
});

test("an answer that is not as described would be noticed", () => {
  const text = JSON.stringify({ runs: [{ id: "1" }], more: 1 });

  expect(faults("/api/v1/runs", "get", { status: 200, type: "application/json", text })).not.toEqual([]);
});

test("exactly the routes there are are described, with who may use them", () => {
  const clock = new FakeClock();
  const status = new FakeServer(clock);
  using loop = new LoopWatch(clock);
  const parts = {
    address: { host: "", port: 0 },
    tls: undefined,
    token: undefined,
    health: { kind: "never" },
    status,
    controls: status,
    metrics: { text: () => Promise.resolve("") },
    version: "",
    copyStallMs: 0,
    clock: systemClock,
    log: silentLog,
  } as const;

  const routes = routesOf(parts, { ...parts, loop }).map(({ method, path, access }) => `${method} ${path} ${access}`);

  const accessOf = ({ security }: Described): string => {
    if (security.length === 0) return "open";
    return security.some((way) => Object.keys(way).length === 0) ? "read" : "write";
  };
  const described = Object.entries(paths).flatMap(([path, { get, post: posted }]) => [
    ...(get === undefined ? [] : [`GET ${path} ${accessOf(get)}`]),
    ...(posted === undefined ? [] : [`POST ${path} ${accessOf(posted)}`]),
  ]);
  expect(described.toSorted()).toEqual(routes.toSorted());
});

test("the document is served as it is, and names its version", async () => {
  await using listening = await startBusy();

  const { text } = await listening.ask("/api/v1/openapi.json", withToken);

  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(document)));
  expect(JSON.parse(text)).toMatchObject({ openapi: "3.1.0", info: { title: "regsync", version: "v1.2.3" } });
});

/** A server in which everything that can be shown is there once. */
async function startBusy(): Promise<Listening> {
  const listening = await Listening.start({ token });
  const { clock, server } = listening;
  const going = runRecord("busy", { id: "2", trigger: "api", endedMs: undefined, outcome: undefined });
  const bad = runRecord("busy", { outcome: "failed", errors: [{ code: "LOGIN_FAILED", message: "no" }] });
  server.config = { hash: "a1", loadedMs: 0, rejected: "line 3: no" };
  server.shown = [
    entryStatus("app"),
    entryStatus("busy", {
      phase: "running",
      runs: [going, bad],
      copying: [activeImage(clock.now())],
      troubles: ["failing"],
    }),
    entryStatus("new", { type: "image", schedule: "", runs: [], tags: undefined, lastSuccessMs: undefined }),
    entryStatus("bad", { phase: "refused", nextRunMs: undefined }),
  ];
  server.history = [going, bad, runRecord("app")];
  return listening;
}
