import { describe, expect, test } from "vitest";
import { Interrupted } from "../../src/base/failure.ts";
import { Secret } from "../../src/base/secret.ts";
import type { PlannedEntry } from "../../src/config/plan.ts";
import { healthOf } from "../../src/serve/documents.ts";
import { addImage } from "../copy/samples.ts";
import { plainServer } from "../sync/passes.ts";
import { settled } from "../support/settled.ts";
import { hold, hourly, TestServer } from "./servers.ts";

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

const refused: PlannedEntry = {
  kind: "refused",
  index: 0,
  name: "bad",
  type: "image",
  sourceText: "x",
  targetText: "y",
  complaints: [{ severity: "error", file: "f.yml", line: 3, column: 5, path: "sync[0].type", message: "is no type" }],
};

describe("at its start", () => {
  test("it brings what is missing and leaves alone what is there, to whatever it differs", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["new"]);
    addImage(test.source("app"), "v2", ["two"]);
    addImage(test.target("app"), "v1", ["old"]);
    const before = test.target("app").tags.get("v1");

    await test.begin();

    expect([...test.target("app").tags.keys()]).toEqual(["v1", "v2"]);
    expect(test.target("app").tags.get("v1")).toBe(before);
    expect(await test.runs("app", "success", "start")).toBe(1);
  });

  test("without parallel, entries begin one after another in the order of the file", async () => {
    using test = await TestServer.make([hourly("one"), hourly("two")]);
    addImage(test.source("one"), "v1", ["one"]);
    addImage(test.source("two"), "v1", ["two"]);
    const held = hold(test.target("one"), "write");

    await test.begin();

    expect(test.server.entries().map(({ phase }) => phase)).toEqual(["running", "waiting"]);
    expect(test.source("two").calls).toEqual([]);
    held.release();
    await settled();
    expect(test.target("two").tags.has("v1")).toBe(true);
  });

  test("with parallel 1, all are looked at at once, and images are copied one at a time", async () => {
    using test = await TestServer.make([hourly("one"), hourly("two")], { plan: { parallel: 1 } });
    addImage(test.source("one"), "v1", ["one"]);
    addImage(test.source("two"), "v1", ["two"]);
    const held = hold(test.target("one"), "write");

    await test.begin();

    expect(test.source("two").called("get")).toEqual(["get v1"]);
    expect(test.target("two").called("write")).toEqual([]);
    expect(await test.metric('regsync_queue_length{kind="images"}')).toBe(1);
    expect(await test.metric('regsync_workers_busy{kind="entries"}')).toBe(2);
    held.release();
    await settled();
    expect(test.target("two").tags.has("v1")).toBe(true);
  });

  test.each([0, 1])("with parallel %d, a slow first copy postpones nobody else's schedule", async (parallel) => {
    using test = await TestServer.make([hourly("slow"), hourly("other", { intervalMs: minute })], {
      plan: { parallel },
    });
    // Two layers: images of as many layers share their config, and wait for it together.
    addImage(test.source("slow"), "v1", ["slow", "slower"]);
    addImage(test.source("other"), "v1", ["one"]);
    hold(test.target("slow"), "write");
    await test.begin();

    addImage(test.source("other"), "v2", ["two"]);
    await test.pass(2 * minute);

    expect([...test.target("other").tags.keys()].toSorted()).toEqual(["v1", "v2"]);
    expect(test.server.entry("slow")?.phase).toBe("running");
  });

  test("an entry without a time does not run, and one with a wrong one runs once", async () => {
    using test = await TestServer.make([
      hourly("timeless", { intervalMs: 0 }),
      hourly("wrong", { intervalMs: 0, isMistimed: true }),
    ]);
    for (const name of ["timeless", "wrong"]) addImage(test.source(name), "v1", [name]);

    await test.begin();
    await test.pass(48 * hour);

    expect(test.server.entries().map(({ phase }) => phase)).toEqual(["unscheduled", "unscheduled"]);
    expect(test.source("timeless").calls).toEqual([]);
    expect(test.server.entry("wrong")?.runs).toHaveLength(1);
    expect(test.log.at("error")).toEqual(["No schedule found, ignoring the entry"]);
  });

  test("an entry without a time is in no trouble, and one with a wrong one is", async () => {
    using test = await TestServer.make([
      hourly("timeless", { intervalMs: 0 }),
      hourly("wrong", { intervalMs: 0, isMistimed: true }),
    ]);
    addImage(test.source("wrong"), "v1", ["wrong"]);

    await test.begin();

    expect(test.server.entries().map(healthOf)).toEqual(["pending", "trouble"]);
    expect(test.server.entry("wrong")?.troubles).toEqual(["unscheduled: what stands as its schedule is none"]);
  });

  test("an entry that was refused is shown with its reasons, and stops no other", async () => {
    using test = await TestServer.start([refused, hourly("app")]);

    expect(test.server.entry("bad")).toMatchObject({
      phase: "refused",
      troubles: ["refused: sync[0].type: is no type"],
      nextRunMs: undefined,
    });
    expect(test.server.entry("app")?.runs).toHaveLength(1);
  });
});

describe("at its times, an entry", () => {
  test("is copied, also where the target has something else", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["new"]);
    addImage(test.target("app"), "v1", ["old"]);
    await test.begin();

    await test.pass(2 * hour);

    expect(test.target("app").tags).toEqual(test.source("app").tags);
    expect(test.server.entry("app")).toMatchObject({
      phase: "idle",
      tags: { selected: 1, inSync: 1, behind: 0, failed: 0 },
      runs: [{ trigger: "schedule", outcome: "success", copied: 1 }, { trigger: "start" }],
    });
  });

  test("that still runs is left out, counted and said once", async () => {
    using test = await TestServer.make([hourly("app", { intervalMs: minute })]);
    addImage(test.source("app"), "v1", ["one"]);
    hold(test.target("app"), "write");
    await test.begin();

    await test.pass(3 * minute + 30 * second);

    expect(await test.runs("app", "skipped_overlap")).toBe(3);
    expect(test.source("app").called("tags")).toHaveLength(1);
    expect(test.log.at("warn").filter((message) => message.startsWith("Run left out"))).toHaveLength(1);
  });

  test("that fails is counted and shown until it goes well again", async () => {
    using test = await TestServer.make([hourly("app")]);
    await test.begin();

    expect(test.server.entry("app")?.troubles).toEqual([expect.stringMatching(/^failing: 1 in a row; a.test\/app/)]);
    expect(await test.metric('regsync_step_up{step="app"}')).toBe(0);
    addImage(test.source("app"), "v1", ["one"]);
    await test.pass(2 * hour);

    expect(test.server.entry("app")?.troubles).toEqual([]);
    expect(await test.metric('regsync_step_up{step="app"}')).toBe(1);
    expect(await test.runs("app", "failed", "start")).toBe(1);
  });

  test("that waits too long for a run is a trouble, said in the log and shown as a metric", async () => {
    const freshen = Promise.withResolvers<void>();
    using test = await TestServer.make([hourly("app", { intervalMs: minute })], { freshen: () => freshen.promise });
    await test.begin();

    await test.pass(4 * minute);

    expect(test.server.entry("app")?.troubles).toEqual([
      expect.stringMatching(/^overdue: a run was due at 2026-01-01T00:01/),
    ]);
    expect(await test.metric('regsync_step_overdue{step="app"}')).toBe(1);
    expect(test.log.at("warn").filter((message) => message === "Entry is in trouble")).toHaveLength(1);
    freshen.resolve();
    await settled();
    await test.pass(10 * second);
    expect(await test.metric('regsync_step_overdue{step="app"}')).toBe(0);
    expect(test.log.at("info").filter((message) => message === "Entry is out of trouble")).toHaveLength(1);
  });

  test("that copies without a byte for minutes is a trouble, said in the log and shown as a metric", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    await test.pass(4 * minute);

    expect(test.server.entry("app")?.troubles).toEqual([
      expect.stringMatching(/^stalled: no byte of b.test\/app:v1 moved for 4m/),
    ]);
    expect(await test.metric('regsync_step_stalled{step="app"}')).toBe(1);
    expect(test.log.at("warn").filter((message) => message === "Entry is in trouble")).toHaveLength(1);
    held.release();
    await settled();
    await test.pass(10 * second);
    expect(test.server.entry("app")?.troubles).toEqual([]);
    expect(test.log.at("info").filter((message) => message === "Entry is out of trouble")).toHaveLength(1);
  });

  test("that runs for longer than its interval is in no trouble, whatever is left out meanwhile", async () => {
    using test = await TestServer.make([hourly("app", { intervalMs: minute })]);
    addImage(test.source("app"), "v1", ["one"]);
    await test.begin();
    const listing = hold(test.source("app"), "tags");

    for (let passed = 0; passed < 5 * minute + 30 * second; passed += 30 * second) await test.pass(30 * second);

    expect(listing.count).toBe(1);
    expect(await test.runs("app", "skipped_overlap")).toBe(4);
    expect(test.server.entry("app")?.troubles).toEqual([]);
    expect(await test.metric('regsync_step_overdue{step="app"}')).toBe(0);
  });

  test("has every series from its beginning, at zero", async () => {
    using test = await TestServer.make([hourly("app")]);
    hold(test.source("app"), "tags");
    await test.begin();

    for (const trigger of ["start", "schedule", "api"]) {
      for (const outcome of ["success", "noop", "partial", "failed", "canceled"]) {
        expect(await test.runs("app", outcome, trigger)).toBe(0);
      }
    }
    expect(await test.runs("app", "skipped_overlap")).toBe(0);
    expect(await test.metric('regsync_step_duration_seconds_count{step="app"}')).toBe(0);
    expect(await test.metric('regsync_step_tags{step="app",state="behind"}')).toBe(0);
    expect(await test.metric('regsync_step_running{step="app"}')).toBe(1);
    expect(await test.metric('regsync_step_up{step="app"}')).toBeUndefined();
  });

  test("tells for how long a tag has waited", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    hold(test.target("app"), "write");
    await test.begin();

    await test.pass(10 * minute);

    expect(await test.metric('regsync_step_oldest_unsynced_seconds{step="app"}')).toBe(600);
  });
});

describe("told to", () => {
  test("run, it runs an entry at once, unless it runs already or is not there", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["new"]);
    addImage(test.target("app"), "v1", ["old"]);
    await test.begin();

    expect(test.server.run("app")).toBe("started");
    expect(test.server.run("app")).toBe("busy");
    expect(test.server.run("nothing")).toBeUndefined();
    await settled();

    expect(test.target("app").tags).toEqual(test.source("app").tags);
    expect(await test.runs("app", "success", "api")).toBe(1);
  });

  test("cancel, it stops the run, which is no failure", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    expect(test.server.cancel("app")).toBe("canceled");
    held.release();
    await settled();

    expect(test.server.cancel("app")).toBe("idle");
    expect(test.server.cancel("nothing")).toBeUndefined();
    expect(await test.runs("app", "canceled", "start")).toBe(1);
    expect(test.server.entry("app")).toMatchObject({ phase: "idle", troubles: [] });
    expect(test.target("app").tags.size).toBe(0);
  });

  test("end at the first failure, it does", async () => {
    using test = await TestServer.start([hourly("app")], { abortOnError: true });

    expect(await test.server.untilStopped(new AbortController().signal)).toBe("failed");
  });

  test("end at the first failure, an entry that was refused is one", async () => {
    using test = await TestServer.start([refused], { abortOnError: true });

    expect(await test.server.untilStopped(new AbortController().signal)).toBe("failed");
  });
});

describe("with another file", () => {
  test("entries that are as they were keep their times and their runs", async () => {
    using test = await TestServer.make([hourly("app", { intervalMs: minute })]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();
    const { nextRunMs } = test.server.entry("app") ?? {};
    await test.pass(10 * second);

    const result = await test.reload([hourly("new"), hourly("app", { intervalMs: minute })]);

    expect(result).toEqual({ kind: "reloaded", added: 1, removed: 0, changed: 0 });
    expect(test.server.entry("app")).toMatchObject({ nextRunMs, phase: "running" });
    held.release();
    await settled();
    expect(test.target("app").tags.has("v1")).toBe(true);
  });

  test("new entries begin with what is missing", async () => {
    using test = await TestServer.start([]);
    addImage(test.source("new"), "v1", ["one"]);

    await test.reload([hourly("new")]);

    expect(test.target("new").tags.has("v1")).toBe(true);
    expect(await test.runs("new", "success", "start")).toBe(1);
  });

  test("entries that are gone finish the image they are at, and nothing is shown of them then", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    addImage(test.source("app"), "v2", ["two"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    expect(await test.reload([])).toEqual({ kind: "reloaded", added: 0, removed: 1, changed: 0 });
    expect(test.server.entries().map(({ name, phase }) => `${name} ${phase}`)).toEqual(["app leaving"]);
    held.release();
    await settled();

    expect([...test.target("app").tags.keys()]).toEqual(["v1"]);
    expect(test.server.entries()).toEqual([]);
    expect(await test.runs("app", "success", "start")).toBeUndefined();
    await test.pass(3 * hour);
    expect(test.source("app").called("tags")).toHaveLength(1);
  });

  test("a changed entry begins anew when its run has ended, and remembers its runs", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    expect(await test.reload([hourly("app", { intervalMs: 2 * hour })])).toMatchObject({ changed: 1, added: 0 });
    expect(test.server.entry("app")).toMatchObject({ phase: "waiting", schedule: "@every 2h0m0s" });
    held.release();
    await settled();

    expect(test.server.entry("app")?.runs.map(({ outcome }) => outcome)).toEqual(["noop", "canceled"]);
    expect(test.target("app").tags.has("v1")).toBe(true);
  });

  test("an entry that leaves can be looked at and stopped until it has left", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();
    await test.reload([]);

    expect(test.server.entry("app")).toMatchObject({ phase: "leaving", copying: [{ target: "b.test/app:v1" }] });
    expect(test.server.runs()).toMatchObject([{ entry: "app", outcome: undefined }]);
    expect(test.server.run("app")).toBe("busy");
    expect(test.server.cancel("app")).toBe("canceled");
    held.release();
    await settled();

    expect(test.server.entry("app")).toBeUndefined();
    expect(test.target("app").tags.size).toBe(0);
  });

  test("what an entry still copies under its earlier wording is shown, and stopped when it is told to stop", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();
    await test.reload([hourly("app", { intervalMs: 2 * hour })]);

    expect(test.server.entry("app")).toMatchObject({ phase: "waiting", copying: [{ target: "b.test/app:v1" }] });
    expect(test.server.cancel("app")).toBe("canceled");
    held.release();
    await settled();

    expect(test.server.entry("app")).toMatchObject({ phase: "idle", copying: [] });
    expect(test.target("app").tags.size).toBe(0);
  });

  test("that cannot be used, everything goes on as it was, and it is said", async () => {
    using test = await TestServer.start([hourly("app")]);
    test.next = () => Promise.reject(new Error("regsync.yml:1:1: nonsense"));

    const result = await test.server.reload();

    expect(result).toEqual({ kind: "rejected", message: "regsync.yml:1:1: nonsense" });
    expect(test.server.config.rejected).toBe("regsync.yml:1:1: nonsense");
    expect(test.server.entries()).toHaveLength(1);
    expect(await test.metric("regsync_config_last_reload_successful")).toBe(0);
    expect(await test.metric('regsync_config_reloads_total{result="rejected"}')).toBe(1);
    await test.reload([hourly("app")]);
    expect(test.server.config.rejected).toBeUndefined();
  });

  test("that is the same, nothing changes", async () => {
    using test = await TestServer.start([hourly("app")]);

    expect(await test.server.reload()).toEqual({ kind: "unchanged" });
    expect(test.opened).toBe(1);
  });

  test("with another token alone, it counts as reloaded, and connections stay", async () => {
    using test = await TestServer.start([hourly("app")]);
    const reload = (token: string) =>
      test.reload([hourly("app")], { server: { ...plainServer, token: new Secret(token) } });

    expect(await reload("one")).toEqual({ kind: "reloaded", added: 0, removed: 0, changed: 0 });
    expect(await reload("one")).toEqual({ kind: "unchanged" });
    expect(await reload("two")).toEqual({ kind: "reloaded", added: 0, removed: 0, changed: 0 });
    expect(test.opened).toBe(1);
  });

  test("with other logins, later runs have other stores, and the old ones close when the last run ended", async () => {
    using test = await TestServer.make([hourly("app")]);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    const result = await test.reload([hourly("app")], { userAgent: "another" });
    expect(result).toEqual({ kind: "reloaded", added: 0, removed: 0, changed: 0 });
    expect(test.closed).toBe(0);
    held.release();
    await settled();
    expect(test.closed).toBe(1);
    await test.pass(2 * hour);

    expect([test.opened, test.closed]).toEqual([2, 1]);
  });
});

test("a file that says anew how registries are asked is followed, whatever it says", async () => {
  using test = await TestServer.start([hourly("app")]);

  const result = await test.reload([hourly("app")], { digestListing: "api" });
  await test.pass(2 * hour);

  expect(result).toEqual({ kind: "reloaded", added: 0, removed: 0, changed: 0 });
  expect(test.opened).toBe(2);
});

test("runs that are going on stand among those that ended, newest first", async () => {
  using test = await TestServer.make([hourly("slow"), hourly("quick", { intervalMs: minute })], {
    plan: { parallel: 1 },
  });
  addImage(test.source("slow"), "v1", ["slow"]);
  addImage(test.source("quick"), "v1", ["quick"]);
  hold(test.source("slow"), "tags");
  await test.begin();

  await test.pass(2 * minute);

  const runs = test.server.runs();
  expect(runs.map(({ startedMs }) => startedMs)).toEqual(
    runs.map(({ startedMs }) => startedMs).toSorted((a, b) => b - a),
  );
  expect(runs.map(({ entry: name }) => name)).toEqual(["quick", "slow", "quick"]);
});

describe("told to stop", () => {
  const slow = { plan: { server: { ...plainServer, graceMs: 25_000 } } };

  test("it is not ready at once, begins nothing more, and lets the image arrive that it is at", async () => {
    using test = await TestServer.make([hourly("app"), hourly("next")], slow);
    for (const tag of ["v1", "v2"]) addImage(test.source("app"), tag, [tag]);
    addImage(test.source("next"), "v1", ["next"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    const stopping = test.server.stop(test.server.graceMs);
    expect(test.server.isReady).toBe(false);
    expect(test.server.run("next")).toBe("busy");
    await test.pass(20 * second);
    held.release();
    await stopping;

    expect([...test.target("app").tags.keys()]).toEqual(["v1"]);
    expect(test.source("next").calls).toEqual([]);
    expect([test.opened, test.closed]).toEqual([1, 1]);
  });

  test("it cancels what is still there after its grace", async () => {
    using test = await TestServer.make([hourly("app")], slow);
    addImage(test.source("app"), "v1", ["one"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    const stopping = test.server.stop(test.server.graceMs);
    await test.pass(25 * second);
    held.release();
    await stopping;

    expect(test.target("app").tags.size).toBe(0);
    expect(test.log.at("warn")).toContain("Images that are still being copied are cancelled");
    expect(test.log.at("error")).toEqual([]);
  });

  test("it follows no other file any more, and does not call it wrong", async () => {
    using test = await TestServer.make([hourly("app")], slow);
    addImage(test.source("app"), "v1", ["one"]);
    addImage(test.source("new"), "v1", ["new"]);
    const held = hold(test.target("app"), "write");
    await test.begin();

    const stopping = test.server.stop(test.server.graceMs);
    const other = await test.reload([hourly("app"), hourly("new")]);
    test.next = () => Promise.reject(new Interrupted("SIGTERM"));
    const stopped = await test.server.reload();
    held.release();
    await stopping;

    expect([other.kind, stopped.kind]).toEqual(["stopping", "stopping"]);
    expect(test.source("new").calls).toEqual([]);
    expect(test.log.at("error")).toEqual([]);
    expect(await test.metric("regsync_config_last_reload_successful")).toBe(1);
  });

  test("it leaves no timer behind", async () => {
    const test = await TestServer.start([hourly("app")]);

    await test.server.stop(0);
    test[Symbol.dispose]();

    expect(test.clock.alarms).toBe(0);
  });
});
