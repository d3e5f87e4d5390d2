import { expect, test } from "vitest";
import { Interrupted } from "../../src/base/failure.ts";
import { stoppedBy } from "../../src/cli/exit-code.ts";
import { runCli } from "../../src/cli/run-cli.ts";
import type { RunReport } from "../../src/sync/outcome.ts";
import { FakeTerminal } from "../support/fake-terminal.ts";
import { FakeWorld } from "../support/fake-world.ts";
import { parseLog } from "../support/log-lines.ts";
import { digestOfDigit, everyOutcome, FailureOf, reportOf, resultOf, someTotals } from "../support/reports.ts";

const config = `
version: 1
defaults: { parallel: 2 }
sync:
  - { source: source.test/a, target: target.test/a, type: repository }
`;

const copied = resultOf("a:1", {
  kind: "copied",
  digest: digestOfDigit("7"),
  reason: { kind: "absent", source: digestOfDigit("7") },
  totals: someTotals,
  durationMs: 5,
});
const unchanged = resultOf("a:2", { kind: "unchanged", digest: digestOfDigit("8") });
const failed = resultOf("a:3", { kind: "failed", failure: new FailureOf("DIGEST_MISMATCH", "the bytes are others") });

/** A world where `once` runs with these options and its pass ends with this report. */
function worldOf(report: Partial<RunReport>, ...options: string[]): FakeWorld {
  const world = new FakeWorld("once", "-c", "-", ...options).reporting(report);
  world.input = config;
  return world;
}

test("runs one copying pass over the plan and exits with 0", async () => {
  const world = worldOf({ images: [copied, unchanged] });

  expect(await runCli(world)).toBe(0);

  expect(world.calls).toEqual([
    {
      plan: expect.anything(),
      request: {
        action: "copy",
        abortOnError: false,
        listUnchanged: false,
        full: false,
        stateDir: "",
        laneFromBytes: 1024 * 1024,
        strict: false,
      },
    },
  ]);
  expect(world.calls[0]?.plan).toMatchObject({ parallel: 2, entries: [{ kind: "ready" }] });
  expect(world.stdout.text).toBe("");
});

test("wants to hear of unchanged images one by one only for its JSON", async () => {
  const text = worldOf({});
  const json = worldOf({}, "--output", "json");

  await runCli(text);
  await runCli(json);

  expect([text, json].map(({ calls }) => calls[0]?.request.listUnchanged)).toEqual([false, true]);
});

test("counts unchanged images that are not listed", async () => {
  const world = worldOf({ images: [unchanged], unlisted: 41 });

  await runCli(world);

  expect(world.stderr.text).toContain("unchanged=42");
});

test("hands its options on to the pass", async () => {
  const world = worldOf(
    {},
    "--missing",
    "--abort-on-error",
    "--full",
    "--strict",
    "--state-dir",
    "/memory",
    "--blob-lane",
    "undici",
  );

  await runCli(world);

  expect(world.calls[0]?.request).toEqual({
    action: "missing",
    abortOnError: true,
    listUnchanged: false,
    full: true,
    stateDir: "/memory",
    laneFromBytes: Number.POSITIVE_INFINITY,
    strict: true,
  });
});

test.each([
  ["the command line", ["--state-dir", "flag"], "variable", "flag"],
  ["the command line, which wants none", ["--state-dir", ""], "variable", ""],
  ["the environment", [], "variable", "variable"],
  ["the file, when the variable is empty", [], "", "file"],
])("keeps its memory where it is told to by %s", async (_who, options, variable, expected) => {
  const world = worldOf({}, ...options);
  world.env["REGSYNC_STATE_DIR"] = variable;
  world.input = "defaults: { stateDir: file }";

  await runCli(world);

  expect(world.calls[0]?.request.stateDir).toBe(expected);
});

test("ends with one event that sums everything up, where nobody sits before a terminal", async () => {
  const world = worldOf({ images: [copied, unchanged], durationMs: 61_000 }, "--logopt", "json");

  await runCli(world);

  expect(parseLog(world.stderr.text)).toEqual([
    expect.objectContaining({
      level: "INFO",
      msg: "Run finished",
      copied: 1,
      unchanged: 1,
      skipped: 0,
      failed: 0,
      bytes: 2_048,
      mounted: 4,
      durationMs: 61_000,
    }),
  ]);
  expect(world.stderr.lines).toHaveLength(1);
});

test("says nothing at all of a good pass to who wants to hear of errors only", async () => {
  const world = worldOf({ images: [copied] }, "-v", "error");

  expect(await runCli(world)).toBe(0);

  expect(world.stderr.text + world.stdout.text).toBe("");
});

test("exits with 1 and names what failed behind the logs, in both forms of log", async () => {
  for (const options of [
    ["-v", "error"],
    ["-v", "error", "--logopt", "json"],
  ]) {
    const failure = new FailureOf("REPOSITORY_NOT_FOUND", "source.test/b does not exist");
    const world = worldOf({ images: [failed], failures: [{ entry: 1, failure }] }, ...options);

    expect(await runCli(world)).toBe(1);

    expect(world.stderr.lines).toEqual([
      "sync[1]: source.test/b does not exist",
      "source.test/a:3 -> target.test/a:3: the bytes are others",
    ]);
  }
});

test("exits with 1 when the first failure stopped the pass", async () => {
  expect(await runCli(worldOf({ images: [failed], interrupted: true }, "--abort-on-error"))).toBe(1);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("exits after %s with %i, and still says what failed and what was done", async (name, exit) => {
  const world = worldOf({}, "--output", "json");
  world.engine = (_plan, _request, { signal }) => {
    world.stopping.abort(stoppedBy(name));
    return Promise.resolve(reportOf({ images: [copied, failed], interrupted: signal.aborted }));
  };

  expect(await runCli(world)).toBe(exit);

  expect(world.stderr.lines.at(-1)).toContain("the bytes are others");
  expect(JSON.parse(world.stdout.text)).toMatchObject({ interrupted: true, summary: { copied: 1, failed: 1 } });
});

test("does not call an interrupted pass finished", async () => {
  const terminal = new FakeTerminal();
  const onTerminal = worldOf({ interrupted: true });
  onTerminal.stderr = terminal;
  const elsewhere = worldOf({ interrupted: true }, "--logopt", "json");

  await runCli(onTerminal);
  await runCli(elsewhere);

  expect(terminal.screen).toEqual([expect.stringMatching(/^interrupted: 0 copied /)]);
  expect(parseLog(elsewhere.stderr.text).map(({ msg }) => msg)).toEqual(["Run interrupted"]);
});

test("exits with 143 without a word when it is stopped before anything began", async () => {
  const world = worldOf({});
  world.engine = () => {
    world.stopping.abort(stoppedBy("SIGTERM"));
    return Promise.reject(new Interrupted("SIGTERM"));
  };

  expect(await runCli(world)).toBe(143);

  expect(world.stderr.text).toBe("");
});

test("exits with 0 when the signal came too late to stop anything", async () => {
  const world = worldOf({});
  world.engine = () => {
    world.stopping.abort(stoppedBy("SIGINT"));
    return Promise.resolve(reportOf({ images: [copied] }));
  };

  expect(await runCli(world)).toBe(0);
});

test("prints the report as JSON when asked to, whatever the logs say", async () => {
  const world = worldOf({ images: everyOutcome }, "--output", "json");

  await runCli(world);

  expect(JSON.parse(world.stdout.text)).toMatchObject({ summary: { copied: 1, unchanged: 1, failed: 1 } });
  expect(world.stderr.text).toContain('msg="Run finished"');
});

test("writes the logs of the pass in the form and of the level that was asked for", async () => {
  const world = worldOf({}, "--logopt=json", "-v", "warn");
  world.engine = (_plan, _request, { log }) => {
    log.info("Image sync needed");
    log.warn("No matching tags found", { source: "a" });
    return Promise.resolve(reportOf({}));
  };

  await runCli(world);

  expect(parseLog(world.stderr.text).map(({ level, msg }) => [level, msg])).toEqual([
    ["WARN", "No matching tags found"],
  ]);
});

/** A world with a terminal, in which a pass copies one image and is looked at in the middle. */
function terminalWorld(...options: string[]): { world: FakeWorld; terminal: FakeTerminal; during: string[] } {
  const terminal = new FakeTerminal();
  const during: string[] = [];
  const world = new FakeWorld("once", "-c", "-", ...options);
  world.stderr = terminal;
  world.input = config;
  world.engine = (_plan, _request, { log, progress }) => {
    using image = progress.image("source.test/a:1", "target.test/a:1");
    image.blob(digestOfDigit("1"), 100).moved(50);
    log.warn("slow");
    world.clock.advance(1_000);
    during.push(...terminal.screen);
    return Promise.resolve(reportOf({ images: [copied, unchanged, failed], durationMs: 61_000 }));
  };
  return { world, terminal, during };
}

test("shows a live view on a terminal, and leaves logs, a summary and the failures behind", async () => {
  const { world, terminal, during } = terminalWorld();

  expect(await runCli(world)).toBe(1);

  expect(during).toEqual([
    expect.stringContaining("msg=slow"),
    expect.stringMatching(/^0 images done/),
    "source.test/a:1 -> target.test/a:1",
    expect.stringContaining("50% of 100 B"),
  ]);
  expect(terminal.screen).toEqual([
    expect.stringContaining("msg=slow"),
    "1 copied (2.0 KiB sent, 4 mounted), 1 unchanged, 0 skipped, 1 failed in 1m01s",
    "source.test/a:3 -> target.test/a:3: the bytes are others",
  ]);
  expect(world.clock.alarms).toBe(0);
});

test("takes the live view away when the pass breaks off", async () => {
  const { world, terminal } = terminalWorld();
  world.engine = (_plan, _request, { progress }) => {
    progress.image("a", "b");
    world.clock.advance(1_000);
    return Promise.reject(new FailureOf("DISK_REFUSED", "no folder to write to"));
  };

  expect(await runCli(world)).toBe(1);

  expect(terminal.screen).toEqual(["no folder to write to"]);
  expect(world.clock.alarms).toBe(0);
});

test.each([
  ["logs are for machines", ["--logopt", "json"], {}],
  ["only errors are wanted", ["-v", "error"], {}],
  ["the terminal cannot move its cursor", [], { TERM: "dumb" }],
])("shows no live view when %s", async (_when, options, env) => {
  const { world, terminal } = terminalWorld(...options);
  Object.assign(world.env, env);

  await runCli(world);

  expect(terminal.sent).not.toContain("\x1b");
});

test("uses colours, but not where they are not wanted", async () => {
  const coloured = terminalWorld();
  const plain = terminalWorld();
  plain.world.env["NO_COLOR"] = "1";

  await runCli(coloured.world);
  await runCli(plain.world);

  expect(coloured.terminal.sent).toContain("\x1b[36m");
  expect(plain.terminal.sent).not.toContain("\x1b[36m");
});

test("logs what is doubtful in the file and goes on", async () => {
  const world = worldOf({ images: [copied] }, "--logopt", "json");
  world.input = `${config}\nsyncs: []\n`;

  expect(await runCli(world)).toBe(0);

  expect(parseLog(world.stderr.text)[0]).toMatchObject({
    level: "WARN",
    msg: "Configuration is doubtful",
    file: "stdin",
    line: 7,
    column: 1,
    path: "syncs",
  });
});

test("reports an entry that cannot run at once, and lets the pass go on without it", async () => {
  const world = worldOf({ images: [copied] }, "--logopt", "json");
  world.input = `${config}  - { source: source.test/b, target: target.test/b, type: folder }\n`;

  await runCli(world);

  expect(parseLog(world.stderr.text)[0]).toMatchObject({
    level: "ERROR",
    msg: "Configuration of an entry is wrong",
    path: "sync[1].type",
  });
  expect(world.calls[0]?.plan.entries.map(({ kind }) => kind)).toEqual(["ready", "refused"]);
});

test.each([
  ["the command line", ["--blob-lane", "undici"], "own", Number.POSITIVE_INFINITY],
  ["the environment", [], "undici", Number.POSITIVE_INFINITY],
  ["neither", [], "", 1024 * 1024],
])("sends blobs the way that %s says", async (_, flags, variable, expected) => {
  const world = worldOf({}, ...flags);
  world.env["REGSYNC_BLOB_LANE"] = variable;

  await runCli(world);

  expect(world.calls[0]?.request.laneFromBytes).toBe(expected);
});

test("refuses a way for blobs that there is not", async () => {
  const world = worldOf({});
  world.env["REGSYNC_BLOB_LANE"] = "fast";

  expect(await runCli(world)).toBe(3);
  expect(world.calls).toEqual([]);
});
