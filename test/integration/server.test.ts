import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { type FixtureImage, makeImage } from "../support/images.ts";
import { parseLog } from "../support/log-lines.ts";
import { pushRepository, readTags } from "../support/plain-client.ts";
import { type RunningProgram, startProgram } from "../support/program.ts";
import { openUploads, type RealRegistry, startDockerRegistry } from "../support/real-registry.ts";
import { type RecordedRequest, type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import { testOn } from "../support/shared.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

// The real process on real registries. Limits are generous to slow machines, not what a user should wait for.

const token = "let-me";
const headers = { authorization: `Bearer ${token}` };
const patience = { timeout: 20_000, interval: 50 };
const [first, second, third] = [1, 2, 3].map((seed) => makeImage({ seed }));
const large = makeImage({ seed: 4, layerBytes: [20_000_000] });

interface Stage extends AsyncDisposable {
  readonly source: RealRegistry;
  readonly target: RecordingProxy;
  readonly behindTarget: RealRegistry;
}

const test = testOn(async (): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const source = started.use(await startDockerRegistry());
  const behindTarget = started.use(await startDockerRegistry());
  const target = started.use(await startRecordingProxy(behindTarget.host));
  const kept = started.move();
  return { source, target, behindTarget, [Symbol.asyncDispose]: () => kept.disposeAsync() };
});

/** A file as a mounted ConfigMap has it: a link to a link to a folder, of which the second is replaced. */
class MountedFile {
  readonly #folder: string;
  #version = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  get path(): string {
    return join(this.#folder, "regsync.yml");
  }

  async write(config: object): Promise<void> {
    this.#version += 1;
    const name = `..version-${this.#version}`;
    await mkdir(join(this.#folder, name));
    await writeFile(join(this.#folder, name, "regsync.yml"), JSON.stringify(config)); // JSON is YAML
    await symlink(name, join(this.#folder, "..next"));
    await rename(join(this.#folder, "..next"), join(this.#folder, "..data"));
    if (this.#version === 1) await symlink("..data/regsync.yml", this.path);
  }
}

function configOf({ source, target }: Stage, more: readonly object[] = []): object {
  const entry = (name: string, when: object): object => ({
    name,
    source: `${source.host}/${name}`,
    target: `${target.host}/${name}`,
    type: "repository",
    ...when,
  });
  return {
    creds: [source, target].map(({ host }) => ({ registry: host, tls: "disabled" })),
    defaults: { parallel: 2, jitter: "off" },
    sync: [entry("by-interval", { interval: "1s" }), entry("by-cron", { schedule: "0 3 1 1 *" }), ...more],
    server: { listen: "127.0.0.1:0", token },
    shutdown: { grace: "1s" },
  };
}

async function push(registry: RealRegistry, name: string, image: FixtureImage | undefined, tag: string): Promise<void> {
  const repository = new StoredRepository();
  repository.add(image ?? expect.unreachable("there are three images"), tag);
  await pushRepository(registry.host, name, repository);
}

async function start(path: string): Promise<{ readonly program: RunningProgram; readonly url: string }> {
  const program = await startProgram(["server", "-c", path, "--logopt", "json"], { limitMs: 55_000 });
  const [, url = ""] = await program.said(/"url":"([^"]+)"/);
  return { program, url };
}

async function metric(url: string, series: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`, { headers })).text();
  const line = text.split("\n").find((each) => each.startsWith(`${series} `));
  return line === undefined ? Number.NaN : Number(line.slice(series.length));
}

function sendsContent({ method, path }: RecordedRequest): boolean {
  return (method === "PUT" || method === "PATCH") && path.includes("/blobs/uploads/");
}

describe.skipIf(!haveTools("dockerRegistry"))("a server", () => {
  test("mirrors at its times, follows its file, and ends in good order in the middle of a blob", async ({ stage }) => {
    const { source, target, behindTarget } = stage;
    await using folder = await makeTempFolder("mounted");
    const file = new MountedFile(folder.path);
    for (const name of ["by-interval", "by-cron", "added"]) await push(source, name, first, "v1");
    await file.write(configOf(stage));
    const { program, url } = await start(file.path);
    await using _program = program;
    const tags = (name: string) => async () => Object.keys(await readTags(target.host, name));

    // The start brings what is missing, to both.
    await expect.poll(tags("by-interval"), patience).toEqual(["v1"]);
    await expect.poll(tags("by-cron"), patience).toEqual(["v1"]);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);

    // A new tag is there after the next tick, and counted; the other entry is not due for months, but can be told.
    const successes = 'regsync_step_runs_total{step="by-interval",trigger="schedule",outcome="success"}';
    // The first copy is the start's, or that of a scheduled run which took its place.
    const before = await metric(url, successes);
    await push(source, "by-interval", second, "v2");
    await push(source, "by-cron", second, "v2");
    await expect.poll(tags("by-interval"), patience).toEqual(["v1", "v2"]);
    await expect.poll(() => metric(url, successes), patience).toBe(before + 1);
    expect(await tags("by-cron")()).toEqual(["v1"]);
    const told = await fetch(`${url}/api/v1/entries/by-cron/run`, { method: "POST", headers });
    expect(told.ok, await told.text()).toBe(true);
    await expect.poll(tags("by-cron"), patience).toEqual(["v1", "v2"]);

    // The file is replaced below its name: a new entry begins at once, the others are left alone.
    const added = { name: "added", source: `${source.host}/added`, target: `${target.host}/added`, type: "repository" };
    await file.write(configOf(stage, [{ ...added, schedule: "@every 1s" }]));
    await expect.poll(tags("added"), patience).toEqual(["v1"]);
    await push(source, "added", third, "v3");
    await expect.poll(tags("added"), patience).toEqual(["v1", "v3"]);
    expect(await metric(url, successes)).toBe(before + 1);

    // SIGTERM while a large blob is on its way.
    using uploads = target.holdRequests(sendsContent);
    await push(source, "by-interval", large, "large");
    await Promise.race([uploads.reached(1), program.ended]);
    program.signal("SIGTERM");
    await program.said(/Stopping server/);
    expect((await fetch(`${url}/readyz`)).status).toBe(503);
    const { exit, stderr } = await program.ended;

    expect(exit, stderr).toBe(0);
    expect(await openUploads(behindTarget)).toEqual([]);
    expect(await tags("by-interval")()).toEqual(["v1", "v2"]);
    expect(parseLog(stderr).filter(({ level }) => level === "ERROR")).toEqual([]);
  });

  test("lets a blob that is quick enough arrive, and puts its tag", async ({ stage }) => {
    const { source, target, behindTarget } = stage;
    await using folder = await makeTempFolder("mounted");
    const file = new MountedFile(folder.path);
    await file.write({ ...configOf(stage), shutdown: { grace: "30s" } });
    await push(source, "by-cron", large, "quick");
    const uploads = target.holdRequests(sendsContent);
    const { program } = await start(file.path);
    await using _program = program;
    await Promise.race([uploads.reached(1), program.ended]);

    program.signal("SIGTERM");
    await program.said(/Stopping server/);
    uploads[Symbol.dispose]();
    const { exit, stderr } = await program.ended;

    expect(exit, stderr).toBe(0);
    expect(Object.keys(await readTags(target.host, "by-cron"))).toContain("quick");
    expect(await openUploads(behindTarget)).toEqual([]);
  });

  test("goes on with what it has when its file is broken, says so, and ends at once at a second signal", async ({
    stage,
  }) => {
    const { source, target } = stage;
    await using folder = await makeTempFolder("mounted");
    const file = new MountedFile(folder.path);
    await file.write({ ...configOf(stage), shutdown: { grace: "10m" } });
    const { program, url } = await start(file.path);
    await using _program = program;
    await writeFile(join(folder.path, "..data/regsync.yml"), "sync: [oops");

    program.signal("SIGHUP");
    await program.said(/the one before it goes on/);
    await push(source, "by-interval", third, "after");
    await expect.poll(async () => Object.keys(await readTags(target.host, "by-interval")), patience).toContain("after");
    expect(await metric(url, "regsync_config_last_reload_successful")).toBe(0);
    program.signal("SIGUSR1");
    await program.said(/State of the server/);

    using uploads = target.holdRequests(sendsContent);
    await push(source, "by-interval", makeImage({ seed: 9 }), "held");
    await Promise.race([uploads.reached(1), program.ended]);
    program.signal("SIGINT");
    await program.said(/Stopping server/);
    program.signal("SIGINT");

    expect((await program.ended).exit).toBe(130);
  });
});
