import { describe, expect, test } from "vitest";
import { activeImage, entryStatus, runRecord } from "../support/fake-server.ts";
import { type Asked, Listening, token } from "../support/listening.ts";

const json = ({ text }: Asked): unknown => JSON.parse(text);

describe("entries", () => {
  test("are listed with how each is doing", async () => {
    await using listening = await Listening.start();
    listening.server.shown = [
      entryStatus("app"),
      entryStatus("new", { runs: [], tags: undefined, lastSuccessMs: undefined, nextRunMs: undefined }),
    ];

    expect(json(await listening.ask("/api/v1/entries"))).toEqual({
      entries: [
        {
          name: "app",
          type: "repository",
          source: "source.test/app",
          target: "target.test/app",
          schedule: "@every 1h",
          phase: "idle",
          health: "ok",
          troubles: [],
          lastSuccessAt: "2026-01-01T00:00:00.000Z",
          nextRunAt: "2026-01-01T01:00:00.000Z",
          tags: { selected: 3, inSync: 3, behind: 0, failed: 0 },
          copying: 0,
        },
        expect.objectContaining({ name: "new", health: "pending", lastSuccessAt: null, nextRunAt: null, tags: null }),
      ],
    });
  });

  test("one of them is shown with its runs and what is being copied", async () => {
    await using listening = await Listening.start();
    const errors = [{ code: "REGISTRY_UNREACHABLE", message: "no answer from source.test" }];
    listening.server.shown = [
      entryStatus("app", {
        phase: "running",
        runs: [runRecord("app", { id: "run-2", outcome: "partial", failed: 1, errors })],
        copying: [activeImage(Date.UTC(2026, 0, 1, 0, 1))],
      }),
    ];

    expect(json(await listening.ask("/api/v1/entries/app"))).toMatchObject({
      name: "app",
      phase: "running",
      health: "trouble",
      copying: [
        {
          source: "source.test/app:1",
          bytes: 10,
          totalBytes: 100,
          bytesPerSecond: 3,
          movedAt: "2026-01-01T00:01:00.000Z",
        },
      ],
      runs: [{ id: "run-2", outcome: "partial", startedAt: "2026-01-01T00:00:00.000Z", errors }],
    });
  });

  test("a name that there is not is said", async () => {
    await using listening = await Listening.start();

    const answer = await listening.ask("/api/v1/entries/no%20such%0Aentry");

    expect(answer.status).toBe(400);
    expect(json(await listening.ask("/api/v1/entries/none"))).toEqual({
      type: "about:blank",
      title: "Not Found",
      status: 404,
      detail: 'there is no entry "none"; /api/v1/entries lists them',
    });
  });

  test("what a registry wrote into a message cannot move a terminal", async () => {
    await using listening = await Listening.start();
    listening.server.shown = [entryStatus("app", { troubles: ["\x1b[2Jgone\u202e"] })];

    const answer = await listening.ask("/api/v1/entries/app");

    expect(answer.text).toContain('"\\u001b[2Jgone\\u202e"');
    expect(json(answer)).toMatchObject({ troubles: ["\x1b[2Jgone\u202e"] });
  });
});

describe("runs", () => {
  const start = async (): Promise<Listening> => {
    const listening = await Listening.start();
    listening.server.history = ["3", "2", "1"].map((id) => runRecord(id === "2" ? "other" : "app", { id }));
    return listening;
  };
  const idsIn = (answer: Asked): readonly string[] =>
    (json(answer) as { runs: { id: string }[] }).runs.map(({ id }) => id); // as the schema says, see openapi.test.ts

  test("are those of all entries, or of one, and as many as are wanted", async () => {
    await using listening = await start();

    expect(idsIn(await listening.ask("/api/v1/runs"))).toEqual(["3", "2", "1"]);
    expect(idsIn(await listening.ask("/api/v1/runs?entry=app"))).toEqual(["3", "1"]);
    expect(idsIn(await listening.ask("/api/v1/runs?entry=app&limit=1"))).toEqual(["3"]);
    expect(idsIn(await listening.ask("/api/v1/runs?entry=none"))).toEqual([]);
  });

  test.each(["0", "-1", "x", "", "1e3", "100000", "1.5"])("%s are not so many", async (limit) => {
    await using listening = await start();

    expect((await listening.ask(`/api/v1/runs?limit=${limit}`)).status).toBe(400);
  });

  test("one that is going on has neither an end nor an outcome yet", async () => {
    await using listening = await start();
    listening.server.history = [runRecord("app", { endedMs: undefined, outcome: undefined })];

    expect(json(await listening.ask("/api/v1/runs"))).toMatchObject({ runs: [{ endedAt: null, outcome: null }] });
  });
});

describe("calls that change something", () => {
  const post = { method: "POST", token } as const;

  test("an entry is run, unless it is running or work is not taken", async () => {
    await using listening = await Listening.start({ token });
    listening.server.shown = [entryStatus("app"), entryStatus("busy", { phase: "running" })];

    const started = await listening.ask("/api/v1/entries/app/run", post);
    const busy = await listening.ask("/api/v1/entries/busy/run", post);
    const none = await listening.ask("/api/v1/entries/none/run", post);
    listening.server.isReady = false;
    const stopping = await listening.ask("/api/v1/entries/app/run", post);

    expect([started.status, busy.status, none.status, stopping.status]).toEqual([202, 409, 404, 503]);
    expect(json(started)).toEqual({ entry: "app", result: "started" });
    expect(listening.server.told).toEqual(["run app", "run busy", "run none"]);
    expect(listening.log.at("info")).toEqual(["Listening", "Run was asked for"]);
  });

  test("an entry that was refused, or leaves, is not said to be running", async () => {
    await using listening = await Listening.start({ token });
    listening.server.shown = [entryStatus("bad", { phase: "refused" }), entryStatus("gone", { phase: "leaving" })];

    const refused = await listening.ask("/api/v1/entries/bad/run", post);
    const leaving = await listening.ask("/api/v1/entries/gone/run", post);

    expect([refused.status, leaving.status]).toEqual([409, 409]);
    expect(json(refused)).toMatchObject({ detail: '"bad" was refused; /api/v1/entries/bad says why' });
    expect(json(leaving)).toMatchObject({ detail: '"gone" is not in the configuration any more' });
  });

  test("a run is cancelled, unless there is none", async () => {
    await using listening = await Listening.start({ token });
    listening.server.shown = [entryStatus("app"), entryStatus("busy", { phase: "running" })];

    const cancelled = await listening.ask("/api/v1/entries/busy/cancel", post);
    const idle = await listening.ask("/api/v1/entries/app/cancel", post);
    const none = await listening.ask("/api/v1/entries/none/cancel", post);

    expect([cancelled.status, idle.status, none.status]).toEqual([202, 409, 404]);
    expect(json(cancelled)).toEqual({ entry: "busy", result: "canceled" });
  });

  test("a reload says what changed, or why nothing did", async () => {
    await using listening = await Listening.start({ token });
    const reload = async (): Promise<Asked> => await listening.ask("/-/reload", post);

    const unchanged = await reload();
    listening.server.reloading = () => Promise.resolve({ kind: "reloaded", added: 1, removed: 2, changed: 3 });
    const reloaded = await reload();
    listening.server.reloading = () => Promise.resolve({ kind: "rejected", message: "sync[0]: no target" });
    const rejected = await reload();
    listening.server.reloading = () => Promise.resolve({ kind: "stopping" });
    const stopping = await reload();

    expect(json(unchanged)).toEqual({ result: "unchanged" });
    expect(json(reloaded)).toEqual({ result: "reloaded", added: 1, removed: 2, changed: 3 });
    expect(rejected.status).toBe(422);
    expect(json(rejected)).toMatchObject({ detail: "sync[0]: no target" });
    expect(stopping.status).toBe(503);
    expect(json(stopping)).toMatchObject({ detail: "no work is taken: the program is stopping" });
  });

  test("one that goes wrong is a defect: it is logged, and nothing of it is told", async () => {
    await using listening = await Listening.start({ token });
    listening.server.reloading = () => Promise.reject(new Error("at /etc/regsync/secret.yml"));

    const { status, text } = await listening.ask("/-/reload", post);

    expect(status).toBe(500);
    expect(text).not.toContain("secret.yml");
    expect(listening.log.at("error")).toEqual(["Request could not be answered"]);
  });
});
