import type { Plan } from "../../src/config/plan.ts";
import { showBuild } from "../../src/observe/build-metric.ts";
import type { Family, Metrics } from "../../src/observe/metrics.ts";
import { ClientMetrics } from "../../src/registry/client-metrics.ts";
import { LineMetrics } from "../../src/server/lines.ts";
import { type LoadedConfig, Reloader } from "../../src/server/reloader.ts";
import { StepMetrics } from "../../src/server/step-metrics.ts";
import { SyncMetrics } from "../../src/sync/sync-metrics.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { silentLog } from "../support/silent-log.ts";

/** A family of metrics as a room asked for it. */
export interface FamilyFacts {
  readonly name: string;
  readonly kind: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram; empty for the others. */
  readonly buckets: readonly number[];
}

/** What a part needs that has more to do than to count. Nothing is asked of it here. */
const noConfig: LoadedConfig = { hash: "", loginsHash: "", plan: {} as Plan }; // not looked at before a reload
const never = (): Promise<never> => Promise.reject(new Error("asked while metrics were listed"));

/** Everything that makes families. A room with metrics of its own is one more line. */
const rooms: readonly ((metrics: Metrics) => unknown)[] = [
  (metrics) => showBuild(metrics, { version: "", revision: "", nodeVersion: "" }),
  (metrics) => new ClientMetrics(metrics),
  (metrics) => new SyncMetrics(metrics),
  (metrics) => new StepMetrics(metrics),
  (metrics) => new LineMetrics(metrics),
  (metrics) => new Reloader(noConfig, { metrics, log: silentLog, clock: new FakeClock(), load: never, apply: never }),
];

/** Made by the registry of metrics itself, which is not asked for it. */
const own: FamilyFacts = {
  name: "regsync_metric_series_refused_total",
  kind: "counter",
  help: "Attempts to count in a new series when there were too many already",
  labels: [],
  buckets: [],
};

/** Every family of this program, by name. */
export function metricFamilies(): readonly FamilyFacts[] {
  const found = new Map([[own.name, own]]);
  const noting =
    (kind: FamilyFacts["kind"]) =>
    (family: Family<string>, buckets: readonly number[] = []) => {
      found.set(family.name, { name: family.name, kind, help: family.help, labels: family.labels, buckets });
      const nothing = (): undefined => undefined;
      return { add: nothing, set: nothing, remove: nothing, observe: nothing, show: nothing };
    };
  const metrics: Metrics = {
    counter: noting("counter"),
    gauge: noting("gauge"),
    histogram: noting("histogram"),
    beforeReading: () => ({ [Symbol.dispose]: () => undefined }),
  };
  for (const make of rooms) make(metrics);
  return [...found.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
