import { describe, expect, test } from "vitest";
import type { HealthPolicy } from "../../src/base/health-policy.ts";
import type { EntryStatus } from "../../src/observe/server-status.ts";
import { activeImage, entryStatus, runRecord } from "../support/fake-server.ts";
import { Listening } from "../support/listening.ts";

const troubled = (name: string): EntryStatus => entryStatus(name, { troubles: ["overdue"] });
const failed = (name: string): EntryStatus => entryStatus(name, { runs: [runRecord(name, { outcome: "failed" })] });

async function healthOf(entries: readonly EntryStatus[], health: HealthPolicy): Promise<[number, unknown]> {
  await using listening = await Listening.start({ health });
  listening.server.shown = [...entries];
  const { status, text } = await listening.ask("/healthz");
  return [status, (JSON.parse(text) as { status: unknown }).status]; // as the schema says
}

describe("policy", () => {
  test("anyStale: one entry in trouble is too many", async () => {
    const policy = { kind: "anyStale" } as const;

    expect(await healthOf([entryStatus("a"), entryStatus("b")], policy)).toEqual([200, "ok"]);
    expect(await healthOf([entryStatus("a"), troubled("b")], policy)).toEqual([503, "failing"]);
    expect(await healthOf([entryStatus("a"), failed("b")], policy)).toEqual([503, "failing"]);
  });

  test("percent: more than so many of the entries that ever ran are too many", async () => {
    const policy = { kind: "percent", percent: 20 } as const;
    const fine = [entryStatus("a"), entryStatus("b"), entryStatus("c"), entryStatus("d")];
    const pending = entryStatus("new", { runs: [], lastSuccessMs: undefined });

    expect(await healthOf([...fine, failed("e")], policy)).toEqual([200, "degraded"]);
    expect(await healthOf([...fine.slice(1), failed("e"), pending], policy)).toEqual([503, "failing"]);
    expect(await healthOf([], policy)).toEqual([200, "ok"]);
  });

  test("never: trouble is told, and is no reason for a 503", async () => {
    expect(await healthOf([failed("a"), troubled("b")], { kind: "never" })).toEqual([200, "degraded"]);
  });

  test("another one counts from the next request on", async () => {
    await using listening = await Listening.start({ health: { kind: "anyStale" } });
    listening.server.shown = [troubled("a")];
    expect((await listening.ask("/healthz")).status).toBe(503);

    listening.listener.useRules({ token: undefined, health: { kind: "never" }, copyStallMs: 3_600_000 });

    expect((await listening.ask("/healthz")).status).toBe(200);
  });
});

describe("an entry", () => {
  const policy = { kind: "anyStale" } as const;

  test("is not in trouble before its first run has finished, nor because a run was stopped or left out", async () => {
    const runs = (["canceled", "skipped_overlap"] as const).map((outcome) => runRecord("a", { outcome }));
    const going = runRecord("a", { outcome: undefined, endedMs: undefined });

    expect(await healthOf([entryStatus("a", { runs: [] })], policy)).toEqual([200, "ok"]);
    expect(await healthOf([entryStatus("a", { runs: [going, ...runs, runRecord("a")] })], policy)).toEqual([200, "ok"]);
  });

  test("stays in trouble while it runs again after a failure", async () => {
    const going = runRecord("a", { outcome: undefined, endedMs: undefined });
    const partial = runRecord("a", { outcome: "partial" });

    expect(await healthOf([entryStatus("a", { runs: [going, partial], phase: "running" })], policy)).toEqual([
      503,
      "failing",
    ]);
  });

  test("that the configuration check refused is in trouble; one that nobody scheduled is not", async () => {
    expect(await healthOf([entryStatus("a", { phase: "refused", runs: [] })], policy)).toEqual([503, "failing"]);
    expect(await healthOf([entryStatus("a", { phase: "unscheduled", runs: [] })], policy)).toEqual([200, "ok"]);
  });
});

test("the document says what an operator asks first", async () => {
  await using listening = await Listening.start();
  listening.server.config = { hash: "a1b2", loadedMs: Date.UTC(2026, 0, 1), rejected: "sync[0]: no target" };
  listening.server.shown = [
    entryStatus("a", { phase: "running", tags: { selected: 5, inSync: 2, behind: 3, failed: 0 } }),
    entryStatus("b", { runs: [], tags: undefined }),
  ];

  const { status, text } = await listening.ask("/healthz");

  expect(status).toBe(200);
  expect(JSON.parse(text)).toMatchObject({
    status: "degraded",
    startedAt: "2026-01-01T00:00:00.000Z",
    ready: true,
    checks: { "event-loop": "ok", scheduler: "ok", copies: "ok" },
    config: { hash: "a1b2", rejected: "sync[0]: no target" },
    summary: { entries: 2, ok: 1, trouble: 0, pending: 1, running: 1, tagsBehind: 3 },
    entries: [{ name: "a" }, { name: "b" }],
  });
});

test("entries are told in full to who wants to know more", async () => {
  await using listening = await Listening.start();
  listening.server.shown = [entryStatus("a", { copying: [activeImage(Date.UTC(2026, 0, 1))] })];

  const { text } = await listening.ask("/healthz?verbose");

  expect(JSON.parse(text)).toMatchObject({ entries: [{ copying: [{ bytes: 10 }], runs: [{ id: "run-1" }] }] });
});

test("a process that is stuck is not healthy, unless that is never a reason", async () => {
  await using listening = await Listening.start({ health: { kind: "percent", percent: 100 } });
  await using careless = await Listening.start({ health: { kind: "never" } });
  for (const { clock } of [listening, careless]) clock.advance(60_001);

  expect((await listening.ask("/healthz")).status).toBe(503);
  expect((await careless.ask("/healthz")).status).toBe(200);
});
