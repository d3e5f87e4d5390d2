import type { Metrics } from "./metrics.ts";

/** What this program is, as it is shown: `v1.2.3`, a commit, the Node it runs under. */
export interface ShownBuild {
  readonly version: string;
  readonly revision: string;
  readonly nodeVersion: string;
}

/** Shows what is running. Spec: operations.md §3. */
export function showBuild(metrics: Metrics, { version, revision, nodeVersion }: ShownBuild): void {
  const build = metrics.gauge({
    name: "regsync_build_info",
    help: "What is running; always 1",
    labels: ["version", "revision", "node_version"],
  });
  build.set(1, { version, revision, node_version: nodeVersion });
}
