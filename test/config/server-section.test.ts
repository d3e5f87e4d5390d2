import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import type { PlannedServer } from "../../src/config/plan.ts";
import { planWorld } from "../support/plan-world.ts";

const world = planWorld({ TOKEN: "hunter2" }, { "/tls.crt": "CERT", "/tls.key": "KEY" });

function serverOf(text: string): PlannedServer {
  const result = loadPlan(text, "regsync.yml", world);
  return result.kind === "loaded" ? result.plan.server : expect.unreachable(JSON.stringify(result.complaints));
}

test("a file that says nothing of a server leaves everything as it usually is", () => {
  expect(serverOf("sync: []")).toEqual({
    listen: undefined,
    token: undefined,
    tls: undefined,
    failOn: { kind: "anyStale" },
    graceMs: 25_000,
    jitterMs: undefined,
  });
});

test("a file can say all of it", () => {
  const server = serverOf(`
server:
  listen: 127.0.0.1:8080
  token: '{{env "TOKEN"}}'
  tls: {cert: '{{file "/tls.crt"}}', key: '{{file "/tls.key"}}'}
  health: {failOn: "percent:20"}
shutdown: {grace: 1m}
defaults: {jitter: 30s}
`);

  expect(server).toMatchObject({
    listen: "127.0.0.1:8080",
    tls: { certPem: "CERT" },
    failOn: { kind: "percent", percent: 20 },
    graceMs: 60_000,
    jitterMs: 30_000,
  });
  expect(server.token?.reveal()).toBe("hunter2");
  expect(server.tls?.keyPem.reveal()).toBe("KEY");
});

test.each([["off"], ["0s"], ["-1s"]])("a jitter of %s moves nothing", (jitter) => {
  expect(serverOf(`defaults: {jitter: "${jitter}"}`).jitterMs).toBe(0);
});

test("a grace of 0s is none", () => {
  expect(serverOf("shutdown: {grace: 0s}").graceMs).toBe(0);
});

describe("refuses the file, and says what to write, for", () => {
  test.each([
    ["server: {listen: '9090'}", "server.listen", "it has no port"],
    [`server: {token: '{{env "NOTHING"}}'}`, "server.token", "comes out empty"],
    ["server: {tls: {cert: x}}", "server.tls", "key is not there or comes out empty"],
    ["server: {tls: {key: x}}", "server.tls", "cert is not there or comes out empty"],
    ["server: {health: {failOn: sometimes}}", "server.health.failOn", 'write "never"'],
    ["shutdown: {grace: soon}", "shutdown.grace", "is not a duration"],
    ["shutdown: {grace: 30}", "shutdown.grace", "has no unit"],
    ["defaults: {jitter: much}", "defaults.jitter", 'or "off"'],
  ])("%s", (text, path, message) => {
    const result = loadPlan(text, "regsync.yml", world);

    expect(result).toMatchObject({ kind: "refused" });
    if (result.kind === "refused") {
      expect(result.complaints).toEqual([
        expect.objectContaining({ path, message: expect.stringContaining(message.replaceAll("\\", "")) }),
      ]);
      expect(JSON.stringify(result.complaints)).not.toContain("hunter2");
    }
  });
});
