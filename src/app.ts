import { Interrupted } from "./base/failure.ts";
import { Limiter } from "./base/limiter.ts";
import { buildInfo } from "./cli/build-info.ts";
import type { RunOnce, RunServer } from "./cli/run.ts";
import type { Plan } from "./config/plan.ts";
import { BlobLedger } from "./copy/ledger.ts";
import { followPlans, listenAt } from "./listen.ts";
import { showBuild } from "./observe/build-metric.ts";
import { noMetrics } from "./observe/metrics.ts";
import { PrometheusMetrics } from "./observe/prometheus.ts";
import { openState } from "./open-state.ts";
import { OpenStores } from "./open-stores.ts";
import { ConfigWatch } from "./server/config-watch.ts";
import { describeState } from "./server/describe-state.ts";
import { machineFiles } from "./server/machine-files.ts";
import { Server } from "./server/server.ts";
import { FailureLog } from "./sync/failure-log.ts";
import { PlatformMemory } from "./sync/platform-child.ts";
import { runPlan } from "./sync/run.ts";
import { SyncMetrics } from "./sync/sync-metrics.ts";
import { noTagMemory, ShortTagMemory } from "./sync/tag-memory.ts";

/** What dashboards know of every Node process is counted too. */
const counted = { process: true, seriesLimit: undefined };

/** From the end of a server's grace to the end of its process: uploads are cancelled, files are removed. */
const cleaningMs = 10_000;

/** One pass over a plan: opens the memory, builds the client and the layouts, runs, and closes them in reverse. */
export const runOnce: RunOnce = async (plan, request, { progress, ...surroundings }) => {
  const { clock, log, signal } = surroundings;
  using state = await openState(request.stateDir, { strict: request.strict, clock, log });
  await using stores = await OpenStores.open(plan, {
    ...surroundings,
    metrics: noMetrics,
    uploads: state?.uploads,
    laneFromBytes: request.laneFromBytes,
  });
  const context = {
    action: request.action,
    full: request.full,
    stores,
    log,
    clock,
    progress,
    ledger: new BlobLedger(state?.homes),
    gate: new Limiter(Math.max(1, plan.parallel)),
    platforms: new PlatformMemory(),
    tags: state?.tags ?? noTagMemory,
    failures: new FailureLog(log),
    counted: new SyncMetrics(noMetrics),
  };
  return await runPlan(plan, context, request, signal);
};

/**
 * A server: builds it, lets it run until it is told to stop, and takes it down in reverse. It can be asked until the
 * last run has ended.
 */
export const runServer: RunServer = async (request, surroundings) => {
  const { first, file, load, listen, abortOnError, full, stateDir, laneFromBytes, strict } = request;
  const { env, clock, log, localZone, nodeVersion, signal, onSignal, stayAwake, mayTakeToEnd } = surroundings;
  const counting = listen === undefined ? undefined : await PrometheusMetrics.open(counted);
  const metrics = counting ?? noMetrics;
  showBuild(metrics, { version: buildInfo.vcsTag, revision: buildInfo.vcsCommit, nodeVersion });
  using state = await openState(stateDir, { strict, clock, log });
  const opening = new AbortController();
  const stores = { env, clock, log, metrics, uploads: state?.uploads, laneFromBytes, signal: opening.signal };
  const main = file === undefined ? undefined : { path: file, hash: first.hash };
  const reload = (): Promise<unknown> => server.reload();
  using watch = new ConfigWatch({ clock, log, files: machineFiles, main, others: request.otherFiles, reload });
  let onPlan = ({ server: { graceMs } }: Plan): void => mayTakeToEnd(graceMs + cleaningMs);
  using server = new Server(first, {
    clock,
    log,
    metrics,
    localZone,
    tags: state?.tags ?? new ShortTagMemory(),
    homes: state?.homes,
    full,
    openStores: (plan) => OpenStores.open(plan, stores),
    load,
    freshen: () => watch.freshen(),
    onPlan: (plan) => onPlan(plan),
    abortOnError,
  });
  using _awake = stayAwake();
  using _hangUp = onSignal("SIGHUP", () => void server.reload());
  using _dump = onSignal("SIGUSR1", () => describeState(server, log));
  await using listener =
    listen === undefined || counting === undefined
      ? undefined
      : await listenAt(listen, first.plan, { server, metrics: counting, clock, log });
  const follow = listener === undefined ? undefined : followPlans(listener, first.plan, log);
  onPlan = (plan) => {
    mayTakeToEnd(plan.server.graceMs + cleaningMs);
    follow?.(plan);
  };
  await server.start(first);
  await watch.start();

  const end = await server.untilStopped(signal);
  watch[Symbol.dispose]();
  // A defect elsewhere, or a failure that is to end everything, waits for nobody.
  const isOrderly = end === "stopped" && signal.reason instanceof Interrupted;
  await server.stop(isOrderly ? server.graceMs : 0);
  opening.abort();
  return end;
};
