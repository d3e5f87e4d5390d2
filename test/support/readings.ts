import { PrometheusMetrics } from "../../src/observe/prometheus.ts";

/** Metrics that can be looked at: nothing of the process itself, and as many series as there are. */
export function openMetrics(): Promise<PrometheusMetrics> {
  return PrometheusMetrics.open({ process: false, seriesLimit: undefined });
}

/** Every series of a family, by its labels as they are written: `host="a",result="failed"`. */
export async function readings(metrics: PrometheusMetrics, family: string): Promise<Readonly<Record<string, number>>> {
  const lines = (await metrics.text("prometheus")).split("\n");
  const samples = lines.flatMap((line) => {
    const [, name, labels = "", value] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    return name === family ? [[labels, Number(value)] as const] : [];
  });
  return Object.fromEntries(samples);
}

/** The series of a family that are not zero. */
export async function counted(metrics: PrometheusMetrics, family: string): Promise<Readonly<Record<string, number>>> {
  return Object.fromEntries(Object.entries(await readings(metrics, family)).filter(([, value]) => value !== 0));
}
