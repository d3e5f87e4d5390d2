import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { makeFixture, writeRepositoryAsLayout } from "../support/fixture-repository.ts";
import { readLayout } from "../support/layout-state.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

// What the real command says of what it did, for people and for machines.

const fixture = makeFixture();

/** A folder with the fixture in `source`, and in `target` an old image under `v2` and the present one under `v3`. */
async function startStage() {
  await using started = new AsyncDisposableStack();
  const folder = started.use(await makeTempFolder("reports"));
  await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
  const image = (from: string, to: string): object => ({
    source: `ocidir://source:${from}`,
    target: `ocidir://target:${to}`,
    type: "image",
  });
  const run = (args: readonly string[], ...sync: readonly object[]): Promise<ProgramResult> =>
    runProgram(args, { config: configText({ sync: sync.map((entry) => ({ ...entry })) }), cwd: folder.path });
  const earlier = await run(["once"], image("v1", "v2"), image("v3", "v3"));
  expect(earlier.exit, earlier.stderr).toBe(0);
  const kept = started.move();
  return { folder: folder.path, image, run, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

interface Report {
  readonly images: readonly Readonly<Record<string, unknown>>[];
  readonly failures: readonly Readonly<Record<string, unknown>>[];
  readonly summary: Readonly<Record<string, number>>;
}

function reportOf(result: ProgramResult): Report {
  return JSON.parse(result.stdout) as Report; // the shape that the README promises
}

describe("check", () => {
  test("says of each image why it would be copied, and of the others nothing", async () => {
    await using stage = await startStage();
    const { image } = stage;

    const result = await stage.run(["check"], image("v1", "v1"), image("v2", "v2"), image("v3", "v3"));

    expect(result.exit, result.stderr).toBe(0);
    const lines = result.stdout.trim().split("\n");
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(new RegExp(`ocidir://target:v1.*absent.*${fixture.v1.digest}`));
    expect(lines[1]).toMatch(new RegExp(`ocidir://target:v2.*differs.*${fixture.v1.digest}.*${fixture.v2.digest}`));
  });

  test("says that referrers may have changed, where they are wanted", async () => {
    await using stage = await startStage();

    const result = await stage.run(["check"], { ...stage.image("v3", "v3"), referrers: true });

    expect(result.stdout).toMatch(/ocidir:\/\/target:v3.*referrers/);
  });

  test("exits with 2 when asked to tell by its exit status that something is stale", async () => {
    await using stage = await startStage();

    const stale = await stage.run(["check", "--exit-code"], stage.image("v2", "v2"));
    const fresh = await stage.run(["check", "--exit-code"], stage.image("v3", "v3"));

    expect([stale.exit, fresh.exit], stale.stderr + fresh.stderr).toEqual([2, 0]);
  });

  test("exits with 1 when it could not look, stale images or not", async () => {
    await using stage = await startStage();

    const result = await stage.run(["check", "--exit-code"], stage.image("v2", "v2"), stage.image("nope", "nope"));

    expect(result.exit).toBe(1);
  });

  test("prints the plan as JSON for machines", async () => {
    await using stage = await startStage();

    const result = await stage.run(["check", "--output", "json"], stage.image("v2", "v2"), stage.image("v3", "v3"));

    expect(reportOf(result).images).toEqual([
      expect.objectContaining({
        entry: 0,
        source: "ocidir://source:v2",
        target: "ocidir://target:v2",
        outcome: "stale",
        reason: "differs",
        sourceDigest: fixture.v2.digest,
        targetDigest: fixture.v1.digest,
      }),
      expect.objectContaining({ entry: 1, outcome: "unchanged", digest: fixture.v3.digest }),
    ]);
  });
});

describe("once", () => {
  test("prints what became of each image as JSON, and nothing else on standard output", async () => {
    await using stage = await startStage();
    const entries = [stage.image("v2", "v2"), stage.image("v3", "v3"), stage.image("nope", "nope")];

    const result = await stage.run(["once", "--output", "json"], ...entries);

    expect(result.exit).toBe(1);
    const report = reportOf(result);
    expect(report.images).toEqual([
      expect.objectContaining({ outcome: "copied", reason: "differs", digest: fixture.v2.digest }),
      expect.objectContaining({ outcome: "unchanged", digest: fixture.v3.digest }),
      expect.objectContaining({ outcome: "failed", code: "MANIFEST_NOT_FOUND" }),
    ]);
    expect(report.summary).toMatchObject({ copied: 1, unchanged: 1, failed: 1 });
  });

  test("writes no colour and no live view where nobody watches", async () => {
    await using stage = await startStage();

    const result = await stage.run(["once"], stage.image("v2", "v2"));

    expect(result.stdout + result.stderr).not.toContain("\u001B");
  });

  test("ends its log with what the run came to", async () => {
    await using stage = await startStage();

    const result = await stage.run(["once"], stage.image("v1", "v1"), stage.image("v3", "v3"));

    expect(result.exit, result.stderr).toBe(0);
    expect(result.stderr.trim().split("\n").at(-1)).toMatch(/copied=1 .*unchanged=1 .*failed=0/);
  });

  test("goes on after an image in trouble, and says at the end which one it was", async () => {
    await using stage = await startStage();

    const result = await stage.run(["once"], stage.image("nope", "nope"), stage.image("b1", "b1"));

    expect(result.exit).toBe(1);
    expect(result.stderr.trim().split("\n").at(-1)).toContain("ocidir://source:nope");
    expect((await readLayout(join(stage.folder, "target"))).tags).toHaveProperty("b1");
  });

  test("stops at the first image in trouble when it is asked to", async () => {
    await using stage = await startStage();

    const result = await stage.run(["once", "--abort-on-error"], stage.image("nope", "nope"), stage.image("b1", "b1"));

    expect(result.exit).toBe(1);
    expect((await readLayout(join(stage.folder, "target"))).tags).not.toHaveProperty("b1");
  });

  test("reads the configuration from standard input, with the flags before the command", async () => {
    await using stage = await startStage();
    const input = configText({ sync: [{ ...stage.image("b2", "b2") }] });

    const result = await runProgram(["-c", "-", "once"], { cwd: stage.folder, input });

    expect(result.exit, result.stderr).toBe(0);
    expect((await readLayout(join(stage.folder, "target"))).tags).toHaveProperty("b2");
  });
});
