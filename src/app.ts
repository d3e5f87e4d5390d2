import { Limiter } from "./base/limiter.ts";
import type { RunOnce } from "./cli/run.ts";
import { BlobLedger } from "./copy/ledger.ts";
import { noMetrics } from "./observe/metrics.ts";
import { openState } from "./open-state.ts";
import { OpenStores } from "./open-stores.ts";
import { FailureLog } from "./sync/failure-log.ts";
import { PlatformMemory } from "./sync/platform-child.ts";
import { runPlan } from "./sync/run.ts";
import { SyncMetrics } from "./sync/sync-metrics.ts";
import { ShortTagMemory } from "./sync/tag-memory.ts";

/** One pass over a plan: opens the memory, builds the client and the layouts, runs, and closes them in reverse. */
export const runOnce: RunOnce = async (plan, request, { progress, ...surroundings }) => {
  const { clock, log, signal } = surroundings;
  using state = await openState(request.stateDir, { strict: request.strict, clock, log });
  await using stores = await OpenStores.open(plan, { ...surroundings, metrics: noMetrics, uploads: state?.uploads });
  const context = {
    action: request.action,
    full: request.full,
    stores,
    log,
    clock,
    progress,
    ledger: new BlobLedger(),
    gate: new Limiter(Math.max(1, plan.parallel)),
    platforms: new PlatformMemory(),
    tags: state?.tags ?? new ShortTagMemory(),
    failures: new FailureLog(log),
    counted: new SyncMetrics(noMetrics),
  };
  return await runPlan(plan, context, { abortOnError: request.abortOnError }, signal);
};
