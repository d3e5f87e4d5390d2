import { join } from "node:path";
import { describe, expect } from "vitest";
import { configText } from "../support/config-text.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { makeImage } from "../support/images.ts";
import { readLayout } from "../support/layout-state.ts";
import { pushRepository, readTags } from "../support/plain-client.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { openUploads, type RealRegistry, startDockerRegistry } from "../support/real-registry.ts";
import { type RecordedRequest, type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import { testOn } from "../support/shared.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { haveTools } from "../support/tools.ts";

// A signal in the middle of a transfer. The limits are generous to slow machines, not what a user should wait for.

const repository = new StoredRepository();
for (const seed of [1, 2, 3]) repository.add(makeImage({ seed, layerBytes: [400_000, 400_000] }), `v${seed}`);
const allTags = Object.fromEntries(repository.tags);
const limitMs = 15_000;
/** Requests that the program has under way at one registry when it knows nothing of it. Spec: regsync.md §2.2. */
const concurrency = 3;

interface Stage extends AsyncDisposable {
  readonly source: RecordingProxy;
  readonly target: RecordingProxy;
  readonly behindTarget: RealRegistry;
}

const test = testOn(async (): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const behindSource = started.use(await startDockerRegistry());
  const behindTarget = started.use(await startDockerRegistry());
  const source = started.use(await startRecordingProxy(behindSource.host));
  const target = started.use(await startRecordingProxy(behindTarget.host));
  await pushRepository(source.host, "app", repository);
  const kept = started.move();
  return { source, target, behindTarget, [Symbol.asyncDispose]: () => kept.disposeAsync() };
});

function mirror({ source, target }: Stage, to: string): string {
  const creds = [source, target].map(({ host }) => ({ registry: host, tls: "disabled" }) as const);
  return configText({ creds, sync: [{ source: `${source.host}/app`, target: to, type: "repository" }] });
}

function sendsContent({ method, path }: RecordedRequest): boolean {
  return (method === "PUT" || method === "PATCH") && path.includes("/blobs/uploads/");
}

function beginsUpload({ method, path }: RecordedRequest): boolean {
  return method === "POST" && path.includes("/blobs/uploads/");
}

function fetchesBlob({ method, path }: RecordedRequest): boolean {
  return method === "GET" && path.includes("/blobs/");
}

describe.skipIf(!haveTools("dockerRegistry"))("told to stop in the middle of a copy", () => {
  test.for([
    { signal: "SIGTERM", exit: 143 },
    { signal: "SIGINT", exit: 130 },
  ] as const)("by $signal it cancels its uploads, and ends with $exit", async ({ signal, exit }, { stage }) => {
    const name = `stopped-by-${signal.toLowerCase()}`;
    using uploads = stage.target.holdRequests(sendsContent);
    const config = mirror(stage, `${stage.target.host}/${name}`);
    await using program = await startProgram(["once"], { config, limitMs });
    await Promise.race([uploads.reached(concurrency), program.ended]);

    program.signal(signal);
    const result = await program.ended;

    expect(result.exit, result.stderr).toBe(exit);
    expect(result.stderr).not.toMatch(/^\s+at /m);
    expect(await openUploads(stage.behindTarget)).toEqual([]);
    expect(await readTags(stage.target.host, name)).toEqual({});
  });

  test("an upload that the registry is just opening is cancelled too", async ({ stage }) => {
    // The first upload waits for its content, whose download tells when the signal has arrived; the others are opening.
    using downloads = stage.source.holdRequests(fetchesBlob);
    let begun = 0;
    const openings = stage.target.holdAnswers((request) => beginsUpload(request) && ++begun > 1);
    const config = mirror(stage, `${stage.target.host}/just-opening`);
    await using program = await startProgram(["once"], { config, limitMs });
    await Promise.race([Promise.all([downloads.reached(1), openings.reached(1)]), program.ended]);

    program.signal("SIGTERM");
    await Promise.race([downloads.abandoned, program.ended]);
    openings[Symbol.dispose]();
    const result = await program.ended;

    expect(result.exit, result.stderr).toBe(143);
    expect(await openUploads(stage.behindTarget)).toEqual([]);
  });

  test("writing a layout, it leaves no temporary file behind", async ({ stage }) => {
    await using folder = await makeTempFolder("interrupted");
    using downloads = stage.source.holdRequests(fetchesBlob);
    const config = mirror(stage, "ocidir://target");
    await using program = await startProgram(["once"], { config, cwd: folder.path, limitMs });
    await Promise.race([downloads.reached(1), program.ended]);

    program.signal("SIGTERM");
    const result = await program.ended;

    expect(result.exit, result.stderr).toBe(143);
    const { tags, damaged, strangers } = await readLayout(join(folder.path, "target")).catch(() => nothingThere);
    expect({ tags, damaged, strangers }).toEqual(nothingThere);
  });

  test("the next run does what was left, and all tags are there", async ({ stage }) => {
    const config = mirror(stage, `${stage.target.host}/resumed`);
    const uploads = stage.target.holdRequests(sendsContent);
    await using program = await startProgram(["once"], { config, limitMs });
    await Promise.race([uploads.reached(1), program.ended]);
    program.signal("SIGTERM");
    await program.ended;
    uploads[Symbol.dispose]();

    const result = await runProgram(["once"], { config });

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(stage.target.host, "resumed")).toEqual(allTags);
  });

  test("killed without warning, it leaves no tag that is not whole, and the next run goes on", async ({ stage }) => {
    await using folder = await makeTempFolder("killed");
    const config = mirror(stage, "ocidir://target");
    const downloads = stage.source.holdRequests(fetchesBlob);
    await using program = await startProgram(["once"], { config, cwd: folder.path, limitMs });
    await Promise.race([downloads.reached(1), program.ended]);
    program.signal("SIGKILL");
    await program.ended;
    downloads[Symbol.dispose]();

    const result = await runProgram(["once"], { config, cwd: folder.path });

    expect(result.exit, result.stderr).toBe(0);
    const { tags, damaged, strangers } = await readLayout(join(folder.path, "target"));
    expect({ tags, damaged }).toEqual({ tags: allTags, damaged: [] });
    // Notes on what a killed process had brought in already stay for a while: content of a later run depends on them.
    expect(strangers.filter((name) => !name.startsWith(".regsync/"))).toEqual([]);
  });
});

const nothingThere = { tags: {}, damaged: [], strangers: [] };
