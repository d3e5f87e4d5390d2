import { describe, expect } from "vitest";
import { configText } from "../support/config-text.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { makeFixture } from "../support/fixture-repository.ts";
import { makeImage, makeIndex } from "../support/images.ts";
import { pushRepository, readTags } from "../support/plain-client.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { type RecordedRequest, type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import { testOn } from "../support/shared.ts";
import { haveTools } from "../support/tools.ts";

// What goes over the wire, seen by proxies in front of two real registries.

const fixture = makeFixture();
const tagCount = fixture.repository.tags.size;

interface Stage extends AsyncDisposable {
  readonly source: RecordingProxy;
  readonly target: RecordingProxy;
}

const test = testOn(async (): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const behindSource = started.use(await startDockerRegistry());
  const behindTarget = started.use(await startDockerRegistry());
  const source = started.use(await startRecordingProxy(behindSource.host));
  const target = started.use(await startRecordingProxy(behindTarget.host));
  await pushRepository(source.host, "fixture", fixture.repository);
  const kept = started.move();
  return { source, target, [Symbol.asyncDispose]: () => kept.disposeAsync() };
});

async function run({ source, target }: Stage, args: readonly string[], entry: object): Promise<ProgramResult> {
  const creds = [source, target].map(({ host }) => ({ registry: host, tls: "disabled" }) as const);
  source.forget();
  target.forget();
  return await runProgram(args, { config: configText({ creds, sync: [{ ...entry }] }) });
}

function whole({ source, target }: Stage, name: string): object {
  return { source: `${source.host}/fixture`, target: `${target.host}/${name}`, type: "repository" };
}

/** Requests as `METHOD kind`, each kind once: what was done, without to what. */
function kinds(requests: readonly RecordedRequest[]): string[] {
  const kind = /\/(manifests|blobs\/uploads|blobs|tags\/list|referrers)(?:\/|$|\?)/;
  return [...new Set(requests.map(({ method, path }) => `${method} ${kind.exec(path)?.[1] ?? path}`))].sort();
}

/** How often each digest's content passed, in whole answers (`GET`) or in finished uploads (`PUT`). */
function transfers(requests: readonly RecordedRequest[], method: "GET" | "PUT"): Map<string, number> {
  const counts = new Map<string, number>();
  for (const request of requests.filter((each) => each.method === method && each.path.includes("/blobs/"))) {
    const digest = /sha256(?::|%3A)[0-9a-f]{64}/.exec(request.path)?.[0].replace("%3A", ":") ?? "";
    counts.set(digest, (counts.get(digest) ?? 0) + 1);
  }
  return counts;
}

describe.skipIf(!haveTools("dockerRegistry"))("on the wire", () => {
  test("a second run asks with HEAD whether each tag changed, and sends nothing", async ({ stage }) => {
    const first = await run(stage, ["once"], whole(stage, "again"));

    const second = await run(stage, ["once"], whole(stage, "again"));

    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    expect(kinds(stage.source.requests)).toEqual(["GET tags/list", "HEAD manifests"]);
    expect(kinds(stage.target.requests)).toEqual(["HEAD manifests"]);
  });

  test("a run with nothing to do costs at most two HEADs a tag", async ({ stage }) => {
    await run(stage, ["once"], whole(stage, "cheap"));

    await run(stage, ["once"], whole(stage, "cheap"));

    const heads = [...stage.source.requests, ...stage.target.requests].filter(({ method }) => method === "HEAD");
    expect(heads.length).toBeLessThanOrEqual(2 * tagCount);
  });

  test("check writes nothing, and downloads no blob", async ({ stage }) => {
    const result = await run(stage, ["check"], whole(stage, "only-checked"));

    expect(result.exit, result.stderr).toBe(0);
    expect(kinds(stage.source.requests)).toEqual(["GET tags/list", "HEAD manifests"]);
    expect(kinds(stage.target.requests)).toEqual(["HEAD manifests"]);
  });

  test("a blob that several tags share crosses the network once", async ({ stage }) => {
    const result = await run(stage, ["once"], whole(stage, "shared"));

    expect(result.exit, result.stderr).toBe(0);
    expect([...transfers(stage.source.requests, "GET").values()].filter((count) => count > 1)).toEqual([]);
    expect([...transfers(stage.target.requests, "PUT").values()].filter((count) => count > 1)).toEqual([]);
    expect(transfers(stage.target.requests, "PUT").size).toBeGreaterThan(0);
  });

  test("the tag is written last, when all it needs is there", async ({ stage }) => {
    const { source, target } = stage;
    const entry = {
      source: `${source.host}/fixture:v2`,
      target: `${target.host}/ordered:v2`,
      type: "image",
      referrers: true,
    };

    const result = await run(stage, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    const writes = target.requests.filter(({ method }) => method !== "HEAD" && method !== "GET");
    expect(writes.at(-1)).toMatchObject({ method: "PUT", path: "/v2/ordered/manifests/v2", status: 201 });
    expect(writes.filter(({ path }) => path.endsWith("/manifests/v2"))).toHaveLength(1);
    expect(target.requests.filter(({ method, status }) => method === "PUT" && status !== 201)).toEqual([]);
  });

  test("between repositories of one registry blobs are mounted, and none is sent", async ({ stage }) => {
    const { target } = stage;
    await pushRepository(target.host, "here", fixture.withoutLists);
    const entry = { source: `${target.host}/here:v3`, target: `${target.host}/there:v3`, type: "image" };

    const result = await run(stage, ["once"], entry);

    expect(result.exit, result.stderr).toBe(0);
    expect(await readTags(target.host, "there")).toEqual({ v3: fixture.v3.digest });
    expect(target.requests.filter(({ method, path }) => method === "GET" && path.includes("/blobs/"))).toEqual([]);
    expect(target.requests.filter(({ method, path }) => method === "PUT" && path.includes("/blobs/"))).toEqual([]);
  });

  test("what the target has of a new image is not sent again", async ({ stage }) => {
    const { source, target } = stage;
    const kept = makeImage({ seed: 901, layerBytes: [50_000] });
    const changed = new StoredRepository();
    changed.add(makeIndex([kept]), "before");
    changed.add(makeIndex([kept, makeImage({ seed: 902, layerBytes: [10_000] })]), "after");
    await pushRepository(source.host, "changed", changed);
    const entry = (tag: string): object => ({
      source: `${source.host}/changed:${tag}`,
      target: `${target.host}/changed:latest`,
      type: "image",
    });
    await run(stage, ["once"], entry("before"));

    const result = await run(stage, ["once"], entry("after"));

    expect(result.exit, result.stderr).toBe(0);
    const sent = target.requests.reduce((sum, request) => sum + request.sentBytes, 0);
    expect(sent).toBeLessThan(20_000);
  });
});
