import { describe, expect, test } from "vitest";
import { ClientMetrics } from "../../src/registry/client-metrics.ts";
import { Helpers } from "../../src/registry/credentials/helpers.ts";
import { Logins } from "../../src/registry/login/logins.ts";
import { withLogin } from "../../src/registry/login/with-login.ts";
import { type Operation, operationOf } from "../../src/registry/operation.ts";
import { descriptorOf } from "../support/blobs.ts";
import { makeRequest } from "../support/exchange.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { redirect, withHeaders } from "../support/fake-registry/replies.ts";
import { TokenServer } from "../support/fake-registry/token-server.ts";
import { hostSettings } from "../support/host-settings.ts";
import { makeImage } from "../support/images.ts";
import { passwordLogin } from "../support/login-client.ts";
import { counted, openMetrics, readings } from "../support/readings.ts";
import { TestClient, type TestClientOptions, unhurried } from "../support/registry-client.ts";
import { RecordingLog } from "../support/silent-log.ts";

const image = makeImage({ seed: 1 });
const secure = hostSettings("hub.test", { tls: "enabled" });
const digest = `sha256:${"a".repeat(64)}`;

async function startRegistry(): Promise<FakeRegistry> {
  const registry = await FakeRegistry.start();
  registry.add("a/b", image, "v1");
  return registry;
}

async function startClient(options: TestClientOptions = {}) {
  const metrics = await openMetrics();
  return { metrics, client: new TestClient({ metrics, ...options }) };
}

describe("requests", () => {
  test("are counted by what they are about and how they were answered", async () => {
    await using registry = await startRegistry();
    const { metrics, client } = await startClient();
    await using _client = client;
    const repository = client.repository(registry);

    await repository.headManifest("v1", unhurried());
    await repository.headManifest("none", unhurried());
    await repository.listTags(unhurried());

    const host = `host="${registry.name}"`;
    expect(await counted(metrics, "regsync_http_client_requests_total")).toEqual({
      [`${host},method="HEAD",op="manifest",code="2xx"`]: 1,
      [`${host},method="HEAD",op="manifest",code="4xx"`]: 1,
      [`${host},method="GET",op="tags",code="2xx"`]: 1,
    });
    expect(await counted(metrics, "regsync_http_client_request_duration_seconds_count")).toEqual({
      [`${host},op="manifest"`]: 2,
      [`${host},op="tags"`]: 1,
    });
  });

  test("that get no answer are errors, and each repetition is one more", async () => {
    await using registry = await startRegistry();
    const { metrics, client } = await startClient();
    await using _client = client;
    registry.once("HEAD *", { status: 503 });
    registry.once("HEAD *", { status: 429 });
    registry.once("HEAD *", "reset");

    await client.repository(registry).headManifest("v1", unhurried());

    const host = `host="${registry.name}"`;
    expect(await counted(metrics, "regsync_http_client_retries_total")).toEqual({
      [`${host},reason="unavailable"`]: 1,
      [`${host},reason="throttled"`]: 1,
      [`${host},reason="unreachable"`]: 1,
    });
    expect(await counted(metrics, "regsync_http_client_requests_total")).toEqual({
      [`${host},method="HEAD",op="manifest",code="2xx"`]: 1,
      [`${host},method="HEAD",op="manifest",code="4xx"`]: 1,
      [`${host},method="HEAD",op="manifest",code="5xx"`]: 1,
      [`${host},method="HEAD",op="manifest",code="error"`]: 1,
    });
  });

  test("that were stopped from outside say nothing of the host", async () => {
    await using registry = await startRegistry();
    const { metrics, client } = await startClient();
    await using _client = client;
    const stopping = new AbortController();
    registry.on("HEAD *", () => {
      stopping.abort();
      return "silence";
    });

    await expect(client.repository(registry).headManifest("v1", stopping.signal)).rejects.toThrow("interrupted");

    expect(await counted(metrics, "regsync_http_client_requests_total")).toEqual({});
  });

  test("elsewhere are counted for the host that sent us there", async () => {
    await using registry = await startRegistry();
    await using storage = await FakeRegistry.start();
    const content = Buffer.from("layer");
    storage.on("GET /layer", { status: 200, body: content });
    registry.on("GET /v2/a/b/blobs/*", redirect(new URL("/layer", storage.url)));
    const { metrics, client } = await startClient({ isLocalAddress: () => false });
    await using _client = client;
    const repository = client.repository(registry);
    const [limiter] = repository.readLimiters;

    using lease = await limiter!.take(unhurried());
    await using _download = await repository.openBlob(descriptorOf(content), lease, unhurried());

    const host = `host="${registry.name}"`;
    expect(await counted(metrics, "regsync_http_client_requests_total")).toEqual({
      [`${host},method="GET",op="blob",code="3xx"`]: 1,
      [`${host},method="GET",op="storage",code="2xx"`]: 1,
    });
  });

  test("of a host are there at zero as soon as its name is known", async () => {
    const { metrics, client } = await startClient();
    await using _client = client;

    client.repository({ name: "hub.test" });

    const series = await readings(metrics, "regsync_http_client_requests_total");
    expect(series['host="hub.test",method="PUT",op="manifest",code="5xx"']).toBe(0);
    expect(series['host="hub.test",method="GET",op="token",code="4xx"']).toBe(0);
    expect(new Set(Object.values(series))).toEqual(new Set([0]));
    expect(await readings(metrics, "regsync_http_client_retries_total")).toMatchObject({
      'host="hub.test",reason="throttled"': 0,
    });
    expect(await readings(metrics, "regsync_token_refresh_total")).toMatchObject({
      'host="hub.test",result="refused"': 0,
    });
  });
});

test.each<[string, Operation]>([
  ["https://hub.test/v2/", "ping"],
  ["https://hub.test/v2/_catalog?n=1", "catalog"],
  ["https://hub.test/v2/a/b/tags/list?n=1", "tags"],
  ["https://hub.test/v2/a/b/manifests/v1", "manifest"],
  [`https://hub.test/v2/a/b/referrers/${digest}`, "referrers"],
  [`https://hub.test/v2/a/b/blobs/${digest}`, "blob"],
  ["https://hub.test/v2/a/b/blobs/uploads/", "upload"],
  ["https://hub.test/v2/a/b/blobs/uploads/?mount=x", "upload"],
  ["https://hub.test/v2/a/b/blobs/uploads/1-2?_state=x", "upload"],
  ["https://hub.test/artifacts-uploads/a/b", "upload"],
  [`https://hub.test/v2/tags/manifests/blobs/${digest}`, "blob"],
  ["https://hub.test/v2/blobs/x/tags/list", "tags"],
  ["https://storage.test/v2/a/b/manifests/v1", "storage"],
])("%s is about %s", (url, operation) => {
  expect(operationOf({ ...makeRequest(), url: new URL(url), host: secure, repository: "a/b" })).toBe(operation);
});

test("what is asked of no repository is for a token", () => {
  const request = { ...makeRequest(), host: secure, repository: undefined };

  expect(operationOf({ ...request, url: new URL("https://auth.test/token") })).toBe("token");
  expect(operationOf({ ...request, url: new URL("https://hub.test/token") })).toBe("token");
});

test("tokens are counted by what came of asking for them", async () => {
  await using tokens = await TokenServer.start({ passwords: { me: "secret" } });
  await using registry = await FakeRegistry.start({ guard: tokens.guard() });
  registry.add("a/b", image, "v1");
  const metrics = await openMetrics();
  const clock = new FakeClock();
  const log = new RecordingLog();
  const helpers = new Helpers({ environment: {}, clock, log });
  const clientWith = (password: string): TestClient =>
    new TestClient({
      metrics,
      hosts: { [registry.name]: { login: passwordLogin("me", password), realms: [tokens.host.name] } },
      login: (send, fetch) => withLogin(send, new Logins({ fetch, helpers, clock, log, clientId: "test" })),
    });
  await using right = clientWith("secret");
  await using wrong = clientWith("guess");

  await right.repository(registry).headManifest("v1", unhurried());
  await expect(wrong.repository(registry).headManifest("v1", unhurried())).rejects.toThrow();

  const host = `host="${registry.name}"`;
  expect(await counted(metrics, "regsync_token_refresh_total")).toEqual({
    [`${host},result="granted"`]: 1,
    // The login as it is, and once more without asking for anything: that tells a bad login from missing rights.
    [`${host},result="refused"`]: 2,
  });
});

test("what a host says of its quota is shown for the account, which is not named", async () => {
  await using registry = await startRegistry();
  registry.on("HEAD *", withHeaders({ "ratelimit-limit": "100;w=21600", "ratelimit-remaining": "76;w=21600" }));
  const metrics = await openMetrics();
  await using anonymous = new TestClient({ metrics });
  await using known = new TestClient({ metrics, hosts: { [registry.name]: { login: passwordLogin("alice", "x") } } });

  await anonymous.repository(registry).headManifest("v1", unhurried());
  await known.repository(registry).headManifest("v1", unhurried());

  const limits = await readings(metrics, "regsync_ratelimit_limit");
  expect(Object.values(limits)).toEqual([100, 100]);
  expect(Object.keys(limits)[0]).toBe(`host="${registry.name}",account="anonymous"`);
  expect(Object.keys(limits)[1]).toMatch(/account="[0-9a-f]{8}"$/);
  expect(await readings(metrics, "regsync_ratelimit_remaining")).toMatchObject({
    [`host="${registry.name}",account="anonymous"`]: 76,
  });
});

test("what a host bears and gets is shown as it is, until its client is closed", async () => {
  await using registry = await startRegistry();
  const { metrics, client } = await startClient({ hosts: { [registry.name]: { concurrency: 7 } } });
  const repository = client.repository(registry);
  await repository.headManifest("v1", unhurried());
  const [limiter] = repository.readLimiters;
  const look = async () => [
    Object.values(await readings(metrics, "regsync_host_concurrency")),
    Object.values(await readings(metrics, "regsync_host_inflight")),
  ];

  using lease = await limiter!.take(unhurried());
  const busy = await look();
  lease[Symbol.dispose]();
  const idle = await look();
  await client[Symbol.asyncDispose]();
  const closed = await look();

  expect([busy, idle, closed]).toEqual([
    [[7], [1]],
    [[7], [0]],
    [[], []],
  ]);
});

test("hosts beyond a bound share the series of others", async () => {
  const metrics = await openMetrics();
  const client = new ClientMetrics(metrics);
  for (let host = 0; host < 500; host++) client.show(`host-${host}.test`);

  client.repeated("host-499.test", "throttled");
  client.repeated("host-500.test", "throttled");
  client.repeated("host-501.test", "throttled");

  expect(await counted(metrics, "regsync_http_client_retries_total")).toEqual({
    'host="host-499.test",reason="throttled"': 1,
    'host="other",reason="throttled"': 2,
  });
});
