/** One thing that is asked of Prometheus, and what its series are called. */
interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly type: "stat" | "timeseries" | "heatmap" | "table";
  /** Columns of the 24 of a row. */
  readonly width: number;
  readonly unit: string;
  readonly queries: readonly Query[];
  readonly description?: string;
  readonly more?: Readonly<Record<string, unknown>>;
}

interface Row {
  readonly title: string;
  readonly height: number;
  readonly panels: readonly Panel[];
}

const datasource = { type: "prometheus", uid: "${datasource}" };
/** Every query is about what the variables choose. Outside Kubernetes there is no namespace, which `.*` matches too. */
const where = 'namespace=~"$namespace", instance=~"$instance"';
const ofStep = `{${where}, step=~"$step"}`;
const ofHost = `{${where}, host=~"$host"}`;
const ofAll = `{${where}}`;
/** The process metrics of others have the same names. */
const ours = `and on (job, instance) regsync_build_info${ofAll}`;

const query = (expr: string, legend = ""): Query => ({ expr, legend });
const stat = (title: string, unit: string, expr: string, more: Partial<Panel> = {}): Panel => ({
  title,
  type: "stat",
  width: 3,
  unit,
  queries: [query(expr)],
  ...more,
});
const series = (title: string, unit: string, width: number, ...queries: readonly Query[]): Panel => ({
  title,
  type: "timeseries",
  width,
  unit,
  queries,
});
const rate = (family: string, selector: string, by: string): string =>
  `sum by (${by}) (rate(${family}${selector}[$__rate_interval]))`;

/** A colour for every state in which something is wrong. */
const wrongAbove = (limit: number) => ({
  fieldConfig: {
    thresholds: {
      mode: "absolute",
      steps: [
        { color: "green", value: null },
        { color: "red", value: limit },
      ],
    },
  },
});

const rows: readonly Row[] = [
  {
    title: "State",
    height: 4,
    panels: [
      stat("Entries up", "none", `sum(regsync_step_up${ofStep})`, {
        queries: [query(`sum(regsync_step_up${ofStep})`, "up"), query(`count(regsync_step_running${ofStep})`, "all")],
        width: 4,
      }),
      stat("Oldest success", "s", `max(time() - (regsync_step_last_success_timestamp_seconds${ofStep} > 0))`, {
        description: "Of the entry that has gone longest without a run that had no failure",
        width: 4,
      }),
      stat("Tags behind", "none", `sum(regsync_step_tags{${where}, step=~"$step", state="behind"})`, {
        more: wrongAbove(1),
      }),
      stat("Failures in 24 h", "none", `sum(increase(regsync_errors_total${ofStep}[24h]))`, { more: wrongAbove(1) }),
      stat("Next run", "s", `min((regsync_step_next_run_timestamp_seconds${ofStep} > 0) - time())`),
      stat("Configuration", "bool_yes_no", `min(regsync_config_last_reload_successful${ofAll})`, {
        description: "Whether the file could be used when it was read last",
      }),
      stat("Version", "none", `regsync_build_info${ofAll}`, {
        queries: [query(`regsync_build_info${ofAll}`, "{{version}}")],
        width: 4,
        more: { options: { textMode: "name" } },
      }),
    ],
  },
  {
    title: "Throughput",
    height: 8,
    panels: [
      series(
        "Bytes read and written",
        "Bps",
        8,
        query(rate("regsync_bytes_total", ofHost, "direction, host"), "{{direction}} {{host}}"),
      ),
      series("Images", "ops", 6, query(rate("regsync_images_total", ofStep, "result"), "{{result}}")),
      series("Blobs", "ops", 5, query(rate("regsync_blobs_total", ofHost, "result"), "{{result}}")),
      series(
        "Waiting and working",
        "none",
        5,
        query(`sum by (kind) (regsync_queue_length${ofAll})`, "{{kind}} waiting"),
        query(`sum by (kind) (regsync_workers_busy${ofAll})`, "{{kind}} working"),
      ),
    ],
  },
  {
    title: "Registries",
    height: 8,
    panels: [
      series(
        "Requests",
        "reqps",
        8,
        query(rate("regsync_http_client_requests_total", ofHost, "host, code"), "{{host}} {{code}}"),
      ),
      {
        title: "Latency",
        type: "heatmap",
        width: 8,
        unit: "s",
        queries: [query(rate("regsync_http_client_request_duration_seconds_bucket", ofHost, "le"), "{{le}}")],
      },
      series(
        "Repetitions",
        "ops",
        8,
        query(rate("regsync_http_client_retries_total", ofHost, "host, reason"), "{{host}} {{reason}}"),
      ),
      series(
        "Quota left",
        "percentunit",
        6,
        query(`regsync_ratelimit_remaining${ofHost} / regsync_ratelimit_limit${ofHost}`, "{{host}} {{account}}"),
      ),
      series(
        "Waiting for quota",
        "percentunit",
        6,
        query(rate("regsync_ratelimit_wait_seconds_total", ofHost, "host"), "{{host}}"),
        query(rate("regsync_ratelimit_waits_total", ofHost, "host"), "{{host}} waits in a second"),
      ),
      series(
        "Requests at once",
        "none",
        6,
        query(`regsync_host_inflight${ofHost}`, "{{host}} used"),
        query(`regsync_host_concurrency${ofHost}`, "{{host}} allowed"),
      ),
      series(
        "Tokens",
        "ops",
        6,
        query(rate("regsync_token_refresh_total", ofHost, "host, result"), "{{host}} {{result}}"),
      ),
    ],
  },
  {
    title: "Entries",
    height: 10,
    panels: [
      {
        title: "Entries",
        type: "table",
        width: 14,
        unit: "none",
        queries: [
          query(`sum by (step) (regsync_step_up${ofStep})`, "up"),
          query(`sum by (step) (regsync_step_tags{${where}, step=~"$step", state="selected"})`, "selected"),
          query(`sum by (step) (regsync_step_tags{${where}, step=~"$step", state="in_sync"})`, "in sync"),
          query(`sum by (step) (regsync_step_tags{${where}, step=~"$step", state="behind"})`, "behind"),
          query(`sum by (step) (regsync_step_tags{${where}, step=~"$step", state="failed"})`, "failed"),
          query(
            `histogram_quantile(0.5, sum by (step, le) (rate(regsync_step_duration_seconds_bucket${ofStep}[1d])))`,
            "p50 s",
          ),
          query(
            `histogram_quantile(0.95, sum by (step, le) (rate(regsync_step_duration_seconds_bucket${ofStep}[1d])))`,
            "p95 s",
          ),
        ],
        description: "More of each: /api/v1/entries/<name>",
      },
      series(
        "Runs",
        "ops",
        10,
        query(rate("regsync_step_runs_total", ofStep, "step, outcome"), "{{step}} {{outcome}}"),
      ),
      series(
        "Longest behind",
        "s",
        8,
        query(`max by (step) (regsync_step_oldest_unsynced_seconds${ofStep})`, "{{step}}"),
      ),
      series(
        "Failures by kind",
        "ops",
        8,
        query(rate("regsync_errors_total", ofStep, "step, class"), "{{step}} {{class}}"),
      ),
      series(
        "Overdue and stalled",
        "none",
        8,
        query(`regsync_step_overdue${ofStep} > 0`, "{{step}} overdue"),
        query(`regsync_step_stalled${ofStep} > 0`, "{{step}} stalled"),
      ),
    ],
  },
  {
    title: "Process",
    height: 7,
    panels: [
      series(
        "Memory",
        "bytes",
        6,
        query(`process_resident_memory_bytes${ofAll} ${ours}`, "resident {{instance}}"),
        query(`nodejs_heap_size_used_bytes${ofAll} ${ours}`, "heap {{instance}}"),
      ),
      series(
        "Processor",
        "percentunit",
        6,
        query(`rate(process_cpu_seconds_total${ofAll}[$__rate_interval]) ${ours}`, "{{instance}}"),
      ),
      series(
        "Lag of the event loop",
        "s",
        4,
        query(`nodejs_eventloop_lag_p99_seconds${ofAll} ${ours}`, "p99 {{instance}}"),
      ),
      series(
        "Collecting garbage",
        "percentunit",
        4,
        query(`rate(nodejs_gc_duration_seconds_sum${ofAll}[$__rate_interval]) ${ours}`, "{{kind}} {{instance}}"),
      ),
      series(
        "Open files and sockets",
        "none",
        4,
        query(`process_open_fds${ofAll} ${ours}`, "{{instance}}"),
        query(`sum by (type) (nodejs_active_resources${ofAll} ${ours})`, "{{type}}"),
      ),
    ],
  },
];

/** The dashboard for Grafana, as it is imported. Spec: operations.md §9. */
export function dashboard(): object {
  return {
    uid: "regsync",
    title: "regsync",
    tags: ["regsync"],
    editable: true,
    graphTooltip: 1,
    schemaVersion: 41,
    refresh: "1m",
    time: { from: "now-24h", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" },
        variable("namespace", "regsync_build_info"),
        variable("instance", 'regsync_build_info{namespace=~"$namespace"}'),
        variable("step", `regsync_step_running${ofAll}`),
        variable("host", `regsync_bytes_total${ofAll}`),
      ],
    },
    panels: placed(),
  };
}

/** Every query of the dashboard, those of its variables included. */
export function dashboardQueries(): readonly string[] {
  const panels = rows.flatMap((row) => row.panels.flatMap((panel) => panel.queries.map(({ expr }) => expr)));
  return [...panels, "regsync_build_info", "regsync_step_running", "regsync_bytes_total"];
}

function variable(name: string, from: string): object {
  return {
    name,
    type: "query",
    datasource,
    query: { query: `label_values(${from}, ${name})`, refId: name },
    definition: `label_values(${from}, ${name})`,
    refresh: 2,
    includeAll: true,
    allValue: ".*",
    multi: true,
    sort: 1,
  };
}

/** Panels from left to right and from top to bottom, each row of them under its title. */
function placed(): readonly object[] {
  const panels: object[] = [];
  let y = 0;
  for (const row of rows) {
    panels.push({
      id: panels.length + 1,
      type: "row",
      title: row.title,
      collapsed: false,
      gridPos: { h: 1, w: 24, x: 0, y },
      panels: [],
    });
    y += 1;
    let x = 0;
    for (const panel of row.panels) {
      if (x + panel.width > 24) {
        x = 0;
        y += row.height;
      }
      panels.push(panelOf(panel, panels.length + 1, { h: row.height, w: panel.width, x, y }));
      x += panel.width;
    }
    y += row.height;
  }
  return panels;
}

function panelOf({ title, type, unit, queries, description, more }: Panel, id: number, gridPos: object): object {
  const isTable = type === "table";
  const targets = queries.map(({ expr, legend }, index) => ({
    refId: String.fromCodePoint("A".charCodeAt(0) + index),
    datasource,
    expr,
    legendFormat: legend === "" ? "__auto" : legend,
    ...(isTable ? { format: "table", instant: true } : {}),
    ...(type === "heatmap" ? { format: "heatmap" } : {}),
  }));
  const { fieldConfig = {}, options = {} } = (more ?? {}) as { fieldConfig?: object; options?: object }; // written above
  return {
    id,
    title,
    type,
    ...(description === undefined ? {} : { description }),
    datasource,
    gridPos,
    targets,
    fieldConfig: { defaults: { unit, ...fieldConfig }, overrides: [] },
    options,
    ...(isTable ? { transformations: tableOf(queries) } : {}),
  };
}

/** One line for each entry, with a column for each query. */
function tableOf(queries: readonly Query[]): readonly object[] {
  const names = queries.map(({ legend }, index) => [
    `Value #${String.fromCodePoint("A".charCodeAt(0) + index)}`,
    legend,
  ]);
  return [
    { id: "joinByField", options: { byField: "step", mode: "outer" } },
    {
      id: "organize",
      options: {
        excludeByName: Object.fromEntries(
          ["Time", ...queries.map((_, index) => `Time ${index + 1}`)].map((name) => [name, true]),
        ),
        renameByName: Object.fromEntries(names),
      },
    },
  ];
}
