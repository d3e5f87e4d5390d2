import { expect, test } from "vitest";
import { runOnce } from "../../src/app.ts";
import { loadPlan } from "../../src/config/load.ts";
import { noProgress } from "../../src/observe/progress.ts";
import type { RunReport } from "../../src/sync/outcome.ts";
import { configText } from "../support/config-text.ts";
import { FakeRegistry } from "../support/fake-registry.ts";
import type { Handler } from "../support/fake-registry/exchange.ts";
import { refusal } from "../support/fake-registry/replies.ts";
import { fastClock } from "../support/fast-clock.ts";
import { makeImage } from "../support/images.ts";
import { planWorld } from "../support/plan-world.ts";
import { silentLog } from "../support/silent-log.ts";
import { onePass } from "./run-case.ts";

// Two sources, one of them in trouble: the entries of the other do not even notice.

const images = Array.from({ length: 6 }, (_, number) => makeImage({ seed: 100 + number }));

interface Hosts extends AsyncDisposable {
  readonly good: FakeRegistry;
  readonly bad: FakeRegistry;
  readonly target: FakeRegistry;
}

async function startHosts(): Promise<Hosts> {
  await using started = new AsyncDisposableStack();
  const [good, bad, target] = [
    started.use(await FakeRegistry.start()),
    started.use(await FakeRegistry.start()),
    started.use(await FakeRegistry.start()),
  ];
  for (const [number, image] of images.entries())
    for (const host of [good, bad]) host.add(`app-${number}`, image, "v1");
  const kept = started.move();
  return { good, bad, target, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Mirrors from these sources, in turns, all to one target. `clockFactor` is how much faster waiting goes. */
async function mirror(
  { target }: Hosts,
  sources: readonly FakeRegistry[],
  signal = new AbortController().signal,
): Promise<RunReport> {
  const sync = images.flatMap((_, number) =>
    sources.map((source, at) => ({
      source: `${source.name}/app-${number}:v1`,
      target: `${target.name}/from-${at}/app-${number}:v1`,
      type: "image",
    })),
  );
  const creds = [...sources, target].map(({ name }) => ({ registry: name, tls: "disabled" }) as const);
  const loaded = loadPlan(configText({ creds, defaults: { parallel: 2 }, sync }), "regsync.yml", planWorld());
  if (loaded.kind === "refused") throw new Error("the test's configuration is refused");
  const surroundings = { env: {}, clock: fastClock(1), log: silentLog, progress: noProgress, signal };
  return await runOnce(loaded.plan, onePass, surroundings);
}

test.each<[string, Handler]>([
  ["says nothing", "silence"],
  ["breaks every connection", "reset"],
  ["wants to be left alone for minutes", refusal(429, "TOOMANYREQUESTS", "later", { "retry-after": "200" })],
  ["fails every time", refusal(503, "UNAVAILABLE", "down")],
])("entries of another host are done before anything of one that %s is given up", async (_, trouble) => {
  await using hosts = await startHosts();
  const { good, bad, target } = hosts;
  await mirror(hosts, [good]);
  const alone = good.conversation().toSorted();
  good.forget();
  target.forget();
  for (const repository of images.keys()) target.repository(`from-0/app-${repository}`).tags.clear();
  bad.on("*", trouble);
  const stopping = new AbortController();
  let isGivenUp = false;

  const running = mirror(hosts, [good, bad], stopping.signal).then((report) => {
    isGivenUp ||= report.images.some(({ outcome }) => outcome.kind === "failed");
    return report;
  });
  const names = images.map((_, number) => `from-0/app-${number}`);
  await expect
    .poll(() => names.every((name) => target.repository(name).tags.has("v1")), { timeout: 30_000 })
    .toBe(true);
  const before = { isGivenUp, asked: good.conversation().toSorted(), knocks: bad.count() };
  stopping.abort();
  await running;

  expect(before.isGivenUp).toBe(false);
  expect(before.asked.filter((line) => line.startsWith("HEAD"))).toEqual(
    alone.filter((line) => line.startsWith("HEAD")),
  );
  // No more than what the host bears at once, and what of that was tried again: it is left alone, not hammered.
  expect(before.knocks).toBeLessThanOrEqual(12);
});
