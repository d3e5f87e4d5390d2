import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseDigest } from "../../src/oci/digest.ts";
import { State } from "../../src/state/state.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog, silentLog } from "../support/silent-log.ts";
import { makeTempFolder } from "../support/temp-folder.ts";

const digest = parseDigest(`sha256:${"a".repeat(64)}`);
const other = parseDigest(`sha256:${"b".repeat(64)}`);
const fileIn = (folder: string): string => join(folder, "regsync.sqlite");

function open(folder: string, clock = new FakeClock(), log = new RecordingLog()): State {
  return State.open(folder, clock, log);
}

/** Does something to the database that the program would not do. */
function tamper(folder: string, sql: string): void {
  const database = new DatabaseSync(fileIn(folder));
  database.exec(sql);
  database.close();
}

describe("what is remembered", () => {
  test("is there again after the program ended", async () => {
    await using folder = await makeTempFolder("state");
    {
      using state = open(folder.path);
      state.tags.note("a.test/x:1", "b.test/x:1", digest, 1_000);
      state.homes.note("b.test", digest, "b.test/x");
      state.uploads.note(
        "https://b.test",
        "x",
        digest,
        { location: "https://b.test/v2/x/u/1?_state=s", offsetBytes: 7 },
        1_000,
      );
    }

    using state = open(folder.path);

    expect(state.tags.find("a.test/x:1", "b.test/x:1")).toEqual({ digest, agreedMs: 1_000, verifiedMs: 1_000 });
    expect(state.homes.find("b.test", digest)).toEqual(["b.test/x"]);
    expect(state.uploads.find("https://b.test", "x", digest, 2_000)).toEqual({
      location: "https://b.test/v2/x/u/1?_state=s",
      offsetBytes: 7,
    });
  });

  test("can be asked for at once, and is lasting a second later though the program is killed", async () => {
    await using folder = await makeTempFolder("state");
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL("./state-process.ts", import.meta.url)), folder.path],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    const ended = once(child, "exit");
    const [line] = await Promise.race([once(createInterface({ input: child.stdout }), "line"), ended]);
    expect(line).toBe("ready");

    child.kill("SIGKILL");
    await ended;
    using state = open(folder.path);

    expect(state.tags.find("lasting", "lasting")?.digest).toBe(digest);
    expect(state.tags.find("young", "young")).toBeUndefined();
  });

  test("is for the user alone", async () => {
    await using folder = await makeTempFolder("state");
    const path = join(folder.path, "made", "here");
    using state = open(path);
    state.homes.note("b.test", digest, "b.test/x");

    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(fileIn(path)).mode & 0o777).toBe(0o600);
    expect(statSync(`${fileIn(path)}-wal`).mode & 0o777).toBe(0o600);
  });

  test("is bounded: the oldest goes", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    const note = (at: number): void =>
      state.uploads.note("https://b.test", `x${at}`, digest, { location: "https://b.test/u", offsetBytes: at }, 0);
    for (let at = 1; at <= 2_000; at += 1) note(at);

    const kept = Array.from({ length: 2_000 }, (_, at) =>
      state.uploads.find("https://b.test", `x${at + 1}`, digest, 0),
    );

    expect(kept.at(-1)?.offsetBytes).toBe(2_000);
    expect(kept[0]).toBeUndefined();
    expect(kept.filter((each) => each !== undefined).length).toBeLessThanOrEqual(1_000 + 64);
  });

  test("is not cut when something is forgotten, however much was noted of other things", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    const upload = { location: "https://b.test/v2/x/u/1", offsetBytes: 7 };
    state.uploads.note("https://b.test", "x", digest, upload, 1_000);
    for (let number = 0; number < 2_048; number += 1) state.homes.note("b.test", digest, `b.test/r${number}`);

    state.uploads.forget("https://b.test", "x", other);

    expect(state.uploads.find("https://b.test", "x", digest, 2_000)).toEqual(upload);
  });

  test("leaves no timer behind", async () => {
    await using folder = await makeTempFolder("state");
    const clock = new FakeClock();
    {
      using state = open(folder.path, clock);
      state.homes.note("b.test", digest, "b.test/x");
      expect(clock.alarms).toBe(1);
    }

    expect(clock.alarms).toBe(0);
  });
});

describe("agreed tags", () => {
  test("keep since when they agree while the digest is the same", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    state.tags.note("s", "t", digest, 1);
    state.tags.note("s", "t", digest, 2);
    expect(state.tags.find("s", "t")).toEqual({ digest, agreedMs: 1, verifiedMs: 2 });

    state.tags.note("s", "t", other, 3);

    expect(state.tags.find("s", "t")).toEqual({ digest: other, agreedMs: 3, verifiedMs: 3 });
  });

  test("are forgotten when told so, and are of one pair of references alone", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    state.tags.note("s", "t", digest, 1);
    state.tags.note("s", "t2", digest, 1);

    state.tags.forget("s", "t");

    expect(state.tags.find("s", "t")).toBeUndefined();
    expect(state.tags.find("t2", "s")).toBeUndefined();
    expect(state.tags.find("s", "t2")?.digest).toBe(digest);
  });

  test("that are no digest are not believed", async () => {
    await using folder = await makeTempFolder("state");
    {
      using state = open(folder.path);
      state.tags.note("s", "t", digest, 1);
    }
    tamper(folder.path, "UPDATE agreed_tag SET digest = 'sha256:nonsense'");

    using state = open(folder.path);

    expect(state.tags.find("s", "t")).toBeUndefined();
  });
});

describe("homes of blobs", () => {
  test("are a few, the latest first", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    for (const repository of ["1", "2", "3", "4", "5", "2"]) state.homes.note("b.test", digest, repository);

    expect(state.homes.find("b.test", digest)).toEqual(["2", "5", "4", "3"]);
    expect(state.homes.find("c.test", digest)).toEqual([]);
    expect(state.homes.find("b.test", other)).toEqual([]);
  });

  test("are forgotten one by one", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    state.homes.note("b.test", digest, "1");
    state.homes.note("b.test", digest, "2");

    state.homes.forget("b.test", digest, "2");

    expect(state.homes.find("b.test", digest)).toEqual(["1"]);
  });
});

describe("unfinished uploads", () => {
  test.each([
    ["a signature", "https://b.test/v2/x/u/1?X-Amz-Signature=abc"],
    ["a token", "https://b.test/v2/x/u/1?_state=s&token=abc"],
    ["a bare word", "https://b.test/v2/x/u/1?c2lnbmF0dXJl"],
    ["a user and a password", "https://user:word@b.test/v2/x/u/1"],
    ["an object store", "https://store.test/v2/x/u/1"],
    ["plain HTTP instead of HTTPS", "http://b.test/v2/x/u/1"],
    ["nothing that can be read", "/v2/x/u/1"],
  ])("with an address that holds or leads to %s are not kept, nor what was there before", async (_what, location) => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    state.uploads.note("https://b.test", "x", digest, { location: "https://b.test/v2/x/u/0", offsetBytes: 1 }, 0);

    state.uploads.note("https://b.test", "x", digest, { location, offsetBytes: 2 }, 0);

    expect(state.uploads.find("https://b.test", "x", digest, 0)).toBeUndefined();
  });

  test("are not gone on with after a day", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    const dayMs = 24 * 60 * 60 * 1_000;
    state.uploads.note("https://b.test", "x", digest, { location: "https://b.test/u", offsetBytes: 1 }, 5);

    expect(state.uploads.find("https://b.test", "x", digest, dayMs + 4)?.offsetBytes).toBe(1);
    expect(state.uploads.find("https://b.test", "x", digest, dayMs + 5)).toBeUndefined();
  });

  test("are forgotten when they end", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    state.uploads.note("https://b.test", "x", digest, { location: "https://b.test/u", offsetBytes: 1 }, 0);

    state.uploads.forget("https://b.test", "x", digest);

    expect(state.uploads.find("https://b.test", "x", digest, 0)).toBeUndefined();
  });
});

describe("a state directory is refused", () => {
  test("while another process has it, which goes on undisturbed", async () => {
    await using folder = await makeTempFolder("state");
    using state = open(folder.path);
    const script = `import { State } from ${JSON.stringify(new URL("../../src/state/state.ts", import.meta.url).href)};
      import { systemClock } from ${JSON.stringify(new URL("../../src/base/clock.ts", import.meta.url).href)};
      try { State.open(process.argv[1], systemClock, undefined); } catch (failure) { console.log(failure.code, failure.message); }`;

    const { stdout } = spawnSync(process.execPath, ["--input-type=module", "-e", script, folder.path], {
      encoding: "utf8",
    });
    state.tags.note("s", "t", digest, 1);

    expect(stdout).toBe(
      `STATE_LOCKED ${fileIn(folder.path)} is in use by another process; give each its own state directory\n`,
    );
    expect(state.tags.find("s", "t")?.digest).toBe(digest);
  });

  test.each([
    ["is no database", "nonsense ".repeat(1_000), /regsync\.sqlite is damaged, or no state file/],
    ["is cut short", undefined, /regsync\.sqlite is damaged, or no state file/],
  ])("when its file %s, and stays as it is", async (_what, content, message) => {
    await using folder = await makeTempFolder("state");
    if (content === undefined) {
      open(folder.path)[Symbol.dispose]();
      writeFileSync(fileIn(folder.path), readFileSync(fileIn(folder.path)).subarray(0, 5_000));
    } else writeFileSync(fileIn(folder.path), content);
    const before = readFileSync(fileIn(folder.path));

    expect(() => open(folder.path)).toThrow(
      expect.objectContaining({ code: "STATE_INVALID", message: expect.stringMatching(message) }),
    );

    expect(readFileSync(fileIn(folder.path)).equals(before)).toBe(true);
  });

  test.each([
    ["a newer version", "PRAGMA user_version = 99", /was written by a newer version of regsync \(format 99/],
    ["another program", "PRAGMA application_id = 1", /is a database of another program/],
    [
      "somebody with a trigger",
      "CREATE TRIGGER t AFTER INSERT ON upload BEGIN DELETE FROM upload; END",
      /what regsync did not put there/,
    ],
  ])("when its file is of %s", async (_who, sql, message) => {
    await using folder = await makeTempFolder("state");
    open(folder.path)[Symbol.dispose]();
    tamper(folder.path, sql);
    const before = readFileSync(fileIn(folder.path));

    expect(() => open(folder.path)).toThrow(
      expect.objectContaining({ code: "STATE_INVALID", message: expect.stringMatching(message) }),
    );

    expect(readFileSync(fileIn(folder.path)).equals(before)).toBe(true);
  });

  test("when its file is a link, which is not followed", async () => {
    await using folder = await makeTempFolder("state");
    symlinkSync(join(folder.path, "elsewhere"), fileIn(folder.path));

    expect(() => open(folder.path)).toThrow(/is no file of its own/);
  });

  test("when there is a file where the directory should be", async () => {
    await using folder = await makeTempFolder("state");
    writeFileSync(join(folder.path, "file"), "");

    expect(() => open(join(folder.path, "file"))).toThrow(expect.objectContaining({ code: "DISK_REFUSED" }));
  });

  test.skipIf(process.getuid?.() === 0)("when it cannot be written to", async () => {
    await using folder = await makeTempFolder("state");
    const path = join(folder.path, "closed");
    mkdirSync(path);
    chmodSync(path, 0o500);

    expect(() => open(path)).toThrow(expect.objectContaining({ code: "DISK_REFUSED" }));
  });
});

test("a file that breaks while it is in use costs the memory, is said once, and stops nothing", async () => {
  await using folder = await makeTempFolder("state");
  {
    using state = State.open(folder.path, new FakeClock(), silentLog);
    for (let at = 0; at < 5_000; at += 1) state.tags.note(`source/${at}`, `target/${at}`, digest, at);
  }
  const bytes = readFileSync(fileIn(folder.path));
  bytes.fill(0xff, 8_192);
  writeFileSync(fileIn(folder.path), bytes);
  const log = new RecordingLog();
  using state = open(folder.path, new FakeClock(), log);

  expect(state.tags.find("source/7", "target/7")).toBeUndefined();
  state.tags.note("source/7", "target/7", digest, 1);

  expect(state.tags.find("source/7", "target/7")).toBeUndefined();
  expect(log.lines).toEqual([
    {
      level: "warn",
      message: "State is no longer kept",
      fields: expect.objectContaining({ file: fileIn(folder.path), code: "STATE_INVALID" }),
    },
  ]);
});
