import { requestsOf, type SideCounts } from "./registry/counts.ts";
import type { Result, Traffic } from "./result.ts";

const mebibyte = 1024 * 1024;

const columns = [
  "work",
  "who",
  "wall s",
  "CPU s",
  "peak MiB",
  "registries' CPU s",
  "requests",
  "source",
  "target",
  "read ×",
  "written ×",
  "connections",
] as const;

/** All results as one table in Markdown, the work of each line said once. */
export function resultTable(results: readonly Result[]): string {
  const rows = results.map((result, position) => {
    const isFirst = results[position - 1]?.work !== result.work || results[position - 1]?.kind !== result.kind;
    return [isFirst ? result.work : "", ...cellsOf(result)];
  });
  return markdownTable(columns, rows);
}

/** Any table in Markdown, its columns aligned for who reads it as text. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}

function cellsOf({ contestant, wallMs, cpuSeconds, peakBytes, traffic }: Result): readonly string[] {
  const own = [
    contestant,
    (wallMs / 1_000).toFixed(wallMs < 10_000 ? 2 : 1),
    cpuSeconds.toFixed(2),
    (peakBytes / mebibyte).toFixed(0),
  ];
  return traffic === undefined ? own : [...own, ...trafficCells(traffic)];
}

function trafficCells({ sides, registryCpuSeconds, uniqueBytes }: Traffic): readonly string[] {
  const { source, target, second } = sides;
  const total = requestsOf(source) + requestsOf(target) + requestsOf(second);
  const times = (bytes: number): string => (bytes / uniqueBytes).toFixed(2);
  const isOne = requestsOf(second) === 0;
  return [
    registryCpuSeconds.toFixed(2),
    String(total),
    kindsOf(source),
    isOne ? kindsOf(target) : `${kindsOf(target)}; second: ${kindsOf(second)}`,
    times(source.blobBytesRead),
    isOne ? times(target.blobBytesWritten) : `${times(target.blobBytesWritten)} + ${times(second.blobBytesWritten)}`,
    `${source.connections} + ${target.connections}${isOne ? "" : ` + ${second.connections}`}`,
  ];
}

function kindsOf({ requests }: SideCounts): string {
  return Object.entries(requests)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(", ");
}
