import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { freePort } from "../support/daemon.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { refusal, withBody, withHeaders } from "../support/fake-registry/replies.ts";
import { makeFixture, writeRepositoryAsLayout } from "../support/fixture-repository.ts";
import { makeImage } from "../support/images.ts";
import { readFiles, readLayout } from "../support/layout-state.ts";
import { parseLog } from "../support/log-lines.ts";
import { type ProgramResult, runProgram } from "../support/program.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

// What bad input gets, by the real command: a clear sentence, no stack, and nothing lost.

const image = makeImage({ seed: 1, layerBytes: [5_000] });
const good = makeImage({ seed: 2 });
const [configDigest = "", layerDigest = ""] = [...image.blobs.keys()];
const fixture = makeFixture();

/** A stack, as Node prints one. */
const stackLine = /^\s+at .+[:(]\d+/m;

/** A source with one image that is in trouble and one that is not, and a target for both. */
async function startPair(options: Parameters<typeof FakeRegistry.start>[0] = {}) {
  await using started = new AsyncDisposableStack();
  const source = started.use(await FakeRegistry.start());
  const target = started.use(await FakeRegistry.start(options));
  source.add("app", image, "bad");
  source.add("app", good, "good");
  const kept = started.move();
  return { source, target, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

type Pair = Awaited<ReturnType<typeof startPair>>;

async function mirror({ source, target }: Pair, ...tags: readonly string[]): Promise<ProgramResult> {
  const sync = tags.map((tag) => ({
    source: `${source.name}/app:${tag}`,
    target: `${target.name}/app:${tag}`,
    type: "image",
  }));
  const creds = [source, target].map(({ name }) => ({ registry: name, tls: "disabled" }) as const);
  return await runProgram(["once", "--logopt", "json"], { config: configText({ creds, sync }) });
}

function expectRefusal(result: ProgramResult, exit: number, ...words: readonly (string | RegExp)[]): void {
  expect(result.exit, result.stderr).toBe(exit);
  expect(result.stderr).not.toMatch(stackLine);
  for (const word of words) expect(result.stderr).toMatch(word);
}

/** Lines of level ERROR that have this text in them. */
function errorsNaming(result: ProgramResult, text: string): readonly string[] {
  return parseLog(result.stderr)
    .filter((line) => line.level === "ERROR")
    .map((line) => JSON.stringify(line))
    .filter((line) => line.includes(text));
}

describe("a source with damaged content", () => {
  test.for([
    {
      fault: "a manifest larger than any may be",
      damage: ({ source }: Pair) => {
        source.on("* /v2/app/manifests/*", withBody(Buffer.alloc(9 * 1024 * 1024, " ")));
      },
      code: "MANIFEST_TOO_LARGE",
      only: true,
    },
    {
      fault: "a manifest that is no JSON",
      damage: ({ source }: Pair) => {
        const bytes = Buffer.from("{ this is no manifest");
        source.repository("app").add({ manifests: new Map(), blobs: new Map() });
        source.on("GET /v2/app/manifests/*", withBody(bytes));
      },
      code: /MANIFEST_INVALID|DIGEST_MISMATCH/,
      only: true,
    },
    {
      fault: "a manifest of a type nobody knows",
      damage: ({ source }: Pair) => {
        source.on("* /v2/app/manifests/bad", withHeaders({ "content-type": "application/vnd.example.unknown+json" }));
      },
      code: undefined,
      only: false,
    },
    {
      fault: "a manifest that is not the one its digest names",
      damage: ({ source }: Pair) => {
        source.on(`GET /v2/app/manifests/${image.digest}`, withBody(good.bytes));
        source.on("GET /v2/app/manifests/bad", withBody(good.bytes));
      },
      code: /DIGEST_MISMATCH|SIZE_MISMATCH/,
      only: false,
    },
    {
      fault: "a layer that ends too early",
      damage: ({ source }: Pair) => {
        source.on(`GET /v2/app/blobs/${layerDigest}`, withBody(Buffer.alloc(2_000)));
      },
      code: /SIZE_MISMATCH|REGISTRY_ANSWER_INVALID|REGISTRY_UNREACHABLE/,
      only: false,
    },
    {
      fault: "a layer that is longer than announced",
      damage: ({ source }: Pair) => {
        source.on(`GET /v2/app/blobs/${layerDigest}`, withBody(Buffer.alloc(6_000)));
      },
      code: /SIZE_MISMATCH|DIGEST_MISMATCH|REGISTRY_ANSWER_INVALID/,
      only: false,
    },
    {
      fault: "a layer with other content than its digest names",
      damage: ({ source }: Pair) => {
        source.on(`GET /v2/app/blobs/${layerDigest}`, withBody(Buffer.alloc(5_000)));
      },
      code: "DIGEST_MISMATCH",
      only: false,
    },
    {
      fault: "a layer that is gone",
      damage: ({ source }: Pair) => {
        source.on(`* /v2/app/blobs/${layerDigest}`, refusal(404, "BLOB_UNKNOWN", "blob unknown to registry"));
      },
      code: "BLOB_NOT_FOUND",
      only: false,
    },
  ])(
    "$fault: the image fails, no tag is written for it, and the other images are done",
    async ({ damage, code, only }) => {
      await using pair = await startPair();
      damage(pair);

      const result = await mirror(pair, "bad", "good");

      const tags = pair.target.repository("app").tags;
      expect(tags.has("bad")).toBe(false);
      expect(pair.target.uploads.open).toBe(0);
      // A type that is not mirrored is left out, as the file says; everything else is a failure.
      if (code === undefined) {
        expectRefusal(result, 0, "application/vnd.example.unknown");
      } else {
        expectRefusal(result, 1, code, "app:bad");
      }
      if (!only) expect(tags.get("good")).toBe(good.digest);
    },
  );

  test("a missing config blob names the blob and the repository that lacks it", async () => {
    await using pair = await startPair();
    pair.source.on(`* /v2/app/blobs/${configDigest}`, refusal(404, "BLOB_UNKNOWN", "blob unknown to registry"));

    const result = await mirror(pair, "bad", "good");

    expectRefusal(result, 1, configDigest, `${pair.source.name}/app`);
  });
});

describe("a target that refuses", () => {
  test("tags that may not change: the old image stays, and the message has the registry's words", async () => {
    await using pair = await startPair({ immutableTags: true });
    pair.target.add("app", good, "bad");

    const result = await mirror(pair, "bad", "good");

    expectRefusal(result, 1, "REGISTRY_STATUS", "app:bad");
    expect(pair.target.repository("app").tags.get("bad")).toBe(good.digest);
    expect(pair.target.repository("app").tags.get("good")).toBe(good.digest);
  });

  test("a quota: the message has the registry's words, and no byte was read for it", async () => {
    await using pair = await startPair();
    pair.target.on("POST /v2/app/blobs/uploads/", refusal(403, "DENIED", "quota of project app is exceeded"));

    const result = await mirror(pair, "bad", "good");

    expectRefusal(result, 1, "quota of project app is exceeded", "403");
    expect(pair.source.count("GET /v2/app/blobs/*")).toBe(0);
  });

  test("a manifest that is too large for it: the status and the tag are named", async () => {
    await using pair = await startPair();
    pair.target.on("PUT /v2/app/manifests/bad", refusal(413, "SIZE_INVALID", "manifest too large"));

    const result = await mirror(pair, "bad", "good");

    expectRefusal(result, 1, "413", "manifest too large", "app:bad");
    expect(pair.target.repository("app").tags.get("good")).toBe(good.digest);
  });

  test("a target that cannot say whether the image is there gets no copy into the dark", async () => {
    await using pair = await startPair();
    pair.target.on("HEAD /v2/app/manifests/bad", refusal(500, "UNKNOWN", "database is down"));

    const result = await mirror(pair, "bad");

    expectRefusal(result, 1, "500", "app");
    expect(pair.target.count("PUT /v2/app/manifests/bad")).toBe(0);
  });
});

describe("a host that cannot be reached", () => {
  test("nobody listens there: said once for the host, and the other host's images are done", async () => {
    await using source = await FakeRegistry.start();
    await using target = await FakeRegistry.start();
    source.add("app", good, "good");
    const nobody = `127.0.0.1:${await freePort()}`;
    const creds = [source.name, target.name, nobody].map((registry) => ({ registry, tls: "disabled" }) as const);
    const sync = [`${nobody}/app:v1`, `${nobody}/app:v2`, `${source.name}/app:good`].map((from) => ({
      source: from,
      target: `${target.name}/${from.replace(/^[^/]*\//, "")}`,
      type: "image",
    }));

    const result = await runProgram(["once", "--logopt", "json"], { config: configText({ creds, sync }) });

    expectRefusal(result, 1, "REGISTRY_UNREACHABLE", nobody);
    expect(errorsNaming(result, `${nobody}/app:v2`)).toEqual([]);
    expect(target.repository("app").tags.get("good")).toBe(good.digest);
  });

  test("a name that does not resolve is named", async () => {
    // No name server is asked for a label this long.
    const nowhere = `${"n".repeat(64)}.test`;
    const sync = [{ source: `${nowhere}/app:v1`, target: "ocidir://app:v1", type: "image" }];

    const result = await runProgram(["once", "--logopt", "json"], { config: configText({ sync }) });

    expectRefusal(result, 1, "REGISTRY_UNREACHABLE", nowhere);
  });
});

describe("a layout that is no layout", () => {
  const damages = [
    { fault: "of another version", path: "oci-layout", text: '{"imageLayoutVersion":"2.0.0"}', says: /2\.0\.0/ },
    { fault: "whose list is no JSON", path: "index.json", text: "{ not json", says: /index\.json/ },
    { fault: "whose list is not a list", path: "index.json", text: "[]", says: /index\.json/ },
  ];

  test.for(damages)("a source $fault is refused by its path", async ({ path, text, says }) => {
    await using folder = await makeTempFolder("refusals");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
    await writeFile(join(folder.path, "source", path), text);
    const sync = [{ source: "ocidir://source:v1", target: "ocidir://target:v1", type: "image" }];

    const result = await runProgram(["once", "--logopt", "json"], { config: configText({ sync }), cwd: folder.path });

    expectRefusal(result, 1, "LAYOUT_INVALID", says);
  });

  test.for(damages)("a target $fault is refused by its path, and left as it is", async ({ path, text, says }) => {
    await using folder = await makeTempFolder("refusals");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
    await writeRepositoryAsLayout(join(folder.path, "target"), fixture.external);
    await writeFile(join(folder.path, "target", path), text);
    const before = await readFiles(join(folder.path, "target"));
    const sync = [{ source: "ocidir://source:v1", target: "ocidir://target:v1", type: "image" }];

    const result = await runProgram(["once", "--logopt", "json"], { config: configText({ sync }), cwd: folder.path });

    expectRefusal(result, 1, "LAYOUT_INVALID", says);
    expect(await readFiles(join(folder.path, "target"))).toEqual(before);
  });

  test("a folder that cannot be made is named, and the other entries are done", async () => {
    await using folder = await makeTempFolder("refusals");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
    await writeFile(join(folder.path, "a-file"), "");
    const sync = ["a-file/target", "target"].map((target) => ({
      source: "ocidir://source:v1",
      target: `ocidir://${target}:v1`,
      type: "image",
    }));

    const result = await runProgram(["once", "--logopt", "json"], { config: configText({ sync }), cwd: folder.path });

    expectRefusal(result, 1, "DISK_REFUSED", "a-file");
    expect((await readLayout(join(folder.path, "target"))).tags).toEqual({ v1: fixture.v1.digest });
  });
});

describe("a configuration that cannot be used", () => {
  test("a file that does not exist is named, and the exit status says who is to blame", async () => {
    const result = await runProgram(["once", "-c", "nowhere.yml"]);

    expectRefusal(result, 3, "nowhere.yml");
  });

  test("a folder instead of a file is named", async () => {
    await using folder = await makeTempFolder("refusals");
    await mkdir(join(folder.path, "regsync.yml"));

    const result = await runProgram(["check", "-c", "regsync.yml"], { cwd: folder.path });

    expectRefusal(result, 3, "regsync.yml");
  });

  test("an empty file mirrors nothing, and that is no failure", async () => {
    const result = await runProgram(["once"], { config: "" });

    expectRefusal(result, 0);
  });

  test("a tab in the indentation is shown by line and column", async () => {
    const result = await runProgram(["once"], { config: "version: 1\nsync:\n\t- source: a\n" });

    expectRefusal(result, 3, /:3:\d+/, /tab/i);
  });

  test("every value of a wrong type is shown, each with its line and its path", async () => {
    const config = [
      "version: 1",
      "defaults:",
      "  parallel: many",
      "sync:",
      "  - source: ocidir://source",
      "    target: ocidir://target",
      "    type: repository",
      "    referrers: sometimes",
      "    tags: { allow: latest }",
    ].join("\n");

    const result = await runProgram(["once"], { config });

    expectRefusal(
      result,
      3,
      /:3:\d+.*defaults\.parallel/,
      /:8:\d+.*sync\[0\]\.referrers/,
      /:9:\d+.*sync\[0\]\.tags\.allow/,
    );
  });

  test("with --strict one bad entry refuses the whole file, and nothing is mirrored", async () => {
    await using folder = await makeTempFolder("refusals");
    await writeRepositoryAsLayout(join(folder.path, "source"), fixture.repository);
    const sync = [
      { source: "ocidir://source:v1", target: "ocidir://target:v1", type: "image" },
      { source: "ocidir://source", target: "ocidir://target", type: "repository", tags: { allow: ["[z-a]"] } },
    ];

    const result = await runProgram(["once", "--strict"], { config: configText({ sync }), cwd: folder.path });

    expectRefusal(result, 3, /sync\[1\]\.tags\.allow\[0\]/);
    await expect(readLayout(join(folder.path, "target"))).rejects.toThrow("ENOENT");
  });
});

describe("a command line that cannot be followed", () => {
  test.for([
    { args: ["onec", "-c", "regsync.yml"], says: /once/ },
    { args: ["once", "--confg", "regsync.yml"], says: /--confg/ },
    { args: ["once"], says: /--config/ },
    { args: ["once", "-c", "regsync.yml", "stray"], says: /stray|argument/ },
    { args: ["check", "-c", "regsync.yml", "-v", "loud"], says: /loud/ },
    { args: ["once", "-c", "regsync.yml", "--output", "xml"], says: /xml/ },
  ])("regsync $args is refused with what to write instead", async ({ args, says }) => {
    const result = await runProgram(args);

    expectRefusal(result, 3, says);
    expect(result.stdout).toBe("");
  });
});
