import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { mediaTypes } from "../../src/oci/media-type.ts";
import { configText } from "../support/config-text.ts";
import { startProgram } from "../support/program.ts";

// Runs the real server with 500 entries on an interval of a second against registries on loopback that answer at once,
// and fails when its memory grows, when something is left behind by runs, or when a time is missed. Run as
// `npm run test:soak`; REGSYNC_SOAK_SECONDS says for how long (180 without), REGSYNC_SOAK_ENTRIES with how many entries.

const seconds = Number(process.env["REGSYNC_SOAK_SECONDS"] ?? 180);
const entryCount = Number(process.env["REGSYNC_SOAK_ENTRIES"] ?? 500);
const sampleSeconds = 10;
/** What counts begins after the first third: until then caches fill, code is compiled, and hosts are tried out. */
const warmShare = 1 / 3;
/** How much more the last third may take than the one before it. */
const growthAllowed = 1.1;

interface Sample {
  readonly second: number;
  readonly residentMb: number;
  readonly heapMb: number;
  readonly timers: number;
  readonly sockets: number;
  readonly runs: number;
  readonly leftOut: number;
}

const digest = `sha256:${"5".repeat(64)}`;
/** How often each repository of the source was asked. */
const asked = new Map<string, number>();

async function startRegistry(onHead: (path: string) => void): Promise<string> {
  const server = createServer((request, response) => {
    if (request.method === "HEAD") onHead(request.url ?? "");
    response.writeHead(200, {
      "content-type": mediaTypes.ociManifest,
      "content-length": 300,
      "docker-content-digest": digest,
    });
    response.end();
  }).listen(0, "127.0.0.1");
  server.keepAliveTimeout = 60_000;
  server.unref();
  await once(server, "listening");
  return `127.0.0.1:${(server.address() as AddressInfo).port}`; // as of every server that listens on a port
}

async function sample(url: string, second: number): Promise<Sample> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const sum = (pattern: RegExp): number =>
    text
      .split("\n")
      .filter((line) => pattern.test(line))
      .reduce((total, line) => total + Number(line.split(" ").at(-1)), 0);
  return {
    second,
    residentMb: sum(/^process_resident_memory_bytes /) / 1e6,
    heapMb: sum(/^nodejs_heap_size_used_bytes /) / 1e6,
    timers: sum(/^nodejs_active_resources\{type="Timeout"\}/),
    sockets: sum(/^nodejs_active_resources\{type="TCPSocketWrap"\}/),
    runs: sum(/^regsync_step_runs_total\{.*outcome="noop"/),
    leftOut: sum(/^regsync_step_runs_total\{.*outcome="skipped_overlap"/),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

const source = await startRegistry((path) => asked.set(path, (asked.get(path) ?? 0) + 1));
const target = await startRegistry(() => undefined);
const names = Array.from({ length: entryCount }, (_, index) => `app${index}`);
const config = configText({
  creds: [source, target].map((registry) => ({ registry, tls: "disabled" })),
  defaults: { interval: "1s", jitter: "1s", parallel: 4 },
  sync: names.map((name) => ({ name, source: `${source}/${name}:1`, target: `${target}/${name}:1`, type: "image" })),
});
const limitMs = (seconds + 120) * 1_000;
await using program = await startProgram(["server", "--listen", "127.0.0.1:0", "--logopt", "json"], {
  config,
  limitMs,
});
const [, url = ""] = await program.said(/"url":"([^"]+)"/);
await program.said(/Server started/);

const samples: Sample[] = [];
const countsOf = (): number[] => names.map((name) => asked.get(`/v2/${name}/manifests/1`) ?? 0);
let begun = { second: 0, counts: countsOf() };
const startedAt = performance.now();
process.stdout.write("second  resident MB  heap MB  timers  sockets  runs  left out\n");
while ((performance.now() - startedAt) / 1_000 < seconds) {
  await sleep(sampleSeconds * 1_000);
  const now = await sample(url, Math.round((performance.now() - startedAt) / 1_000));
  samples.push(now);
  if (now.second <= seconds * warmShare)
    begun = { second: (performance.now() - startedAt) / 1_000, counts: countsOf() };
  const numbers = [now.second, now.residentMb, now.heapMb, now.timers, now.sockets, now.runs, now.leftOut];
  process.stdout.write(`${numbers.map((number) => number.toFixed(0).padStart(8)).join(" ")}\n`);
}
const ranSeconds = (performance.now() - startedAt) / 1_000;
const counts = countsOf().map((count, index) => count - (begun.counts[index] ?? 0));
program.signal("SIGTERM");
const { exit, stderr } = await program.ended;

const warm = samples.filter(({ second }) => second > seconds * warmShare);
const [middle, last] = [warm.slice(0, warm.length / 2), warm.slice(warm.length / 2)];
const growth = (of: (each: Sample) => number): number => median(last.map(of)) / median(middle.map(of));
/** What is left right after a collection: between two of them the heap always grows. */
const lowest = (of: readonly Sample[]): number => Math.min(...of.map(({ heapMb }) => heapMb));
const fewest = Math.min(...counts);
const leftOut = (samples.at(-1)?.leftOut ?? 0) - (warm[0]?.leftOut ?? 0);
const countedSeconds = ranSeconds - begun.second;
const figures = {
  entries: entryCount,
  seconds: Math.round(ranSeconds),
  "runs per second": Math.round((samples.at(-1)?.runs ?? 0) / (samples.at(-1)?.second ?? 1)),
  "seconds that count": Math.round(countedSeconds),
  "fewest runs of one entry in them": fewest,
  "most runs of one entry in them": Math.max(...counts),
  "times left out in them": leftOut,
  "times left out before": warm[0]?.leftOut,
  "resident MB, middle and last third": [
    median(middle.map((s) => s.residentMb)),
    median(last.map((s) => s.residentMb)),
  ],
  "lowest heap MB, middle and last third": [lowest(middle), lowest(last)],
  timers: [median(middle.map((s) => s.timers)), median(last.map((s) => s.timers))],
  exit,
};
process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`);

const faults = [
  ...(growth((each) => each.residentMb) > growthAllowed ? ["the resident memory grew"] : []),
  ...(lowest(last) > lowest(middle) * growthAllowed ? ["the heap grew"] : []),
  ...(growth((each) => each.timers) > 2 ? ["timers were left behind"] : []),
  // Each second; the first and the last may be on their way.
  ...(fewest < Math.floor(countedSeconds) - 1
    ? [`an entry ran ${fewest} times in ${countedSeconds.toFixed(0)} s`]
    : []),
  ...(leftOut > 0 ? ["times were left out"] : []),
  ...(/MaxListenersExceeded|"level":"ERROR"/.test(stderr) ? [`the log says:\n${stderr.slice(0, 2_000)}`] : []),
  ...(exit === 0 ? [] : [`exit status ${exit}`]),
];
for (const fault of faults) process.stderr.write(`${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
