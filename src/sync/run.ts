import type { Failure } from "../base/failure.ts";
import { forEachBounded, LinkedController } from "../base/together.ts";
import type { Plan, PlannedEntry } from "../config/plan.ts";
import type { SyncContext } from "./context.ts";
import { type EntryReport, runEntry } from "./entry.ts";
import { EntryRefused } from "./failures.ts";
import { hostsOf } from "./hosts-of.ts";
import type { ImageResult, RunReport } from "./outcome.ts";

/**
 * Entries between the same two hosts that run at once. More would only wait for those hosts' slots, and take memory
 * while they do; files have thousands of entries.
 */
export const entriesAtOnce = 128;

/** What a pass over the whole file needs beside the context of its images. */
export interface RunOptions {
  /** Stop everything at the first failure. */
  readonly abortOnError: boolean;
  /** Whether the report lists images that are unchanged too: a mirror has them by the hundred thousand. */
  readonly listUnchanged: boolean;
}

/**
 * One pass over all entries of a plan.
 *
 * With `parallel` of 1 or more entries run at once, otherwise one after another; an entry in trouble stops no other
 * one unless the pass is to stop at the first failure, and slows only those between the same hosts. Gives what became
 * of every image; rejects only with what is not a `Failure`. Spec: regsync.md §1.4, §5.2.
 */
export async function runPlan(
  plan: Plan,
  context: SyncContext,
  options: RunOptions,
  signal: AbortSignal,
): Promise<RunReport> {
  const startedMs = context.clock.monotonic();
  using pass = new LinkedController(signal);
  const images: ImageResult[][] = plan.entries.map(() => []);
  let unlisted = 0;
  const failures: { readonly entry: number; readonly failure: Failure }[] = [];

  const one = async (planned: PlannedEntry, position: number): Promise<void> => {
    const fail = (failure: Failure): void => {
      if (pass.signal.aborted) return;
      failures.push({ entry: position, failure });
      if (options.abortOnError) pass.abort(failure);
    };
    const report: EntryReport = {
      failed: fail,
      due: () => undefined,
      image: (result) => {
        const failed = result.outcome.kind === "failed";
        // What was stopped is neither done nor failed: the next pass sees to it.
        if (failed && pass.signal.aborted) return;
        if (result.outcome.kind === "unchanged" && !options.listUnchanged) unlisted += 1;
        else images[position]?.push(result);
        if (failed && options.abortOnError) pass.abort();
      },
    };
    if (planned.kind === "refused") {
      fail(new EntryRefused(planned.complaints.map((complaint) => `${complaint.path}: ${complaint.message}`)));
      return;
    }
    await runEntry(planned.entry, context, report, pass.signal);
  };
  if (plan.parallel > 0) {
    const between = Map.groupBy(plan.entries.entries(), ([, planned]) =>
      planned.kind === "ready" ? hostsOf(planned.entry) : "",
    );
    const several = Array.from(between.values(), (entries) =>
      forEachBounded(entries, entriesAtOnce, ([position, planned]) => one(planned, position), pass.signal),
    );
    await Promise.all(several);
  } else {
    await forEachBounded(plan.entries, 1, one, pass.signal);
  }

  const durationMs = context.clock.monotonic() - startedMs;
  return { images: images.flat(), unlisted, failures, durationMs, interrupted: pass.signal.aborted };
}
