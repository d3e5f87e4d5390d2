import { fileURLToPath } from "node:url";
import { dashboard } from "./dashboard.ts";
import { metricFamilies } from "./metric-families.ts";
import { metricsTable } from "./metrics-table.ts";

/** A file of `deploy/` that is made from the code. */
export interface GeneratedFile {
  readonly path: string;
  readonly content: string;
}

/** All of them, as they should be. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: deployed("metrics.md"), content: metricsTable(metricFamilies()) },
    { path: deployed("grafana/regsync.json"), content: `${JSON.stringify(dashboard(), undefined, 2)}\n` },
  ];
}

/** Where a file of `deploy/` is. */
export function deployed(path: string): string {
  return fileURLToPath(new URL(`../../deploy/${path}`, import.meta.url));
}
