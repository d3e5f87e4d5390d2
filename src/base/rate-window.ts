/** How far back the rate looks: long enough not to flicker, short enough to show that a transfer stalls. */
const windowMs = 5_000;

/** How fast a growing number has grown lately. */
export class RateWindow {
  readonly #samples: { readonly atMs: number; readonly amount: number }[] = [];

  /** Takes note of the amount reached by now, and gives the mean growth per second since the window began. */
  perSecond(nowMs: number, amount: number): number {
    this.#samples.push({ atMs: nowMs, amount });
    while (this.#samples.length > 2 && (this.#samples[1]?.atMs ?? nowMs) <= nowMs - windowMs) this.#samples.shift();
    const oldest = this.#samples[0];
    if (oldest === undefined || oldest.atMs === nowMs) return 0;
    return ((amount - oldest.amount) * 1_000) / (nowMs - oldest.atMs);
  }
}
