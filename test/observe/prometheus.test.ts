import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { PrometheusMetrics } from "../../src/observe/prometheus.ts";
import { haveTools, toolPath } from "../support/tools.ts";

const open = (seriesLimit?: number): Promise<PrometheusMetrics> =>
  PrometheusMetrics.open({ process: false, seriesLimit });

const blobs = { name: "regsync_blobs_total", help: "Blobs", labels: ["host", "result"] } as const;
const up = { name: "regsync_step_up", help: "Whether it is up", labels: ["step"] } as const;
const waits = { name: "regsync_waits_seconds", help: "Waits", labels: ["host"] } as const;

/** Everything of every kind, with what is hard to write. */
async function counted(): Promise<PrometheusMetrics> {
  const metrics = await open();
  metrics.counter(blobs).add(0, { host: "a.test", result: "failed" });
  metrics.counter(blobs).add(2, { host: "a.test", result: "mounted" });
  metrics.counter({ name: "regsync_odd_total", help: 'A "quote", a \\ and\na line', labels: ["name"] }).add(0.5, {
    name: 'x"\\\ny',
  });
  metrics.gauge(up).set(1, { step: "app" });
  metrics.gauge({ name: "regsync_plain", help: "No labels", labels: [] }).set(-1.5e-7, {});
  metrics.histogram(waits, [0.5, 1, 10]).observe(1, { host: "a.test" });
  metrics.histogram(waits, [0.5, 1, 10]).observe(20, { host: "a.test" });
  return metrics;
}

test("Prometheus' text, byte for byte", async () => {
  expect(await (await counted()).text("prometheus")).toBe(`# HELP regsync_blobs_total Blobs
# TYPE regsync_blobs_total counter
regsync_blobs_total{host="a.test",result="failed"} 0
regsync_blobs_total{host="a.test",result="mounted"} 2
# HELP regsync_metric_series_refused_total Attempts to count in a new series when there were too many already
# TYPE regsync_metric_series_refused_total counter
regsync_metric_series_refused_total 0
# HELP regsync_odd_total A "quote", a \\\\ and\\na line
# TYPE regsync_odd_total counter
regsync_odd_total{name="x\\"\\\\\\ny"} 0.5
# HELP regsync_plain No labels
# TYPE regsync_plain gauge
regsync_plain -1.5e-7
# HELP regsync_step_up Whether it is up
# TYPE regsync_step_up gauge
regsync_step_up{step="app"} 1
# HELP regsync_waits_seconds Waits
# TYPE regsync_waits_seconds histogram
regsync_waits_seconds_bucket{host="a.test",le="0.5"} 0
regsync_waits_seconds_bucket{host="a.test",le="1"} 1
regsync_waits_seconds_bucket{host="a.test",le="10"} 1
regsync_waits_seconds_bucket{host="a.test",le="+Inf"} 2
regsync_waits_seconds_sum{host="a.test"} 21
regsync_waits_seconds_count{host="a.test"} 2
`);
});

test("OpenMetrics, byte for byte, and Prometheus' text is the same again afterwards", async () => {
  const metrics = await counted();
  const before = await metrics.text("prometheus");

  expect(await metrics.text("openmetrics")).toBe(`# HELP regsync_blobs Blobs
# TYPE regsync_blobs counter
regsync_blobs_total{host="a.test",result="failed"} 0
regsync_blobs_total{host="a.test",result="mounted"} 2
# HELP regsync_metric_series_refused Attempts to count in a new series when there were too many already
# TYPE regsync_metric_series_refused counter
regsync_metric_series_refused_total 0
# HELP regsync_odd A \\"quote\\", a \\\\ and\\na line
# TYPE regsync_odd counter
regsync_odd_total{name="x\\"\\\\\\ny"} 0.5
# HELP regsync_plain No labels
# TYPE regsync_plain gauge
regsync_plain -1.5e-7
# HELP regsync_step_up Whether it is up
# TYPE regsync_step_up gauge
regsync_step_up{step="app"} 1
# HELP regsync_waits_seconds Waits
# TYPE regsync_waits_seconds histogram
regsync_waits_seconds_bucket{host="a.test",le="0.5"} 0
regsync_waits_seconds_bucket{host="a.test",le="1.0"} 1
regsync_waits_seconds_bucket{host="a.test",le="10.0"} 1
regsync_waits_seconds_bucket{host="a.test",le="+Inf"} 2
regsync_waits_seconds_sum{host="a.test"} 21
regsync_waits_seconds_count{host="a.test"} 2
# EOF
`);
  expect(await metrics.text("prometheus")).toBe(before);
});

describe("series", () => {
  test("what is named with 0 is there, and what is removed is not any more", async () => {
    const metrics = await open();
    const labels = { host: "a.test", result: "failed" };

    metrics.counter(blobs).add(0, labels);
    metrics.histogram(waits, [1]).show({ host: "a.test" });
    const shown = await metrics.text("prometheus");
    metrics.counter(blobs).remove(labels);
    metrics.histogram(waits, [1]).remove({ host: "a.test" });
    metrics.gauge(up).remove({ step: "never seen" });
    const gone = await metrics.text("prometheus");

    expect(shown).toContain('regsync_blobs_total{host="a.test",result="failed"} 0\n');
    expect(shown).toContain('regsync_waits_seconds_count{host="a.test"} 0\n');
    expect(gone).not.toContain("a.test");
  });

  test("showing a histogram again does not forget what it observed", async () => {
    const histogram = (await open()).histogram(waits, [1]);
    const metrics = await open();
    metrics.histogram(waits, [1]).observe(1, { host: "a.test" });

    metrics.histogram(waits, [1]).show({ host: "a.test" });

    expect(histogram).not.toBe(metrics.histogram(waits, [1]));
    expect(await metrics.text("prometheus")).toContain('regsync_waits_seconds_count{host="a.test"} 1\n');
  });

  test("who asks for a family again gets the same series; another family of that name is a defect", async () => {
    const metrics = await open();
    metrics.counter(blobs).add(1, { host: "a.test", result: "failed" });
    metrics.counter(blobs).add(1, { host: "a.test", result: "failed" });

    expect(await metrics.text("prometheus")).toContain('regsync_blobs_total{host="a.test",result="failed"} 2\n');
    expect(() => metrics.gauge(blobs)).toThrow("two metrics are called regsync_blobs_total");
    expect(() => metrics.counter({ ...blobs, labels: ["host"] })).toThrow("two metrics");
  });

  test("stop growing at a limit: those that are there go on, and the refusals are counted", async () => {
    const metrics = await open(3);
    const counter = metrics.counter(blobs);
    for (const host of ["a", "b", "c", "d", "e"]) counter.add(1, { host, result: "failed" });
    counter.add(1, { host: "a", result: "failed" });

    metrics.gauge(up).set(1, { step: "app" });
    counter.remove({ host: "b", result: "failed" });
    metrics.gauge(up).set(1, { step: "later" });

    const text = await metrics.text("prometheus");
    expect(text).toContain('regsync_blobs_total{host="a",result="failed"} 2\n');
    expect(text).not.toMatch(/host="[bde]"|step="app"/);
    expect(text).toContain('regsync_step_up{step="later"} 1\n');
    expect(text).toContain("regsync_metric_series_refused_total 3\n");
  });

  test("a histogram takes room for each of its buckets", async () => {
    const metrics = await open(5);
    metrics.histogram(waits, [1, 2]).observe(1, { host: "a" });
    metrics.histogram(waits, [1, 2]).observe(1, { host: "b" });

    expect(await metrics.text("prometheus")).not.toContain('host="b"');
  });

  test("odd amounts count nothing and fail nobody", async () => {
    const metrics = await open();
    for (const amount of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      metrics.counter(blobs).add(amount, { host: "a", result: "failed" });
    }
    metrics.histogram(waits, [1]).observe(Number.NaN, { host: "a" });

    expect(await metrics.text("prometheus")).not.toContain('host="a"');
  });
});

test("what is looked up is looked up for every reading, until nobody does so any more", async () => {
  const metrics = await open();
  let value = 0;
  const reading = metrics.beforeReading(() => metrics.gauge(up).set((value += 1), { step: "app" }));

  const first = await metrics.text("prometheus");
  const second = await metrics.text("openmetrics");
  reading[Symbol.dispose]();
  const third = await metrics.text("prometheus");

  expect([first, second, third].map((text) => /step="app"} (\d)/.exec(text)?.[1])).toEqual(["1", "2", "2"]);
});

test("the process shows itself under the names that dashboards know", async () => {
  const metrics = await PrometheusMetrics.open({ process: true, seriesLimit: undefined });

  const text = await metrics.text("prometheus");

  for (const name of [
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_start_time_seconds",
    "process_open_fds",
    "nodejs_eventloop_lag_seconds",
    "nodejs_eventloop_lag_p99_seconds",
    "nodejs_heap_size_used_bytes",
    "nodejs_version_info",
  ]) {
    expect(text).toMatch(new RegExp(`^${name}(\\{.*\\})? `, "m"));
  }
});

describe.runIf(haveTools("promtool"))("promtool", () => {
  test("finds nothing to complain about", async () => {
    const metrics = await PrometheusMetrics.open({ process: true, seriesLimit: undefined });
    metrics.counter(blobs).add(1, { host: "a.test", result: "failed" });
    metrics.histogram(waits, [1]).observe(1, { host: "a.test" });

    expect(lint(await metrics.text("prometheus"))).toEqual({ status: 0, output: "" });
  });

  test("would complain about a counter that is not called one", async () => {
    const metrics = await open();
    metrics.counter({ name: "regsync_blobs", help: "Blobs", labels: [] }).add(1, {});

    expect(lint(await metrics.text("prometheus")).output).toContain("counter metrics should have");
  });
});

function lint(input: string): { readonly status: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(toolPath("promtool"), ["check", "metrics"], { input, encoding: "utf8" });
  return { status, output: stdout + stderr };
}
