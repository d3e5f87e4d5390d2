import { Limiter } from "../base/limiter.ts";
import type { Entry } from "../config/plan.ts";
import type { Gauge, Metrics } from "../observe/metrics.ts";
import type { Trigger } from "../observe/server-status.ts";
import { hostsOf } from "../sync/hosts-of.ts";
import { entriesAtOnce } from "../sync/run.ts";

/** Where a run waits: until its entry may begin, and until one of its images may be copied. */
export interface Places {
  readonly line: Limiter;
  readonly gate: Limiter;
}

/**
 * How many entries run and how many images are copied at once.
 *
 * The runs at the start and the scheduled ones wait in lines of their own, each as wide as the file says: a first copy
 * that takes hours postpones no scheduled run. At the start entries run one after another without `parallel`, in the
 * order of the file; scheduled ones always run side by side, as they do in the original. Spec: regsync.md §1.5, §5.2.
 */
export class Lines {
  #parallel: number;
  readonly #oneAfterAnother = new Limiter(1);
  readonly #startGate: Limiter;
  readonly #gate: Limiter;
  readonly #start = new Map<string, Limiter>();
  readonly #scheduled = new Map<string, Limiter>();

  constructor(parallel: number) {
    this.#parallel = parallel;
    this.#startGate = new Limiter(Math.max(1, parallel));
    this.#gate = new Limiter(Math.max(1, parallel));
  }

  /** Follows a file that says another number. */
  resize(parallel: number): void {
    this.#parallel = parallel;
    this.#startGate.resize(parallel);
    this.#gate.resize(parallel);
  }

  placesOf(entry: Entry, trigger: Trigger): Places {
    if (trigger !== "start") return { line: between(this.#scheduled, entry), gate: this.#gate };
    const line = this.#parallel > 0 ? between(this.#start, entry) : this.#oneAfterAnother;
    return { line, gate: this.#startGate };
  }

  /** Who waits and who is at work, of entries and of images. */
  counts(): Readonly<Record<"entries" | "images", { readonly waiting: number; readonly busy: number }>> {
    const lines = [this.#oneAfterAnother, ...this.#start.values(), ...this.#scheduled.values()];
    return { entries: sum(lines), images: sum([this.#startGate, this.#gate]) };
  }
}

/** Shows the lines as `regsync_queue_length` and `regsync_workers_busy`. */
export class LineMetrics {
  readonly #waiting: Gauge<"kind">;
  readonly #busy: Gauge<"kind">;

  constructor(metrics: Metrics) {
    const waiting = "Entries that wait to run, and images that wait to be copied";
    const busy = "Entries that run, and images that are being copied";
    this.#waiting = metrics.gauge({ name: "regsync_queue_length", help: waiting, labels: ["kind"] });
    this.#busy = metrics.gauge({ name: "regsync_workers_busy", help: busy, labels: ["kind"] });
  }

  look(lines: Lines): void {
    for (const [kind, { waiting, busy }] of Object.entries(lines.counts())) {
      this.#waiting.set(waiting, { kind });
      this.#busy.set(busy, { kind });
    }
  }
}

/** More entries at once between the same hosts would only wait for those hosts, and take memory while they do. */
function between(lines: Map<string, Limiter>, entry: Entry): Limiter {
  const hosts = hostsOf(entry);
  const line = lines.get(hosts) ?? new Limiter(entriesAtOnce);
  lines.set(hosts, line);
  return line;
}

function sum(limiters: readonly Limiter[]): { readonly waiting: number; readonly busy: number } {
  return {
    waiting: limiters.reduce((total, { waiting }) => total + waiting, 0),
    busy: limiters.reduce((total, { taken }) => total + taken, 0),
  };
}
