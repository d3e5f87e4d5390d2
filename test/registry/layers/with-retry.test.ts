import { describe, expect, test } from "vitest";
import { noMetrics } from "../../../src/observe/metrics.ts";
import { ClientMetrics } from "../../../src/registry/client-metrics.ts";
import { HostPace } from "../../../src/registry/host-pace.ts";
import { RegistryAnswerInvalid, RegistryStalled } from "../../../src/registry/failures.ts";
import { withRetry } from "../../../src/registry/layers/with-retry.ts";
import type { Effort, RegistryAnswer, Send } from "../../../src/registry/send.ts";
import { FakeAnswer, makeRequest } from "../../support/exchange.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { unhurried } from "../../support/registry-client.ts";
import { silentLog } from "../../support/silent-log.ts";

const stalled = new RegistryStalled("hub.test", "answered", 60_000);

type Outcome = FakeAnswer | Error;

/** A host that gives these answers one after another, and the last one for ever. */
class Host {
  readonly clock = new FakeClock();
  readonly pace = new HostPace("hub.test", this.clock);
  readonly #outcomes: Outcome[];
  readonly askedAtMs: number[] = [];
  readonly #startMs = this.clock.now();

  constructor(...outcomes: readonly Outcome[]) {
    this.#outcomes = [...outcomes];
  }

  ask(effort: Effort = "retried", signal = unhurried()): Promise<RegistryAnswer> {
    const wire: Send = () => {
      this.askedAtMs.push(this.clock.now() - this.#startMs);
      const outcome = this.#outcomes.length > 1 ? this.#outcomes.shift() : this.#outcomes[0];
      return outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(outcome as FakeAnswer); // never empty
    };
    return withRetry(
      wire,
      () => this.pace,
      this.clock,
      silentLog,
      new ClientMetrics(noMetrics),
    )(makeRequest({ effort }), signal);
  }
}

const ok = (): FakeAnswer => new FakeAnswer(200);
const failing = (status: number, headers = {}): FakeAnswer => new FakeAnswer(status, headers);

describe("what may pass", () => {
  test.each([408, 425, 429, 499, 500, 502, 503, 504, 520, 522, 524])("is tried again after %d", async (status) => {
    const failed = failing(status);
    const host = new Host(failed, ok());

    expect((await host.ask()).status).toBe(200);
    expect(failed.disposed).toBe(true);
    expect(host.clock.slept).toEqual([200]);
  });

  test("is tried again after a connection that broke or stalled", async () => {
    const host = new Host(stalled, ok());

    expect((await host.ask()).status).toBe(200);
  });

  test("is tried five times at growing distances while the host fails every time", async () => {
    const host = new Host(failing(500));

    expect((await host.ask()).status).toBe(500);
    expect(host.askedAtMs).toEqual([0, 200, 600, 1_400, 3_000]);
  });

  test("ends with the last answer still to be read", async () => {
    const failures = Array.from({ length: 5 }, () => failing(500));
    const host = new Host(...failures);

    expect(await host.ask()).toBe(failures.at(-1));
    expect(failures.map(({ disposed }) => disposed)).toEqual([true, true, true, true, false]);
  });

  test("ends with the last failure as it came", async () => {
    await expect(new Host(stalled).ask()).rejects.toBe(stalled);
  });

  test("gets one attempt more from a host that is known to be in trouble", async () => {
    const host = new Host(failing(500));
    await host.ask();

    await host.ask();

    expect(host.askedAtMs.slice(5)).toEqual([3_000 + 3_200]);
  });

  test("slows a host less with every run of good answers", async () => {
    const host = new Host(failing(500), failing(500), ok());
    await host.ask();
    for (let good = 0; good < 12; good++) await host.ask();
    const before = host.clock.slept.length;

    await host.ask();

    expect(host.clock.slept.slice(before)).toEqual([]);
  });

  test("counts failures of requests that were under way together as one", async () => {
    const host = new Host(...Array.from({ length: 20 }, () => failing(503)), ok());

    const answers = await Promise.all(Array.from({ length: 20 }, () => host.ask()));

    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200));
  });
});

describe("what will not pass", () => {
  test.each([200, 201, 206, 301, 304, 400, 401, 403, 404, 405, 409, 412, 413, 416, 501])(
    "is not tried again after %d, and slows nobody",
    async (status) => {
      const host = new Host(failing(status), ok());

      expect((await host.ask()).status).toBe(status);
      await host.ask();
      expect(host.clock.slept).toEqual([]);
    },
  );

  test("is not tried again after a failure that is not the network's", async () => {
    const failure = new RegistryAnswerInvalid("GET", new URL("https://hub.test/"), "no");

    const host = new Host(failure);
    await expect(host.ask()).rejects.toBe(failure);
    expect(host.askedAtMs).toHaveLength(1);
  });
});

describe("a host that asks to be left alone", () => {
  test("is asked again when it said, up to six times in all", async () => {
    const host = new Host(failing(429, { "retry-after": "1" }));

    expect((await host.ask()).status).toBe(429);
    expect(host.askedAtMs).toEqual([0, 1_000, 2_000, 3_000, 4_000, 5_000]);
  });

  test("is left alone by everybody, also after something that is not repeated", async () => {
    const host = new Host(failing(503, { "retry-after": "7" }), ok());
    await host.ask("probe");

    await host.ask();

    expect(host.clock.slept).toEqual([7_000]);
  });

  test("is not asked at all for as long as it wants more quiet than a request waits", async () => {
    const host = new Host(failing(429, { "retry-after": "3000" }), ok());
    await host.ask("once");

    await expect(host.ask()).rejects.toMatchObject({
      code: "REGISTRY_THROTTLED",
      message: "hub.test asked to be left alone, for another 3000 s",
    });
    expect(host.askedAtMs).toHaveLength(1);
    host.clock.advance(3_000_000);
    expect((await host.ask()).status).toBe(200);
  });

  test("is not waited for either by what was already waiting when it asked for so long a silence", async () => {
    const host = new Host(failing(500), ok());
    await host.ask("once");
    host.clock.after(100, () => host.pace.block(3_000_000)); // the answer to another request that was under way

    await expect(host.ask()).rejects.toMatchObject({ code: "REGISTRY_THROTTLED" });
    expect(host.askedAtMs).toHaveLength(1);
    expect(host.clock.slept).toEqual([200]);
  });

  test("cannot be hammered because it says 0", async () => {
    const host = new Host(failing(429, { "retry-after": "0" }));

    await host.ask();

    expect(host.askedAtMs).toEqual([0, 200, 600, 1_400, 3_000]);
  });
});

describe("the effort of a request", () => {
  test("once sends it once, and its failure slows the host", async () => {
    const host = new Host(failing(502), ok());

    expect((await host.ask("once")).status).toBe(502);
    await host.ask("once");
    expect(host.clock.slept).toEqual([200]);
  });

  test("probe sends it once, and its failure means nothing", async () => {
    const host = new Host(failing(500), ok());

    expect((await host.ask("probe")).status).toBe(500);
    await host.ask();
    expect(host.clock.slept).toEqual([]);
  });
});

test("an abort ends the wait", async () => {
  const host = new Host(failing(500), ok());
  const stop = new AbortController();
  await host.ask("once");
  stop.abort();

  await expect(host.ask("retried", stop.signal)).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(host.askedAtMs).toHaveLength(1);
});
