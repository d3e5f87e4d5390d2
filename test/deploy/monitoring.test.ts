import { execFileSync, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { PrometheusMetrics } from "../../src/observe/prometheus.ts";
import { StepMetrics } from "../../src/server/step-metrics.ts";
import { SyncMetrics } from "../../src/sync/sync-metrics.ts";
import { haveTools, toolPath } from "../support/tools.ts";
import { dashboardQueries } from "./dashboard.ts";
import { deployed, generatedFiles } from "./generated-files.ts";
import { metricFamilies } from "./metric-families.ts";

const sources = fileURLToPath(new URL("../../src", import.meta.url));
const families = new Set(metricFamilies().map(({ name }) => name));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

const rules = (
  parse(readFileSync(deployed("prometheus/alerts.yaml"), "utf8")) as { groups: { rules: Rule[] }[] }
).groups.flatMap((group) => group.rules); // checked by promtool below

/** Names of families that an expression asks for, without the endings of a histogram's series. */
function familiesIn(expression: string): readonly string[] {
  return [...expression.matchAll(/\bregsync_[a-z_]+/g)].map(([name]) =>
    families.has(name) ? name : name.replace(/_(bucket|sum|count)$/, ""),
  );
}

test.each(generatedFiles())("$path is what the code makes of it", ({ path, content }) => {
  expect(readFileSync(path, "utf8"), "npm run deploy:generate writes it").toBe(content);
});

test("every metric that the sources name is in the table, and nothing else", () => {
  const files = readdirSync(sources, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".ts"));
  const named = files.flatMap((name) => {
    const text = readFileSync(join(sources, name), "utf8");
    return [...text.matchAll(/"(regsync_[a-z_]+)"/g)].map(([, metric = ""]) => metric);
  });

  expect([...new Set(named)].toSorted()).toEqual([...families].toSorted());
});

test("alerts ask only for what there is", () => {
  const unknown = rules.flatMap(({ alert, expr }) =>
    familiesIn(expr)
      .filter((name) => !families.has(name))
      .map((name) => `${alert}: ${name}`),
  );

  expect(unknown).toEqual([]);
});

test("the dashboard asks only for what there is, and for all of it", () => {
  const asked = new Set(dashboardQueries().flatMap((expression) => familiesIn(expression)));
  /** What an alert or a query of one's own is for. */
  const leftOut = [
    "regsync_config_info",
    "regsync_config_last_reload_success_timestamp_seconds",
    "regsync_config_reloads_total",
    "regsync_metric_series_refused_total",
    "regsync_step_last_run_timestamp_seconds",
  ];

  expect([...asked].filter((name) => !families.has(name))).toEqual([]);
  expect([...families].filter((name) => !asked.has(name))).toEqual(leftOut.filter((name) => families.has(name)));
});

test("families follow the rules for names and labels", () => {
  for (const { name, kind, help, labels, buckets } of metricFamilies()) {
    expect(name).toMatch(/^regsync(_[a-z]+)+$/);
    expect(name.endsWith("_total"), name).toBe(kind === "counter");
    expect(help, name).toMatch(/^[A-Z].*[^.]$/);
    expect(buckets.length > 0, name).toBe(kind === "histogram");
    for (const label of labels) expect(label, name).not.toMatch(/tag|digest|url|repository|message|^le$|^__/);
  }
});

test("an entry has as many series as the table says", async () => {
  const metrics = await PrometheusMetrics.open({ process: false, seriesLimit: undefined });
  const at = { source: "a.test", targets: ["b.test"] };
  new StepMetrics(metrics).show("app");
  new SyncMetrics(metrics).show("app", { kind: "registry", ...at });

  const series = (await metrics.text("prometheus")).split("\n").filter((line) => line.includes('step="app"'));

  // What says whether the last run was good is there after the first.
  expect(readFileSync(deployed("metrics.md"), "utf8")).toContain(`${series.length + 1} of them for an entry`);
});

test("every alert says how bad it is and what to do", () => {
  for (const { alert, labels, annotations } of rules) {
    expect(alert).toMatch(/^Regsync[A-Z]/);
    expect(["critical", "warning", "info"], alert).toContain(labels.severity);
    expect(Object.keys(annotations), alert).toEqual(["summary", "description"]);
  }
});

describe.runIf(haveTools("promtool"))("promtool", () => {
  const promtool = (...args: readonly string[]): string =>
    execFileSync(toolPath("promtool"), args, { encoding: "utf8", timeout: 30_000 });

  test("takes the alerts", () => {
    expect(promtool("check", "rules", deployed("prometheus/alerts.yaml"))).toContain(`${rules.length} rules found`);
  });

  test("sees each alert raised when it should be, and not before", () => {
    const tested = parse(readFileSync(deployed("prometheus/alerts.test.yaml"), "utf8")) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    }; // read by promtool too
    const raised = tested.tests.flatMap((each) => each.alert_rule_test).filter((each) => each.exp_alerts.length > 0);

    expect(promtool("test", "rules", deployed("prometheus/alerts.test.yaml"))).toContain("SUCCESS");
    expect(raised.map(({ alertname }) => alertname).toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  test("takes every query of the dashboard", async () => {
    const folder = await mkdtemp(join(tmpdir(), "regsync-queries-"));
    const records = dashboardQueries().map((expr, index) => ({
      record: `dashboard:query_${index}`,
      expr: expr.replaceAll("$__rate_interval", "5m"),
    }));
    try {
      const path = join(folder, "queries.yaml");
      await writeFile(path, JSON.stringify({ groups: [{ name: "dashboard", rules: records }] }));

      expect(promtool("check", "rules", path)).toContain(`${records.length} rules found`);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test("finds nothing to complain about in any family", async () => {
    const metrics = await PrometheusMetrics.open({ process: true, seriesLimit: undefined });
    for (const { name, kind, help, labels, buckets } of metricFamilies()) {
      const some = Object.fromEntries(labels.map((label) => [label, "x"]));
      if (name === "regsync_metric_series_refused_total") continue; // there already
      if (kind === "counter") metrics.counter({ name, help, labels }).add(1, some);
      else if (kind === "gauge") metrics.gauge({ name, help, labels }).set(1, some);
      else metrics.histogram({ name, help, labels }, buckets).observe(1, some);
    }

    const input = await metrics.text("prometheus");
    const { status, stdout, stderr } = spawnSync(toolPath("promtool"), ["check", "metrics"], {
      input,
      encoding: "utf8",
    });

    expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: "" });
  });
});
