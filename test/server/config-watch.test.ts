import { describe, expect, test } from "vitest";
import { ConfigWatch, type WatchedFiles } from "../../src/server/config-watch.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { RecordingLog } from "../support/silent-log.ts";
import { settled } from "../support/settled.ts";

const second = 1_000;

/** Files in memory, and who watches their folders. */
class MemoryFiles implements WatchedFiles {
  readonly contents = new Map<string, string>();
  readonly watched = new Map<string, { readonly act: () => void; readonly onLost: (failure: unknown) => void }>();
  canWatch = true;

  hash(path: string): Promise<string> {
    return Promise.resolve(`hash of ${this.contents.get(path) ?? "nothing"}`);
  }

  watch(folder: string, act: () => void, onLost: (failure: unknown) => void): Disposable {
    if (!this.canWatch) throw new Error("too many are watched");
    this.watched.set(folder, { act, onLost });
    return { [Symbol.dispose]: () => void this.watched.delete(folder) };
  }
}

async function makeWatch(others: string[] = []) {
  const files = new MemoryFiles();
  const clock = new FakeClock();
  const log = new RecordingLog();
  files.contents.set("/etc/regsync/regsync.yml", "first");
  let reloads = 0;
  const watch = new ConfigWatch({
    clock,
    log,
    files,
    main: { path: "/etc/regsync/regsync.yml", hash: "hash of first" },
    others: () => others,
    reload: async () => {
      reloads += 1;
    },
  });
  await watch.start();
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    await settled();
  };
  return { files, clock, log, watch, pass, count: () => reloads };
}

describe("a file that is watched", () => {
  test("is read again two seconds after the first sign that something changed in its folder, once", async () => {
    const { files, pass, count } = await makeWatch();
    files.contents.set("/etc/regsync/regsync.yml", "second");

    const folder = files.watched.get("/etc/regsync");
    folder?.act();
    await pass(1 * second);
    folder?.act();
    expect(count()).toBe(0);
    await pass(1 * second);
    await pass(10 * second);

    expect(count()).toBe(1);
  });

  test("is not read again when it is what it was, whatever else changed there", async () => {
    const { files, pass, count } = await makeWatch();

    files.watched.get("/etc/regsync")?.act();
    await pass(120 * second);

    expect(count()).toBe(0);
  });

  test("is looked at once a minute, for file systems that tell nothing", async () => {
    const { files, pass, count } = await makeWatch();
    files.contents.set("/etc/regsync/regsync.yml", "second");

    await pass(60 * second);

    expect(count()).toBe(1);
  });

  test("that changed before it was watched is found at once", async () => {
    const files = new MemoryFiles();
    files.contents.set("/f.yml", "second");
    let reloads = 0;
    const main = { path: "/f.yml", hash: "hash of first" };
    const reload = async (): Promise<void> => void (reloads += 1);
    const parts = { clock: new FakeClock(), log: new RecordingLog(), files, main, others: () => [], reload };

    await new ConfigWatch(parts).start();

    expect(reloads).toBe(1);
  });

  test("that changed before it was watched is found also when a run looks at the files first", async () => {
    const files = new MemoryFiles();
    files.contents.set("/f.yml", "second");
    let reloads = 0;
    const main = { path: "/f.yml", hash: "hash of first" };
    const reload = async (): Promise<void> => void (reloads += 1);
    const parts = { clock: new FakeClock(), log: new RecordingLog(), files, main, others: () => ["/p"], reload };
    const watch = new ConfigWatch(parts);

    await Promise.all([watch.freshen(), watch.start()]);

    expect(reloads).toBe(1);
  });

  test("is followed by looking alone where nothing can be watched, which is said", async () => {
    const { files, log, pass, count } = await makeWatch();
    files.canWatch = false;
    files.watched.get("/etc/regsync")?.onLost(new Error("the folder is gone"));
    files.contents.set("/etc/regsync/regsync.yml", "second");

    await pass(60 * second);

    expect(count()).toBe(1);
    expect(log.at("warn")[0]).toBe("Changes of the configuration are found by looking once a minute");
  });

  test("that can only be looked at is said to be so once, and again when it could be watched in between", async () => {
    const { files, log, pass } = await makeWatch();
    files.canWatch = false;
    files.watched.get("/etc/regsync")?.onLost(new Error("the folder is gone"));
    await pass(60 * second);
    await pass(60 * second);
    expect(log.at("warn")).toHaveLength(1);

    files.canWatch = true;
    await pass(60 * second);
    files.watched.get("/etc/regsync")?.onLost(new Error("the folder is gone"));

    expect(log.at("warn")).toHaveLength(2);
  });

  test("is left alone after the end", async () => {
    const { files, clock, watch, pass, count } = await makeWatch();

    watch[Symbol.dispose]();
    files.contents.set("/etc/regsync/regsync.yml", "second");
    await pass(120 * second);

    expect(count()).toBe(0);
    expect(files.watched.size).toBe(0);
    expect(clock.alarms).toBe(0);
  });
});

describe("before a run", () => {
  test("a password in another file that changed is read again, and the run waits for that", async () => {
    const { files, watch, pass, count } = await makeWatch(["/run/secrets/pass"]);
    files.contents.set("/run/secrets/pass", "new");
    await pass(2 * second);

    await watch.freshen();

    expect(count()).toBe(1);
  });

  test("the configuration itself is left alone, which somebody may be writing", async () => {
    const { files, watch, pass, count } = await makeWatch(["/run/secrets/pass"]);
    await pass(2 * second);
    files.contents.set("/etc/regsync/regsync.yml", "");
    files.watched.get("/etc/regsync")?.act();

    await watch.freshen();
    files.contents.set("/etc/regsync/regsync.yml", "first");
    await pass(10 * second);

    expect(count()).toBe(0);
  });

  test("nothing is looked at again within a second", async () => {
    const { files, watch, pass, count } = await makeWatch(["/run/secrets/pass"]);
    await pass(2 * second);
    await watch.freshen();

    files.contents.set("/run/secrets/pass", "new");
    await watch.freshen();

    expect(count()).toBe(0);
  });

  test("a file that the configuration did not need before is no change", async () => {
    const others: string[] = [];
    const { watch, pass, count } = await makeWatch(others);
    others.push("/run/secrets/pass");
    await pass(2 * second);

    await watch.freshen();

    expect(count()).toBe(0);
  });
});
