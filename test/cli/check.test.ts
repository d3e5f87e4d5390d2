import { expect, test } from "vitest";
import { stoppedBy } from "../../src/cli/exit-code.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import { usualLaneFromBytes } from "../../src/registry/lane-limit.ts";
import type { RunReport } from "../../src/sync/outcome.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { digestOfDigit, everyOutcome, reportOf } from "../support/reports.ts";

const stale = everyOutcome.filter(({ outcome }) => outcome.kind === "stale");
const failed = everyOutcome.filter(({ outcome }) => outcome.kind === "failed");
const unchanged = everyOutcome.filter(({ outcome }) => outcome.kind === "unchanged");

function worldOf(report: Partial<RunReport>, ...options: string[]): FakeWorld {
  const world = new FakeWorld("check", "-c", "-", ...options).reporting(report);
  world.input = "sync: [{ source: source.test/a, target: target.test/a, type: image }]";
  return world;
}

test("asks for a pass that only looks", async () => {
  const world = worldOf({}, "--abort-on-error");

  expect(await runCli(world)).toBe(0);

  expect(world.calls.map(({ request }) => request)).toEqual([
    {
      action: "check",
      abortOnError: true,
      listUnchanged: false,
      full: false,
      stateDir: "",
      laneFromBytes: usualLaneFromBytes,
      strict: false,
    },
  ]);
});

test("asks over the connections of all other requests when the environment says so", async () => {
  const world = worldOf({});
  world.env["REGSYNC_BLOB_LANE"] = "undici";

  await runCli(world);

  expect(world.calls[0]?.request.laneFromBytes).toBe(Number.POSITIVE_INFINITY);
});

test("says of each image that would be copied why, and nothing of the others", async () => {
  const world = worldOf({ images: everyOutcome });

  await runCli(world);

  expect(world.stdout.lines).toEqual([
    `target.test/new:1: absent: ${digestOfDigit("2")} (source.test/new:1)`,
    `target.test/old:1: differs: ${digestOfDigit("4")} -> ${digestOfDigit("3")} (source.test/old:1)`,
    `target.test/forced:1: forced: ${digestOfDigit("5")} (source.test/forced:1)`,
    `target.test/signed:1: referrers: ${digestOfDigit("6")} (source.test/signed:1)`,
  ]);
});

test("says nothing when nothing would be copied", async () => {
  const world = worldOf({ images: unchanged });

  await runCli(world);

  expect(world.stdout.text + world.stderr.text).toBe("");
});

test.each([
  ["0 although images would be copied", stale, [], 0],
  ["2 for them when asked to", stale, ["--exit-code"], 2],
  ["0 when there are none", unchanged, ["--exit-code"], 0],
  ["1 when something failed, whatever would be copied", [...stale, ...failed], ["--exit-code"], 1],
  ["1 when something failed", failed, [], 1],
])("exits with %s", async (_what, images, options, exit) => {
  expect(await runCli(worldOf({ images }, ...options))).toBe(exit);
});

test("exits with 1 when an entry could not be looked at", async () => {
  const failure = failed[0]?.outcome.kind === "failed" ? failed[0].outcome.failure : expect.unreachable();
  const world = worldOf({ failures: [{ entry: 0, failure }] }, "--exit-code");

  expect(await runCli(world)).toBe(1);
  expect(world.stderr.lines).toEqual(["sync[0]: the bytes are others"]);
});

test("exits with 130 when it was interrupted, even if drift was found before", async () => {
  const world = worldOf({}, "--exit-code");
  world.engine = () => {
    world.stopping.abort(stoppedBy("SIGINT"));
    return Promise.resolve(reportOf({ images: stale, interrupted: true }));
  };

  expect(await runCli(world)).toBe(130);
});

test("prints the report as JSON when asked to", async () => {
  const world = worldOf({ images: stale }, "--output", "json", "--exit-code");

  expect(await runCli(world)).toBe(2);

  expect(JSON.parse(world.stdout.text)).toMatchObject({ summary: { stale: 4 }, images: { length: 4 } });
});

test("shows no live view on a terminal: it is over before anybody looks", async () => {
  const world = worldOf({ images: stale });
  world.engine = (_plan, _request, { progress }) => {
    progress.image("a", "b");
    world.clock.advance(1_000);
    return Promise.resolve(reportOf({ images: stale }));
  };

  await runCli(world);

  expect(world.stderr.text).toBe("");
});
