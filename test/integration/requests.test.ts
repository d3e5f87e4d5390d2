import { describe, expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { json } from "../support/fake-registry/replies.ts";
import { TokenServer } from "../support/fake-registry/token-server.ts";
import { FakeRegistry, type FakeRegistryOptions } from "../support/fake-registry.ts";
import { makeImage } from "../support/images.ts";
import { type ProgramResult, runProgram, startProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

// How many requests a pass that finds everything in place takes: exactly, and of which kind.

const tags = Array.from({ length: 40 }, (_, at) => `v${at}`);

/** Two registries whose repository `app` is the same on both. */
interface Mirror extends AsyncDisposable {
  readonly source: FakeRegistry;
  readonly target: FakeRegistry;
}

async function startMirror(options: FakeRegistryOptions = {}): Promise<Mirror> {
  const [source, target] = await Promise.all([FakeRegistry.start(options), FakeRegistry.start(options)]);
  for (const registry of [source, target]) {
    for (const [at, tag] of tags.entries()) registry.add("app", makeImage({ seed: at + 1, layerBytes: [10] }), tag);
  }
  return {
    source,
    target,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([source[Symbol.asyncDispose](), target[Symbol.asyncDispose]()]);
    },
  };
}

function configOf({ source, target }: Mirror, more: object = {}, creds: object = {}): string {
  return configText({
    creds: [source, target].map(({ name }) => ({ registry: name, tls: "disabled" as const, ...creds })),
    sync: [{ source: `${source.name}/app`, target: `${target.name}/app`, type: "repository", ...more }],
  });
}

async function once(mirror: Mirror, config = configOf(mirror), ...options: string[]): Promise<ProgramResult> {
  for (const registry of [mirror.source, mirror.target]) registry.forget();
  const result = await runProgram(["once", ...options], { config });
  expect(result.exit, result.stderr).toBe(0);
  return result;
}

/** So many requests of each kind: `HEAD 40`. */
function kinds(registry: FakeRegistry): readonly string[] {
  const counts = Map.groupBy(
    registry.requests(),
    ({ method, path }) => `${method} ${/tags|manifests|\/token/.exec(path)?.[0] ?? path}`,
  );
  return [...counts].map(([kind, requests]) => `${requests.length} ${kind}`).toSorted();
}

describe("a pass that finds everything in place asks", () => {
  test("for the list, and for each tag once on either side, over connections that it keeps", async () => {
    await using mirror = await startMirror();

    await once(mirror);

    expect(kinds(mirror.source)).toEqual(["1 GET tags", "40 HEAD manifests"]);
    expect(kinds(mirror.target)).toEqual(["40 HEAD manifests"]);
    const used = new Set(mirror.target.requests().map(({ connection }) => connection));
    expect(used.size).toBeLessThan(tags.length);
    expect(mirror.target.requests().every(({ headers }) => headers.connection === "keep-alive")).toBe(true);
  });

  test("for one token a side, and is refused once on either before it knows that", async () => {
    await using tokens = await TokenServer.start();
    await using mirror = await startMirror({ guard: tokens.guard() });

    await once(mirror);

    expect(kinds(mirror.source)).toEqual(["2 GET tags", "40 HEAD manifests"]);
    expect(kinds(mirror.target)).toEqual(["41 HEAD manifests"]);
    expect(tokens.issued.map(({ scopes }) => scopes)).toEqual([["repository:app:pull"], ["repository:app:pull"]]);
    const refused = [mirror.source, mirror.target].flatMap((each) =>
      each.requests().filter(({ status }) => status === 401),
    );
    expect(refused).toHaveLength(2);
  });

  test("for what its list does not tell, where it tells digests", async () => {
    await using mirror = await startMirror();
    const manifest = Object.fromEntries(
      [...mirror.source.repository("app").tags].map(([tag, digest]) => [digest, { tag: [tag] }]),
    );
    mirror.source.on("GET /v2/app/tags/list", json(200, { name: "app", tags, manifest }));

    await once(mirror);

    expect(kinds(mirror.source)).toEqual(["1 GET tags"]);
    expect(kinds(mirror.target)).toEqual(["40 HEAD manifests"]);
    await once(mirror, configOf(mirror, {}, { digestListing: "off" }));
    expect(kinds(mirror.source)).toEqual(["1 GET tags", "40 HEAD manifests"]);
    await once(mirror, configOf(mirror), "--full");
    expect(kinds(mirror.source)).toEqual(["1 GET tags", "40 HEAD manifests"]);
  });
});

describe("with a state directory a pass asks", () => {
  const versions = { tags: { immutable: ["v[1-3].*"] } };

  test("no more for tags that never change, in a process of its own, unless it is to look at everything", async () => {
    await using mirror = await startMirror();
    await using folder = await makeTempFolder("memory");
    const config = configOf(mirror, versions);
    const memory = ["--state-dir", folder.path];
    await once(mirror, config, ...memory);

    await once(mirror, config, ...memory);

    const others = tags.filter((tag) => !/^v[1-3]/.test(tag)).length;
    expect(kinds(mirror.source)).toEqual(["1 GET tags", `${others} HEAD manifests`]);
    expect(kinds(mirror.target)).toEqual([`${others} HEAD manifests`]);
    await once(mirror, config, ...memory, "--full");
    expect(kinds(mirror.target)).toEqual(["40 HEAD manifests"]);
    await once(mirror, config);
    expect(kinds(mirror.target)).toEqual(["40 HEAD manifests"]);
  });

  test("for everything when another process has the directory, says so, and refuses that when it is to be strict", async () => {
    await using mirror = await startMirror();
    await using folder = await makeTempFolder("memory");
    const config = configOf(mirror, versions);
    const memory = ["--state-dir", folder.path];
    await once(mirror, config, ...memory);
    const held = Promise.withResolvers<void>();
    mirror.source.once("GET /v2/app/tags/list", async (exchange) => {
      held.resolve();
      await released.promise;
      return await exchange.usual();
    });
    const released = Promise.withResolvers<void>();
    await using other = await startProgram(["once", ...memory], { config });
    await held.promise;

    const second = await once(mirror, config, ...memory);
    const strict = await runProgram(["once", ...memory, "--strict"], { config });
    released.resolve();

    expect(second.stderr).toMatch(/level=WARN msg="Going on without the state directory" .*code=STATE_LOCKED/);
    expect(strict.exit).toBe(1);
    expect(strict.stderr).toContain("is in use by another process; give each its own state directory");
    expect((await other.ended).exit).toBe(0);
  });
});
