import type { Clock } from "../../base/clock.ts";
import type { Send } from "../send.ts";
import type { HostSettings } from "../settings.ts";

/** Keeps the starts of a host's requests apart. */
export class Spacing {
  readonly #intervalMs: number;
  #nextAtMs = 0;

  /** `requestsPerSecond` 0 keeps nothing apart. */
  constructor(requestsPerSecond: number) {
    this.#intervalMs = requestsPerSecond > 0 ? 1_000 / requestsPerSecond : 0;
  }

  /** Waits for the next start that is free. Rejects with `INTERRUPTED` on abort. */
  async turn(clock: Clock, signal: AbortSignal): Promise<void> {
    if (this.#intervalMs === 0) return;
    const nowMs = clock.monotonic();
    const startAtMs = Math.max(nowMs, this.#nextAtMs);
    this.#nextAtMs = startAtMs + this.#intervalMs;
    if (startAtMs > nowMs) await clock.sleep(startAtMs - nowMs, signal);
  }
}

/** Starts no more requests a second than the user allows, repetitions included. Spec: regsync.md §7.7. */
export function withSpacing(send: Send, spacingOf: (host: HostSettings) => Spacing, clock: Clock): Send {
  return async (request, signal) => {
    await spacingOf(request.host).turn(clock, signal);
    return await send(request, signal);
  };
}
