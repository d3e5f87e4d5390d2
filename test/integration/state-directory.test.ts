import { spawnSync } from "node:child_process";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { configText } from "../support/config-text.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import { makeImage } from "../support/images.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { mountSmallDisk } from "../support/small-disk.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

// A memory never stops a mirror: whatever is wrong with the state directory, the real command mirrors all the same,
// says so once, and leaves what it found as it was. Who wants to know says --strict.

const image = makeImage({ seed: 1, layerBytes: [2_000] });
const tags = Array.from({ length: 40 }, (_, number) => `v${number}`);

interface Mirror extends AsyncDisposable {
  readonly source: FakeRegistry;
  readonly target: FakeRegistry;
  readonly config: string;
}

async function startMirror(): Promise<Mirror> {
  await using started = new AsyncDisposableStack();
  const source = started.use(await FakeRegistry.start());
  const target = started.use(await FakeRegistry.start());
  for (const tag of tags) source.add("app", image, tag);
  const creds = [source, target].map(({ name }) => ({ registry: name, tls: "disabled" as const }));
  const entry = { source: `${source.name}/app`, target: `${target.name}/app`, type: "repository" };
  const config = configText({ creds, sync: [{ ...entry, tags: { immutable: ["v.*"] } }] });
  const kept = started.move();
  return { source, target, config, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Every file of a folder with its bytes, in hexadecimal digits. */
async function readFolder(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).toSorted();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString("hex")])),
  );
}

/** What is wrong with a state directory, which the program has used before. */
const troubles: readonly {
  readonly name: string;
  readonly code: string;
  readonly says: string;
  readonly spoil: (folder: string, file: string) => Promise<void> | void;
}[] = [
  {
    name: "is damaged",
    code: "STATE_INVALID",
    says: "is damaged, or no state file; it can be removed",
    spoil: async (_folder, file) => await writeFile(file, (await readFile(file)).fill(0x5a, 0, 4_000)),
  },
  {
    name: "was written by a newer version",
    code: "STATE_INVALID",
    says: "was written by a newer version of regsync",
    spoil: (_folder, file) => {
      const database = new DatabaseSync(file);
      database.exec("PRAGMA user_version = 99");
      database.close();
    },
  },
  {
    name: "is of another program",
    code: "STATE_INVALID",
    says: "is a database of another program",
    spoil: (_folder, file) => {
      const database = new DatabaseSync(file);
      database.exec("PRAGMA application_id = 7");
      database.close();
    },
  },
];

describe("a state directory that", () => {
  test.for(troubles)("$name costs the memory alone, and is left as it is", async ({ code, says, spoil }) => {
    await using mirror = await startMirror();
    await using folder = await makeTempFolder("state-directory");
    const memory = ["--state-dir", folder.path];
    await runProgram(["once", ...memory], { config: mirror.config });
    await spoil(folder.path, join(folder.path, "regsync.sqlite"));
    mirror.target.repository("app").tags.clear();
    const before = await readFolder(folder.path);

    const strict = await runProgram(["once", ...memory, "--strict"], { config: mirror.config });
    const copied = mirror.target.repository("app").tags.size;
    const { exit, stderr } = await runProgram(["once", ...memory], { config: mirror.config });

    expect({ exit: strict.exit, copied }, strict.stderr).toEqual({ exit: 1, copied: 0 });
    expect(strict.stderr).toContain(says);
    expect(exit, stderr).toBe(0);
    expect(stderr.match(/Going on without the state directory/g)).toHaveLength(1);
    expect(stderr).toMatch(new RegExp(`level=WARN .*${says}.* code=${code}`));
    expect(mirror.target.repository("app").tags.size).toBe(tags.length);
    expect(await readFolder(folder.path)).toEqual(before);
  });

  test("cannot be written to costs the memory alone, and is left as it is", async (context) => {
    await using mirror = await startMirror();
    await using folder = await makeTempFolder("state-directory");
    const path = join(folder.path, "state");
    await mkdir(path);
    using disk = mountSmallDisk(path, 1_048_576, "ro");
    if (disk === undefined && process.getuid?.() === 0) return context.skip("this user may not mount a small disk");
    if (disk === undefined) await chmod(path, 0o500);

    const memory = ["--state-dir", path];
    const strict = await runProgram(["once", ...memory, "--strict"], { config: mirror.config });
    const { exit, stderr } = await runProgram(["once", ...memory], { config: mirror.config });

    expect(strict.exit, strict.stderr).toBe(1);
    expect(strict.stderr).toContain(`cannot use ${path}/regsync.sqlite`);
    expect(exit, stderr).toBe(0);
    expect(stderr).toMatch(/level=WARN msg="Going on without the state directory" .*code=DISK_REFUSED/);
    expect(mirror.target.repository("app").tags.size).toBe(tags.length);
    expect(await readdir(path)).toEqual([]);
  });

  test("has no room left costs the memory alone, when it begins and when it has begun", async (context) => {
    await using mirror = await startMirror();
    await using folder = await makeTempFolder("state-directory");
    const path = join(folder.path, "state");
    await mkdir(path);
    using disk = mountSmallDisk(path, 256 * 1024);
    if (disk === undefined) return context.skip("this user may not mount a small disk");
    const memory = ["--state-dir", path];
    const run = async (...more: readonly string[]) =>
      await runProgram(["once", ...memory, ...more], { config: mirror.config });
    await writeFile(join(path, "filler"), Buffer.alloc(256 * 1024)).catch(() => undefined);

    const full = await run();
    await writeFile(join(path, "filler"), Buffer.alloc(128 * 1024));
    const begun = await run();
    spawnSync("sh", ["-c", `cat /dev/zero >> '${join(path, "filler")}'`]);
    mirror.target.repository("app").tags.clear();
    const later = await run("--full");

    expect([full.exit, begun.exit, later.exit], full.stderr + begun.stderr + later.stderr).toEqual([0, 0, 0]);
    expect(full.stderr).toMatch(/level=WARN .*no room left for .*regsync\.sqlite.* code=DISK_FULL/);
    expect(begun.stderr).not.toContain("state directory");
    expect(later.stderr).toMatch(/level=WARN .* code=DISK_FULL/);
    expect(mirror.target.repository("app").tags.size).toBe(tags.length);
    // With room again it is a memory again.
    await writeFile(join(path, "filler"), "");
    await run();
    mirror.target.forget();
    expect((await run()).stderr).not.toContain("level=WARN");
    expect(mirror.target.count("HEAD *")).toBe(0);
  });

  test("another process was killed over is used by the next one", async () => {
    await using mirror = await startMirror();
    await using folder = await makeTempFolder("state-directory");
    const memory = ["--state-dir", folder.path];
    for (let pass = 0; pass < 2; pass += 1) await runProgram(["once", ...memory], { config: mirror.config });
    const asked = Promise.withResolvers<void>();
    mirror.source.once("GET /v2/app/tags/list", () => {
      asked.resolve();
      return "silence";
    });
    await using killed = await startProgram(["once", ...memory], { config: mirror.config });
    await asked.promise;
    killed.signal("SIGKILL");
    await killed.ended;
    mirror.target.forget();

    const { exit, stderr } = await runProgram(["once", ...memory], { config: mirror.config });

    expect(exit, stderr).toBe(0);
    expect(stderr).not.toContain("level=WARN");
    expect(mirror.target.count("HEAD *")).toBe(0);
  });
});
