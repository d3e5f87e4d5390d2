import type { Clock } from "../base/clock.ts";
import type { ActiveImage, ServerStatus } from "../observe/server-status.ts";
import type { LoopWatch } from "./loop-watch.ts";

/** One thing that was looked at. */
export interface Check {
  /** As it stands in a path: `/livez/scheduler`. */
  readonly name: string;
  /** What is wrong, in a few words; `undefined` when nothing is. */
  readonly failure: string | undefined;
}

/** What is looked at to tell whether this process is alive, ready and started. */
export interface CheckParts {
  readonly status: ServerStatus;
  readonly loop: LoopWatch;
  readonly clock: Clock;
  /** A copy that moves nothing for so long is stuck, in milliseconds. */
  readonly copyStallMs: number;
}

/** A loop that is later than this answers no probe in time either. */
const loopLagLimitMs = 5_000;
/** The scheduler looks several times as often, whatever is due. */
const schedulerLimitMs = 60_000;

/**
 * Whether starting this process anew would help. Registries have no part in it: one that is down makes copies fail,
 * which is no reason to end. Spec: operations.md §4.
 */
export function liveness({ status, loop, clock, copyStallMs }: CheckParts): readonly Check[] {
  const sinceTickMs = clock.monotonic() - status.schedulerTickMs;
  // Before everything is built and after being told to stop nobody schedules anything.
  const isSchedulerStuck = status.isReady && sinceTickMs > schedulerLimitMs;
  const copying = status.entries().flatMap((entry) => entry.copying);
  const stuck = stuckCopies(copying, clock.monotonic() - copyStallMs);
  return [
    { name: "event-loop", failure: late(loop.lagMs, loopLagLimitMs, "the event loop is behind by") },
    {
      name: "scheduler",
      failure: isSchedulerStuck ? late(sinceTickMs, 0, "the scheduler has looked at nothing for") : undefined,
    },
    {
      name: "copies",
      failure:
        stuck === 0 ? undefined : `${stuck} of ${copying.length} copies move nothing for ${seconds(copyStallMs)}`,
    },
  ];
}

/** Whether work is taken: not before a configuration was read, and not after being told to stop. */
export function readiness({ status }: CheckParts): readonly Check[] {
  return [configuration(status), { name: "work", failure: status.isReady ? undefined : "no work is taken" }];
}

/** Whether a first configuration was read and is usable. */
export function startup({ status }: CheckParts): readonly Check[] {
  return [configuration(status)];
}

function configuration(status: ServerStatus): Check {
  return { name: "config", failure: status.isStarted ? undefined : "no usable configuration was read yet" };
}

/** A copy that only waits for others between the same hosts to make room is not stuck. */
function stuckCopies(copying: readonly ActiveImage[], limitAt: number): number {
  const moving = copying.filter(({ movedAt }) => movedAt >= limitAt);
  const busy = new Set(moving.flatMap(({ source, target }) => [hostOf(source), hostOf(target)]));
  const still = copying.filter(({ movedAt }) => movedAt < limitAt);
  return still.filter(({ source, target }) => !busy.has(hostOf(source)) && !busy.has(hostOf(target))).length;
}

function hostOf(name: string): string {
  return name.split("/", 1)[0] ?? name;
}

function late(ms: number, limitMs: number, words: string): string | undefined {
  return ms > limitMs ? `${words} ${seconds(ms)}` : undefined;
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1_000)} s`;
}
