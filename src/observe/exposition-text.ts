import type { ExpositionForm } from "./exposition.ts";

/** A family as it was counted. */
interface CountedFamily {
  readonly name: string;
  readonly help: string;
  /** `counter`, `gauge`, `histogram` or `summary`. The client's own type for it knows only numbers. */
  readonly type: unknown;
  readonly values: readonly CountedSample[];
}

interface CountedSample {
  /** When it differs from the family's: `…_bucket`. */
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly value: number;
}

/**
 * Everything that was counted as text, families in the order of their names.
 *
 * Written here because prom-client can write only one of the two forms in the life of a registry.
 * Spec: Prometheus text format 0.0.4; OpenMetrics 1.0.0.
 */
export function expositionText(families: readonly CountedFamily[], form: ExpositionForm): string {
  const sorted = families.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const lines = sorted.flatMap((family) => familyLines(family, form));
  if (form === "openmetrics") lines.push("# EOF");
  return `${lines.join("\n")}\n`;
}

function familyLines({ name, help, type, values }: CountedFamily, form: ExpositionForm): readonly string[] {
  const isOpen = form === "openmetrics";
  const shown = isOpen && type === "counter" ? name.replace(/_total$/, "") : name;
  return [
    `# HELP ${shown} ${isOpen ? escapeLabel(help) : escapeHelp(help)}`,
    `# TYPE ${shown} ${String(type)}`,
    ...values.map((sample) => sampleLine(sample, name, isOpen)),
  ];
}

function sampleLine({ metricName, labels, value }: CountedSample, family: string, isOpen: boolean): string {
  let pairs = "";
  for (const name in labels) {
    if (name !== "le") pairs += `${pairs === "" ? "" : ","}${name}="${escapeLabel(String(labels[name]))}"`;
  }
  const { le } = labels;
  if (le !== undefined) pairs += `${pairs === "" ? "" : ","}le="${boundOf(le, isOpen)}"`;
  return `${metricName ?? family}${pairs === "" ? "" : `{${pairs}}`} ${numberText(value)}`;
}

/** OpenMetrics wants a bound to look like a fraction. */
function boundOf(bound: string | number, isOpen: boolean): string {
  const text = typeof bound === "number" ? numberText(bound) : bound;
  return isOpen && /^\d+$/.test(text) ? `${text}.0` : text;
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return !/[\\\n]/.test(text) ? text : text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

function escapeLabel(text: string): string {
  return !/[\\\n"]/.test(text) ? text : escapeHelp(text).replaceAll('"', '\\"');
}
