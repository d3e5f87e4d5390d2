import type { FamilyFacts } from "./metric-families.ts";

/** The table of all metrics, in Markdown. */
export function metricsTable(families: readonly FamilyFacts[]): string {
  const rows = families.map(({ name, kind, labels, help, buckets }) => {
    const bounds = buckets.length === 0 ? "" : ` (up to ${buckets.join(", ")})`;
    const names = labels.map((label) => `\`${label}\``).join(", ");
    return `| \`${name}\` | ${kind} | ${names} | ${help}${bounds} |`;
  });
  return `${head}${rows.join("\n")}\n${foot}`;
}

const head = `# Metrics

What \`/metrics\` shows, besides the usual \`process_*\` and \`nodejs_*\` metrics. Written by \`npm run deploy:generate\` from the
code; a test compares the two. A \`step\` is an entry, by its name. Counters are there at zero as soon as the entry or host
that they are about is known, so that \`increase()\` sees the first failure.

| name | type | labels | meaning |
|---|---|---|---|
`;

const foot = `
Hosts are those that the file names and those that were asked; of requests at most 500, further ones share \`host="other"\`. An \`account\`
is \`anonymous\`, \`token\`, \`helper\`, or eight digits that tell users of one host apart without naming them. All families
together have at most 250,000 series, 60 of them for an entry; what would be one more is left out, and counted in
\`regsync_metric_series_refused_total\`.
`;
