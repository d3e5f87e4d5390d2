import { describe, expect, test } from "vitest";
import { FakeClock } from "../support/fake-clock.ts";
import { activeImage, entryStatus } from "../support/fake-server.ts";
import { Listening, token } from "../support/listening.ts";

const hourMs = 3_600_000;

/** A clock whose alarms ring late by as much as the loop is busy. */
class BusyClock extends FakeClock {
  busyMs = 0;

  override monotonic(): number {
    return super.monotonic() + this.busyMs;
  }
}

describe("all is well", () => {
  test.each(["/livez", "/readyz", "/startupz"])("%s says ok and nothing else", async (path) => {
    await using listening = await Listening.start();

    const { status, text, headers } = await listening.ask(path);

    expect({ status, text }).toEqual({ status: 200, text: "ok\n" });
    expect(headers.get("content-type")).toBe("text/plain; charset=utf-8");
    expect(headers.get("cache-control")).toBe("no-store");
  });

  test("every check is listed to who wants to know more", async () => {
    await using listening = await Listening.start();

    const [live, ready, started] = await Promise.all(
      ["/livez?verbose", "/readyz?verbose=1", "/startupz?verbose"].map(
        async (path) => (await listening.ask(path)).text,
      ),
    );

    expect(live).toBe("[+]event-loop ok\n[+]scheduler ok\n[+]copies ok\nlivez check passed\n");
    expect(ready).toBe("[+]config ok\n[+]work ok\nreadyz check passed\n");
    expect(started).toBe("[+]config ok\nstartupz check passed\n");
  });

  test("each check has a path of its own, and others have none", async () => {
    await using listening = await Listening.start();

    expect(await listening.ask("/livez/scheduler")).toMatchObject({ status: 200, text: "ok\n" });
    expect((await listening.ask("/livez/work")).status).toBe(404);
  });
});

describe("liveness", () => {
  test("fails when the event loop is stuck, and not any more when it runs again", async () => {
    const clock = new BusyClock();
    await using listening = await Listening.start({ clock });
    listening.server.schedulerTickMs = Number.POSITIVE_INFINITY;

    clock.busyMs = 5_001 + 1_000;
    const stuck = await listening.ask("/livez?verbose");
    clock.advance(1_000);
    const late = await listening.ask("/livez");
    clock.advance(1_000);
    const recovered = await listening.ask("/livez");

    expect(stuck.status).toBe(503);
    expect(stuck.text).toContain("[-]event-loop failed: the event loop is behind by 5 s\n");
    expect(late.status).toBe(503);
    expect(recovered.status).toBe(200);
  });

  test("bears a loop that is busy for a moment", async () => {
    const clock = new BusyClock();
    await using listening = await Listening.start({ clock });

    clock.busyMs = 5_000;
    clock.advance(1_000);

    expect((await listening.ask("/livez/event-loop")).status).toBe(200);
  });

  test("fails when the scheduler looks at nothing any more", async () => {
    await using listening = await Listening.start();

    listening.clock.advance(60_000);
    const before = await listening.ask("/livez");
    listening.clock.advance(1);
    const after = await listening.ask("/livez?verbose");

    expect(before.status).toBe(200);
    expect(after.status).toBe(503);
    expect(after.text).toContain("[-]scheduler failed: the scheduler has looked at nothing for 60 s\n");
    expect(after.text).toContain("livez check failed\n");
  });

  test("expects no scheduling before everything is built nor after being told to stop", async () => {
    await using listening = await Listening.start();
    listening.server.isReady = false;

    listening.clock.advance(hourMs);

    expect((await listening.ask("/livez")).status).toBe(200);
  });

  test("fails when a copy moves no byte for longer than it may", async () => {
    await using listening = await Listening.start();
    const { clock, server } = listening;
    server.shown = [entryStatus("app", { copying: [activeImage(clock.now())] })];

    clock.advance(hourMs);
    server.schedulerTickMs = clock.monotonic();
    const before = await listening.ask("/livez");
    clock.advance(1);
    const after = await listening.ask("/livez?verbose");

    expect(before.status).toBe(200);
    expect(after.status).toBe(503);
    expect(after.text).toContain("[-]copies failed: 1 of 1 copies move nothing for 3600 s\n");
  });

  test("does not take a clock on the wall that is set for a copy that moves nothing", async () => {
    await using listening = await Listening.start();
    const { clock, server } = listening;
    server.shown = [entryStatus("app", { copying: [activeImage(clock.now())] })];

    clock.set(2 * hourMs);

    expect((await listening.ask("/livez?verbose")).text).toContain("[+]copies ok\n");
  });

  test("follows a file that lets registries be silent for longer", async () => {
    await using listening = await Listening.start({ copyStallMs: hourMs });
    const { clock, server } = listening;
    server.shown = [entryStatus("app", { copying: [activeImage(clock.now())] })];

    listening.listener.useRules({ token: undefined, health: { kind: "anyStale" }, copyStallMs: 3 * hourMs });
    clock.advance(2 * hourMs);
    server.schedulerTickMs = clock.monotonic();

    expect((await listening.ask("/livez?verbose")).text).toContain("[+]copies ok\n");
  });

  test("knows that a copy may wait for others between the same hosts", async () => {
    await using listening = await Listening.start();
    const { clock, server } = listening;
    const waiting = activeImage(clock.now());
    clock.advance(2 * hourMs);
    server.schedulerTickMs = clock.monotonic();
    const besides = (source: string): void => {
      const moving = activeImage(clock.now(), { source, target: "elsewhere.test/app:2" });
      server.shown = [entryStatus("app", { copying: [waiting] }), entryStatus("other", { copying: [moving] })];
    };

    besides("source.test/other:1");
    const behind = await listening.ask("/livez");
    besides("unrelated.test/other:1");
    const alone = await listening.ask("/livez");

    expect([behind.status, alone.status]).toEqual([200, 503]);
  });

  test("does not depend on entries that fail, whatever their registries do", async () => {
    await using listening = await Listening.start();
    const down = { code: "REGISTRY_UNREACHABLE", message: "no answer from source.test" };
    listening.server.shown = [entryStatus("app", { lastSuccessMs: undefined, troubles: [down.message] })];

    expect((await listening.ask("/livez")).status).toBe(200);
    expect((await listening.ask("/readyz")).status).toBe(200);
    expect((await listening.ask("/healthz")).status).toBe(503);
  });
});

describe("readiness and start", () => {
  test("are missing until a configuration was read", async () => {
    await using listening = await Listening.start();
    listening.server.isStarted = false;

    expect((await listening.ask("/startupz")).status).toBe(503);
    expect((await listening.ask("/readyz")).status).toBe(503);
    expect((await listening.ask("/livez")).status).toBe(200);
  });

  test("being told to stop ends readiness alone", async () => {
    await using listening = await Listening.start();
    listening.server.isReady = false;

    const ready = await listening.ask("/readyz");

    expect(ready.status).toBe(503);
    expect(ready.text).toBe("[+]config ok\n[-]work failed: no work is taken\nreadyz check failed\n");
    expect((await listening.ask("/readyz/work")).text).toBe("failed: no work is taken\n");
    expect((await listening.ask("/startupz")).status).toBe(200);
  });
});

describe("leaving out", () => {
  test("a check that is excluded fails nothing", async () => {
    await using listening = await Listening.start();
    listening.server.isReady = false;

    const { status, text } = await listening.ask("/readyz?verbose&exclude=work&exclude=config");

    expect(status).toBe(200);
    expect(text).toBe("[+]config excluded: ok\n[+]work excluded: ok\nreadyz check passed\n");
  });

  test("a name that is no check is pointed out, on a line of its own that nobody can imitate", async () => {
    await using listening = await Listening.start();

    const { text } = await listening.ask("/readyz?verbose&exclude=a%0A[%2B]work%20ok");

    expect(text.split("\n")).toContain('warn: there are no checks to exclude by the names "a\\n[+]work ok"');
  });
});

test("why a check failed is told to nobody who does not show the token", async () => {
  await using listening = await Listening.start({ token });
  listening.server.isReady = false;

  const anonymous = await listening.ask("/readyz?verbose");
  const wrong = await listening.ask("/readyz/work", { token: "guess" });
  const known = await listening.ask("/readyz/work", { token });

  expect(anonymous.text).toBe("[+]config ok\n[-]work failed: reason withheld\nreadyz check failed\n");
  expect(wrong.text).toBe("failed: reason withheld\n");
  expect(known.text).toBe("failed: no work is taken\n");
});
