import { formatDuration } from "../base/duration.ts";
import type { Lease } from "../base/limiter.ts";
import type { ManifestName, Repository } from "../oci/store.ts";
import type { SyncContext } from "./context.ts";

/** Whose quota is waited for, and how much of it must be left. */
export interface QuotaWait {
  readonly source: Repository;
  readonly name: ManifestName;
  /** Pulls that must be left. */
  readonly min: number;
  /** Between two looks, in milliseconds. */
  readonly retryMs: number;
  readonly names: { readonly source: string; readonly target: string };
}

/**
 * Waits until the source's host has at least `min` pulls left, without holding the slot while it sleeps.
 *
 * Gives the slot that is held afterwards: the one that came in, or a new one. A host that stops saying what is left
 * is not waited for. Throws what looking at the source throws, and `INTERRUPTED`. Spec: regsync.md §5.4 (9).
 */
export async function awaitQuota(
  wait: QuotaWait,
  held: Lease,
  context: SyncContext,
  signal: AbortSignal,
): Promise<Lease> {
  let slot = held;
  try {
    for (;;) {
      const left = (await wait.source.headManifest(wait.name, signal))?.rateLimit;
      if (left === undefined || left.remaining >= wait.min) return slot;
      context.log.info("Delaying for rate limit", {
        ...wait.names,
        "source-remain": left.remaining,
        "source-limit": left.limit,
        "step-min": wait.min,
        sleep: formatDuration(BigInt(wait.retryMs) * 1_000_000n),
      });
      slot[Symbol.dispose]();
      context.counted.waited(wait.source.host, wait.retryMs);
      await context.clock.sleep(wait.retryMs, signal);
      slot = await context.gate.take(signal);
    }
  } catch (failure) {
    slot[Symbol.dispose]();
    throw failure;
  }
}
