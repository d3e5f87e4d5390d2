import type * as prometheus from "prom-client";
import type { Exposition, ExpositionForm } from "./exposition.ts";
import { expositionText } from "./exposition-text.ts";
import type { Counter, Family, Gauge, Histogram, Labels, Metrics } from "./metrics.ts";
import { SeriesLimit } from "./series-limit.ts";

type Client = Omit<typeof prometheus, "default">;

/**
 * Series kept at most; a histogram has one for each bucket. An entry has 62, so that four thousand of them fit, in some
 * 70 MB; a mistake of ours does not.
 */
const usualSeriesLimit = 250_000;

/** What is counted, and how much of it. */
export interface PrometheusOptions {
  /** Counts what the process itself needs, under the names that dashboards know. */
  readonly process: boolean;
  /** Series kept at most; `undefined` is 250,000. */
  readonly seriesLimit: number | undefined;
}

/** Gauges whose names say that they are counters. What they add up can be added up by whoever asks. */
const misnamed = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];

/** Counts in memory, and shows everything in Prometheus' forms. Never fails who counts: what is odd is left out. */
export class PrometheusMetrics implements Metrics, Exposition {
  readonly #client: Client;
  readonly #registry: prometheus.Registry;
  readonly #limit: SeriesLimit;
  readonly #made = new Map<string, { readonly shape: string; readonly instrument: object }>();
  readonly #readings = new Set<() => void>();

  private constructor(client: Client, { process, seriesLimit = usualSeriesLimit }: PrometheusOptions) {
    this.#client = client;
    this.#registry = new client.Registry();
    if (process) client.collectDefaultMetrics({ register: this.#registry });
    for (const name of misnamed) this.#registry.removeSingleMetric(name);
    const refused = new client.Counter({
      name: "regsync_metric_series_refused_total",
      help: "Attempts to count in a new series when there were too many already",
      registers: [this.#registry],
    });
    this.#limit = new SeriesLimit(seriesLimit, () => refused.inc());
  }

  /** Loads what counts: programs that nobody asks for metrics do without. */
  static async open(options: PrometheusOptions): Promise<PrometheusMetrics> {
    // The bundle keeps what CommonJS exports under that name alone.
    return new PrometheusMetrics((await import("prom-client")).default, options);
  }

  counter<Name extends string>(family: Family<Name>): Counter<Name> {
    return this.#once("counter", family, [], () => {
      const counter = new this.#client.Counter(this.#configuration(family));
      const series = this.#limit.of(family.labels);
      return {
        add: (amount: number, labels: Labels<Name>) => {
          if (Number.isFinite(amount) && amount >= 0 && series.admits(labels)) counter.inc({ ...labels }, amount);
        },
        remove: (labels: Labels<Name>) => {
          series.forget(labels);
          counter.remove({ ...labels });
        },
      };
    });
  }

  gauge<Name extends string>(family: Family<Name>): Gauge<Name> {
    return this.#once("gauge", family, [], () => {
      const gauge = new this.#client.Gauge(this.#configuration(family));
      const series = this.#limit.of(family.labels);
      return {
        set: (value: number, labels: Labels<Name>) => {
          if (series.admits(labels)) gauge.set({ ...labels }, value);
        },
        remove: (labels: Labels<Name>) => {
          series.forget(labels);
          gauge.remove({ ...labels });
        },
      };
    });
  }

  histogram<Name extends string>(family: Family<Name>, buckets: readonly number[]): Histogram<Name> {
    return this.#once("histogram", family, buckets, () => {
      const histogram = new this.#client.Histogram({ ...this.#configuration(family), buckets: [...buckets] });
      const series = this.#limit.of(family.labels, buckets.length + 3);
      return {
        observe: (value: number, labels: Labels<Name>) => {
          if (Number.isFinite(value) && series.admits(labels)) histogram.observe({ ...labels }, value);
        },
        show: (labels: Labels<Name>) => {
          if (!series.has(labels) && series.admits(labels)) histogram.zero({ ...labels });
        },
        remove: (labels: Labels<Name>) => {
          series.forget(labels);
          histogram.remove({ ...labels });
        },
      };
    });
  }

  beforeReading(act: () => void): Disposable {
    const reading = (): void => act();
    this.#readings.add(reading);
    return { [Symbol.dispose]: () => this.#readings.delete(reading) };
  }

  async text(form: ExpositionForm): Promise<string> {
    for (const reading of this.#readings) reading();
    return expositionText(await this.#registry.getMetricsAsJSON(), form);
  }

  #configuration<Name extends string>({ name, help, labels }: Family<Name>) {
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }

  /** The instrument of a family, made when it is asked for first. One name with two meanings is a mistake of ours. */
  #once<T extends object>(kind: string, family: Family<string>, buckets: readonly number[], make: () => T): T {
    const shape = JSON.stringify([kind, family.labels, buckets]);
    const known = this.#made.get(family.name);
    if (known !== undefined && known.shape !== shape) throw new Error(`two metrics are called ${family.name}`);
    if (known !== undefined) return known.instrument as T; // of the same kind and labels
    const instrument = make();
    this.#made.set(family.name, { shape, instrument });
    return instrument;
  }
}
