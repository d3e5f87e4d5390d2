import { chmod, mkdir, readdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LockFile, type LockLevel } from "../../src/layout/lock.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { makeTempFolder } from "../support/temp-folder.ts";
import { signal } from "./samples.ts";

describe("beside one who", () => {
  test.each<[LockLevel, LockLevel, boolean]>([
    ["writing", "writing", true],
    ["writing", "listing", true],
    ["writing", "tidying", false],
    ["listing", "writing", true],
    ["listing", "listing", false],
    ["listing", "tidying", false],
    ["tidying", "writing", false],
    ["tidying", "listing", false],
    ["tidying", "tidying", false],
  ])("is %s another may be %s: %s", async (held, wanted, may) => {
    await using folder = await makeTempFolder("lock");
    const path = join(folder.path, "own", "lock");
    using _held = await new LockFile(path, new FakeClock()).take(held, signal);

    using got = new LockFile(path, new FakeClock()).tryTake(wanted);

    expect(got !== undefined).toBe(may);
  });
});

test("a lock that was given back can be taken", async () => {
  await using folder = await makeTempFolder("lock");
  const lock = new LockFile(join(folder.path, "lock"), new FakeClock());
  const first = await lock.take("tidying", signal);
  first[Symbol.dispose]();

  using second = lock.tryTake("tidying");

  expect(second).toBeDefined();
});

test("taking it stores nothing", async () => {
  await using folder = await makeTempFolder("lock");
  const lock = new LockFile(join(folder.path, "lock"), new FakeClock());

  for (const level of ["writing", "listing", "tidying"] as const) (await lock.take(level, signal))[Symbol.dispose]();

  expect(await readdir(folder.path)).toEqual(["lock"]);
  expect((await stat(join(folder.path, "lock"))).size).toBe(0);
});

test("who waits gets it once it is given back", async () => {
  await using folder = await makeTempFolder("lock");
  const path = join(folder.path, "lock");
  const held = await new LockFile(path, new FakeClock()).take("listing", signal);
  const clock = new FakeClock();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async (ms, stop) => {
    if (clock.slept.length === 5) held[Symbol.dispose]();
    await sleep(ms, stop);
  };

  using got = await new LockFile(path, clock).take("listing", signal);

  expect(got).toBeDefined();
});

test("who waits too long is told so, and which lock it was", async () => {
  await using folder = await makeTempFolder("lock");
  const path = join(folder.path, "lock");
  using _held = await new LockFile(path, new FakeClock()).take("tidying", signal);

  const waiting = new LockFile(path, new FakeClock()).take("writing", signal);

  await expect(waiting).rejects.toMatchObject({
    code: "LAYOUT_LOCKED",
    retryable: true,
    message: `another process has held the lock ${path} for more than 120 s`,
  });
});

test.skipIf(process.getuid?.() === 0)(
  "a lock file that can only be read is refused: it would lock nobody out",
  async () => {
    await using folder = await makeTempFolder("lock");
    const path = join(folder.path, "lock");
    await writeFile(path, "");
    await chmod(path, 0o444);

    const taking = new LockFile(path, new FakeClock()).take("listing", signal);

    await expect(taking).rejects.toMatchObject({ code: "DISK_REFUSED" });
  },
);

test("who waits can be stopped", async () => {
  await using folder = await makeTempFolder("lock");
  const path = join(folder.path, "lock");
  using _held = await new LockFile(path, new FakeClock()).take("tidying", signal);

  const waiting = new LockFile(path, new FakeClock()).take("writing", AbortSignal.abort());

  await expect(waiting).rejects.toMatchObject({ code: "INTERRUPTED" });
});

describe("in place of the lock file", () => {
  test.each([
    [
      "a file with content",
      async (path: string) => await writeFile(path, "SQLite format 3\0 and what an attacker likes"),
    ],
    ["a symbolic link", async (path: string) => await symlink("/nowhere/at/all", path)],
    ["a folder", async (path: string) => await mkdir(path)],
  ])("%s is refused", async (_what, prepare) => {
    await using folder = await makeTempFolder("lock");
    const path = join(folder.path, "lock");
    await prepare(path);

    const taking = new LockFile(path, new FakeClock()).take("writing", signal);

    await expect(taking).rejects.toMatchObject({ code: "LAYOUT_INVALID" });
  });

  test("a link in place of its folder is refused, and nothing is made behind it", async () => {
    await using folder = await makeTempFolder("lock");
    await mkdir(join(folder.path, "elsewhere"));
    await symlink(join(folder.path, "elsewhere"), join(folder.path, "own"));

    const taking = new LockFile(join(folder.path, "own", "lock"), new FakeClock()).take("writing", signal);

    await expect(taking).rejects.toMatchObject({ code: "LAYOUT_INVALID" });
    expect(await readdir(join(folder.path, "elsewhere"))).toEqual([]);
  });

  test("a file in place of its folder is refused", async () => {
    await using folder = await makeTempFolder("lock");
    await writeFile(join(folder.path, "own"), "");

    const taking = new LockFile(join(folder.path, "own", "lock"), new FakeClock()).take("writing", signal);

    await expect(taking).rejects.toMatchObject({ code: expect.stringMatching(/LAYOUT_INVALID|DISK_REFUSED/) });
  });
});
