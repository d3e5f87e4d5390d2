import { startUp, startUpLines } from "./kinds/start-up.ts";
import { requestsOf } from "./registry/counts.ts";
import type { Result, Traffic } from "./result.ts";
import { markdownTable } from "./table.ts";

/** What is demanded of this program, and what came of it. */
export interface Bar {
  readonly name: string;
  readonly demanded: string;
  /** `undefined` when nothing that was measured says it. */
  readonly measured: string | undefined;
  readonly isMet: boolean;
}

const mebibyte = 1024 * 1024;
const peakLimitBytes = 110 * mebibyte;

/** Every bar, in the order of the table. */
export function barsOf(results: readonly Result[]): readonly Bar[] {
  const of = (contestant: string, kind: string, work = ""): Result | undefined =>
    results.find((each) => each.contestant === contestant && each.kind === kind && each.work.startsWith(work));
  const both = (kind: string, work: string, compare: (ours: Result, regsync: Result) => number): number | undefined => {
    const [ours, regsync] = [of("ours", kind, work), of("regsync", kind, work)];
    return ours === undefined || regsync === undefined ? undefined : compare(ours, regsync);
  };
  const slow = of("ours", "noop", "300 tags, 20 ms")?.traffic;
  const shared = of("ours", "cold-shared")?.traffic;
  const single = of("ours", "cold-single")?.traffic;
  const targets = (line: string): readonly (Result | undefined)[] =>
    ["one target", "two targets"].map((count) => of("ours", "two-targets", `${count}${line},`));
  const [one, two] = targets("");
  const [oneOnLine, twoOnLines] = targets(" at 1 Gbit/s");
  const ours = results.filter(({ contestant }) => contestant === "ours");
  const again = ours.filter(({ kind }) => kind === "second").flatMap(({ traffic }) => traffic ?? []);
  const many = of("ours", "many-tags");
  return [
    atMost("no-op, 300 tags, 20 ms: wall, of regsync's", 1 / 20, both("noop", "300 tags, 20 ms", wallRatio), 3),
    atMost("no-op, 300 tags: requests", 2 * (slow?.tags ?? 0) + 1, slow && totalRequests(slow), 0),
    atMost("no-op, 3000 tags, no delay: wall, of regsync's", 1, both("noop", "3000 tags, 0 ms", wallRatio)),
    atMost("cold, shared layers: read, of unique bytes", 1.02, shared && readTimes(shared)),
    atMost("cold, shared layers: written, of unique bytes", 1.02, shared && writtenTimes(shared)),
    atMost("cold, single image of 10 layers: requests", 4 + 3 * 11, single && totalRequests(single), 0),
    atLeast(
      "cold large, plain: throughput, of regsync's",
      1.3,
      both("large", "", (us, them) => 1 / wallRatio(us, them)),
    ),
    atMost(
      "cold large, plain: CPU, of regsync's",
      0.95,
      both("large", "", (us, them) => us.cpuSeconds / them.cpuSeconds),
    ),
    atLeast(
      "cold large, TLS: throughput, of regsync's",
      1,
      both("large-tls", "", (us, them) => 1 / wallRatio(us, them)),
    ),
    atMost("two targets: read, of unique bytes", 1, two?.traffic && readTimes(two.traffic)),
    atMost("two targets: wall, of one target's", 1.2, one && two && wallRatio(two, one)),
    atMost(
      "two targets at 1 Gbit/s: wall, of one target's",
      1.2,
      oneOnLine && twoOnLines && wallRatio(twoOnLines, oneOnLine),
    ),
    atMost("a second run: bytes, PUT and POST", 0, again.length === 0 ? undefined : Math.max(...again.map(moved)), 0),
    atMost("memory: peak of every line, MiB", peakLimitBytes / mebibyte, highestPeak(ours), 0),
    atMost("memory: growth over many tags, of itself", 0.05, many && growthOf(many), 3),
    atMost("--version, ms", 60, of("ours", startUp, startUpLines.version)?.wallMs, 0),
    atMost("check on ten tags, ms", 250, of("ours", startUp, startUpLines.check)?.wallMs, 0),
    atMost("a file of 7,500 entries loaded, ms", 500, of("ours", startUp, startUpLines.load)?.wallMs, 0),
  ];
}

/** All bars as a table in Markdown. */
export function barTable(bars: readonly Bar[]): string {
  return markdownTable(
    ["bar", "demanded", "measured", "met"],
    bars.map(({ name, demanded, measured, isMet }) => [
      name,
      demanded,
      measured ?? "",
      measured === undefined ? "not measured" : isMet ? "yes" : "no",
    ]),
  );
}

function atMost(name: string, limit: number, value: number | undefined, digits = 2): Bar {
  return {
    name,
    demanded: `≤ ${shown(limit, digits)}`,
    measured: shown(value, digits),
    isMet: value !== undefined && value <= limit,
  };
}

function atLeast(name: string, limit: number, value: number | undefined): Bar {
  return {
    name,
    demanded: `≥ ${shown(limit, 2)}`,
    measured: shown(value, 2),
    isMet: value !== undefined && value >= limit,
  };
}

function shown<T extends number | undefined>(value: T, digits: number): T extends number ? string : string | undefined;
function shown(value: number | undefined, digits: number): string | undefined {
  return value?.toFixed(digits);
}

function wallRatio(one: Result, other: Result): number {
  return one.wallMs / other.wallMs;
}

function totalRequests({ sides }: Traffic): number {
  return requestsOf(sides.source) + requestsOf(sides.target) + requestsOf(sides.second);
}

function readTimes({ sides, uniqueBytes }: Traffic): number {
  return sides.source.blobBytesRead / uniqueBytes;
}

function writtenTimes({ sides, uniqueBytes }: Traffic): number {
  return sides.target.blobBytesWritten / uniqueBytes;
}

/** Bytes, and requests that write. */
function moved({ sides }: Traffic): number {
  return [sides.source, sides.target, sides.second].reduce((sum, side) => {
    const writes = Object.entries(side.requests).filter(([kind]) => /^(PUT|POST|PATCH) /.test(kind));
    return sum + side.blobBytesRead + side.blobBytesWritten + writes.reduce((all, [, count]) => all + count, 0);
  }, 0);
}

function highestPeak(ours: readonly Result[]): number | undefined {
  return ours.length === 0 ? undefined : Math.max(...ours.map(({ peakBytes }) => peakBytes)) / mebibyte;
}

/** By which share the most memory of the last fifth is above that of the second. */
function growthOf({ resident, wallMs }: Result): number | undefined {
  const most = (from: number, to: number): number =>
    Math.max(...resident.filter(({ atMs }) => atMs >= from * wallMs && atMs < to * wallMs).map(({ bytes }) => bytes));
  const growth = most(0.8, 1) / most(0.2, 0.4) - 1;
  return Number.isFinite(growth) ? growth : undefined;
}
