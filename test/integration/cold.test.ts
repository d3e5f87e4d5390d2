import { describe, expect } from "vitest";
import { configText } from "../support/config-text.ts";
import { StoredRepository } from "../support/fake-registry/content.ts";
import { type FixtureImage, makeBytes, makeImage } from "../support/images.ts";
import { pushRepository, readTags } from "../support/plain-client.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { startDockerRegistry } from "../support/real-registry.ts";
import { type RecordedRequest, type RecordingProxy, startRecordingProxy } from "../support/recording-proxy.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { testOn } from "../support/shared.ts";
import { haveTools } from "../support/tools.ts";

// What a first copy costs on real registries, counted by proxies in front of them: requests exactly, bytes closely.

interface Stage extends AsyncDisposable {
  readonly source: RecordingProxy;
  readonly target: RecordingProxy;
  readonly other: RecordingProxy;
}

const test = testOn(async (): Promise<Stage> => {
  await using started = new AsyncDisposableStack();
  const proxied = async (): Promise<RecordingProxy> => {
    const behind = started.use(await startDockerRegistry());
    return started.use(await startRecordingProxy(behind.host));
  };
  const [source, target, other] = [await proxied(), await proxied(), await proxied()];
  const kept = started.move();
  return { source, target, other, [Symbol.asyncDispose]: () => kept.disposeAsync() };
});

type Entry = Readonly<Record<string, unknown>>;

/** Runs the program once, alone on a machine that remembers nothing, and leaves in the stage what it asked. */
async function run(
  stage: Stage,
  sync: readonly Entry[],
  flags: readonly string[] = [],
  hosts: readonly string[] = [],
): Promise<ProgramResult> {
  const proxies = [stage.source, stage.target, stage.other];
  const names = [...proxies.map(({ host }) => host), ...hosts];
  const creds = names.map((registry) => ({ registry, tls: "disabled" }) as const);
  for (const proxy of proxies) proxy.forget();
  return await runProgram(["once", ...flags], { config: configText({ creds, defaults: { parallel: 4 }, sync }) });
}

/** How often each kind of request was made: `GET blobs: 3`. */
function kinds(requests: readonly RecordedRequest[]): Record<string, number> {
  const kind = /\/(manifests|blobs\/uploads|blobs|tags\/list|referrers)(?:\/|$|\?)/;
  const counts: Record<string, number> = {};
  for (const { method, path } of requests) {
    const name = `${method} ${kind.exec(path)?.[1] ?? path}`;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function blobBytes(requests: readonly RecordedRequest[], of: "sentBytes" | "receivedBytes"): number {
  return requests.filter(({ path }) => path.includes("/blobs/")).reduce((sum, request) => sum + request[of], 0);
}

async function push({ source }: Stage, name: string, images: Readonly<Record<string, FixtureImage>>): Promise<void> {
  const repository = new StoredRepository();
  for (const [tag, image] of Object.entries(images)) repository.add(image, tag);
  await pushRepository(source.host, name, repository);
}

const kibibyte = 1024;

describe.skipIf(!haveTools("dockerRegistry"))("a first copy", () => {
  test("of an image of n small layers costs 3 + 3(n + 1) requests in a new repository", async ({ stage }) => {
    await push(stage, "small", { v1: makeImage({ seed: 1, layerBytes: [200 * kibibyte, 5_000, 300] }) });
    const entry = { source: `${stage.source.host}/small:v1`, target: `${stage.target.host}/small:v1`, type: "image" };

    const result = await run(stage, [entry]);

    expect(result.exit, result.stderr).toBe(0);
    expect(kinds(stage.source.requests)).toEqual({ "GET manifests": 1, "GET blobs": 4 });
    expect(kinds(stage.target.requests)).toEqual({
      "HEAD manifests": 1,
      "POST blobs/uploads": 4,
      "PUT blobs/uploads": 4,
      "PUT manifests": 1,
    });
  });

  test("of an image of n large layers costs 4 + 3(n + 1): one asks whether the repository is new", async ({
    stage,
  }) => {
    await push(stage, "large", {
      v1: makeImage({ seed: 2, layerBytes: [400, 300, 350].map((kib) => kib * kibibyte) }),
    });
    const entry = { source: `${stage.source.host}/large:v1`, target: `${stage.target.host}/large:v1`, type: "image" };

    const result = await run(stage, [entry]);

    expect(result.exit, result.stderr).toBe(0);
    expect(kinds(stage.source.requests)).toEqual({ "GET manifests": 1, "GET blobs": 4 });
    expect(kinds(stage.target.requests)).toEqual({
      "HEAD manifests": 1,
      "GET tags/list": 1,
      "POST blobs/uploads": 4,
      "PUT blobs/uploads": 4,
      "PUT manifests": 1,
    });
  });

  test("into a repository with other content costs a HEAD for each large layer, and sends what is new", async ({
    stage,
  }) => {
    const shared = [600 * kibibyte, 500 * kibibyte];
    const before = makeImage({ seed: 3, layerBytes: shared });
    const after = makeImage({ seed: 3, layerBytes: [...shared, 400 * kibibyte], annotations: { a: "b" } });
    await push(stage, "grown", { before, after });
    const entry = (tag: string): Entry => ({
      source: `${stage.source.host}/grown:${tag}`,
      target: `${stage.target.host}/grown:${tag}`,
      type: "image",
    });
    await run(stage, [entry("before")]);

    const result = await run(stage, [entry("after")]);

    expect(result.exit, result.stderr).toBe(0);
    // The config is the same: the registry finds it where the upload of it would begin.
    expect(kinds(stage.target.requests)).toEqual({
      "HEAD manifests": 1,
      "GET tags/list": 1,
      "HEAD blobs": 3,
      "POST blobs/uploads": 2,
      "PUT blobs/uploads": 1,
      "PUT manifests": 1,
    });
    expect(blobBytes(stage.target.requests, "sentBytes")).toBe(400 * kibibyte);
  });

  test("in place of another one costs a look at either side and a HEAD for each blob", async ({ stage }) => {
    const layerBytes = [500, 400].map((kib) => kib * kibibyte);
    await push(stage, "moved", {
      before: makeImage({ seed: 90, layerBytes: [100] }),
      after: makeImage({ seed: 91, layerBytes }),
    });
    const entry = (tag: string): Entry => ({
      source: `${stage.source.host}/moved:${tag}`,
      target: `${stage.target.host}/moved:latest`,
      type: "image",
    });
    await run(stage, [entry("before")]);

    const result = await run(stage, [entry("after")]);

    expect(result.exit, result.stderr).toBe(0);
    expect(kinds(stage.source.requests)).toEqual({ "HEAD manifests": 1, "GET manifests": 1, "GET blobs": 3 });
    expect(kinds(stage.target.requests)).toEqual({
      "HEAD manifests": 1,
      "HEAD blobs": 2,
      "POST blobs/uploads": 3,
      "PUT blobs/uploads": 3,
      "PUT manifests": 1,
    });
  });

  test("into a layout reads each manifest and blob, and asks nothing", async ({ stage }) => {
    await push(stage, "to-disk", {
      v1: makeImage({ seed: 93, layerBytes: [9_000] }),
      v2: makeImage({ seed: 94, layerBytes: [9_000] }),
    });
    await using folder = await makeTempFolder("layout");
    const entry = { source: `${stage.source.host}/to-disk`, target: `ocidir://${folder.path}/app`, type: "repository" };

    const first = await run(stage, [entry]);
    const cold = kinds(stage.source.requests);
    const second = await run(stage, [entry]);

    expect([first.exit, second.exit], first.stderr + second.stderr).toEqual([0, 0]);
    expect(cold).toEqual({ "GET tags/list": 1, "GET manifests": 2, "GET blobs": 4 });
    expect(kinds(stage.source.requests)).toEqual({ "GET tags/list": 1, "HEAD manifests": 2 });
  });

  test("of tags that the target does not list asks it for none of them", async ({ stage }) => {
    const images = Object.fromEntries(
      [1, 2, 3].map((n) => [`v${n}`, makeImage({ seed: 40 + n, layerBytes: [9_000] })]),
    );
    await push(stage, "missing", images);
    const entry = {
      source: `${stage.source.host}/missing`,
      target: `${stage.target.host}/missing`,
      type: "repository",
    };

    const result = await run(stage, [entry], ["--missing"]);

    expect(result.exit, result.stderr).toBe(0);
    // 2 + 3(n + 1) for each image, and the two lists.
    expect(kinds(stage.source.requests)).toEqual({
      "GET tags/list": 1,
      "GET manifests": 3,
      "GET blobs": 6,
    });
    expect(kinds(stage.target.requests)).toEqual({
      "GET tags/list": 1,
      "POST blobs/uploads": 6,
      "PUT blobs/uploads": 6,
      "PUT manifests": 3,
    });
  });

  test("of repositories that share a layer reads and writes it once, and mounts it everywhere else", async ({
    stage,
  }) => {
    const names = Array.from({ length: 10 }, (_, at) => `shared/${at}`);
    const sharedBytes = 4 * 1024 * kibibyte;
    const ownBytes = 256 * kibibyte + 1;
    const baseLayers = [makeBytes(5, sharedBytes)];
    for (const [at, name] of names.entries())
      await push(stage, name, { v1: makeImage({ seed: 60 + at, baseLayers, layerBytes: [ownBytes] }) });
    const entries = names.map((name) => ({
      source: `${stage.source.host}/${name}:v1`,
      target: `${stage.target.host}/${name}:v1`,
      type: "image",
    }));

    const result = await run(stage, entries);

    expect(result.exit, result.stderr).toBe(0);
    const unique = sharedBytes + names.length * ownBytes;
    expect(blobBytes(stage.source.requests, "receivedBytes")).toBeLessThanOrEqual(1.02 * unique);
    expect(blobBytes(stage.target.requests, "sentBytes")).toBeLessThanOrEqual(1.02 * unique);
    for (const name of names) expect(Object.keys(await readTags(stage.target.host, name))).toEqual(["v1"]);
  });

  test("to two targets reads everything once, and asks the source once", async ({ stage }) => {
    const shared = makeImage({ seed: 7, layerBytes: [3 * 1024 * kibibyte, 300 * kibibyte, 900] });
    const sibling = makeImage({ seed: 7, layerBytes: [3 * 1024 * kibibyte, 300 * kibibyte], annotations: { a: "b" } });
    await push(stage, "both", { v1: shared, v2: sibling });
    const targets = [`${stage.target.host}/both`, `${stage.other.host}/both`];
    const entry = { source: `${stage.source.host}/both`, targets, type: "repository" };

    const result = await run(stage, [entry]);
    const wasAsked = kinds(stage.source.requests);
    const read = blobBytes(stage.source.requests, "receivedBytes");
    const again = await run(stage, [entry]);

    expect([result.exit, again.exit], result.stderr + again.stderr).toEqual([0, 0]);
    const unique = [...new Map([...shared.blobs, ...sibling.blobs]).values()];
    expect(wasAsked).toEqual({
      "GET tags/list": 1,
      "HEAD manifests": 2,
      "GET manifests": 2,
      "GET blobs": unique.length,
    });
    expect(read).toBe(unique.reduce((sum, { byteLength }) => sum + byteLength, 0));
    expect(kinds(stage.target.requests)).toEqual({ "HEAD manifests": 2 });
    expect(kinds(stage.other.requests)).toEqual({ "HEAD manifests": 2 });
    for (const { host } of [stage.target, stage.other]) {
      expect(await readTags(host, "both")).toEqual({ v1: shared.digest, v2: sibling.digest });
    }
  });

  test("to two targets goes on with one when the other refuses, and says so of that one alone", async ({ stage }) => {
    const image = makeImage({ seed: 8, layerBytes: [2 * 1024 * kibibyte] });
    await push(stage, "half", { v1: image });
    await using refusing = await startDockerRegistry({ readOnly: true });
    const targets = [`${stage.target.host}/half:v1`, `${refusing.host}/half:v1`];
    const entry = { source: `${stage.source.host}/half:v1`, targets, type: "image" };

    const result = await run(stage, [entry], ["--output", "json"], [refusing.host]);

    expect(result.exit).toBe(1);
    expect(await readTags(stage.target.host, "half")).toEqual({ v1: image.digest });
    expect(JSON.parse(result.stdout)).toMatchObject({
      images: expect.arrayContaining([
        expect.objectContaining({ target: targets[0], outcome: "copied" }),
        expect.objectContaining({ target: targets[1], outcome: "failed" }),
      ]),
    });
  });
});
