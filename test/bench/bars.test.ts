import { expect, test } from "vitest";
import { barsOf, barTable } from "./bars.ts";
import { allWork } from "./kinds/all-work.ts";
import { twoTargets } from "./kinds/cold.ts";
import { startUp, startUpLines } from "./kinds/start-up.ts";
import { Counter } from "./registry/counts.ts";
import type { Result, Traffic } from "./result.ts";

const nothing = new Counter().all;

function traffic(parts: Partial<Traffic["sides"]>, tags = 300): Traffic {
  const sides = { source: nothing, target: nothing, second: nothing, ...parts };
  return { sides, registryCpuSeconds: 0, uniqueBytes: 100, tags };
}

function result(parts: Partial<Result> & Pick<Result, "kind" | "work" | "contestant">): Result {
  return {
    wallMs: 1_000,
    cpuSeconds: 1,
    peakBytes: 0,
    times: 1,
    wallMsOfEach: [],
    traffic: undefined,
    resident: [],
    ...parts,
  };
}

function bar(results: readonly Result[], name: string): { measured: string | undefined; isMet: boolean } {
  return barsOf(results).find((each) => each.name.startsWith(name)) ?? expect.unreachable(`there is no bar ${name}`);
}

test("says that a bar was not measured instead of calling it met", () => {
  const bars = barsOf([]);

  expect(bars.every(({ measured, isMet }) => measured === undefined && !isMet)).toBe(true);
  expect(barTable(bars).match(/not measured/g)).toHaveLength(bars.length);
});

test.each([true, false])("judges every bar by what a whole run of the bench measures, quick: %s", (quick) => {
  const measured = { traffic: traffic({}), resident: [50, 300, 900].map((atMs) => ({ atMs, bytes: 100 })) };
  const all = [...allWork({ quick }), ...Object.values(startUpLines).map((name) => ({ kind: startUp, name }))];
  const results = all.flatMap(({ kind, name }) =>
    ["ours", "regsync"].map((contestant) => result({ kind, work: name, contestant, ...measured })),
  );

  const bars = barsOf(results);

  expect(bars.filter((each) => each.measured === undefined).map(({ name }) => name)).toEqual([]);
});

test("compares two targets with one", () => {
  const [one, two] = twoTargets({ quick: true }).map(({ name }) => ({ kind: "two-targets", work: name }));
  const source = { ...nothing, blobBytesRead: 102 };
  const results = [
    result({ kind: "", work: "", ...one, contestant: "ours", wallMs: 1_000 }),
    result({ kind: "", work: "", ...two, contestant: "ours", wallMs: 1_100, traffic: traffic({ source }) }),
  ];

  expect(bar(results, "two targets: wall")).toMatchObject({ measured: "1.10", isMet: true });
  expect(bar(results, "two targets: read")).toMatchObject({ measured: "1.02", isMet: false });
});

test.each([
  [499, true],
  [501, false],
])("compares our time with the original's: %i ms of its 10 s", (wallMs, isMet) => {
  const work = { kind: "noop", work: "300 tags, 20 ms" };
  const results = [
    result({ ...work, contestant: "ours", wallMs }),
    result({ ...work, contestant: "regsync", wallMs: 10_000 }),
  ];

  expect(bar(results, "no-op, 300 tags, 20 ms: wall").isMet).toBe(isMet);
});

test.each([
  [300, true],
  [301, false],
])("counts the requests of both sides: %i of the target", (heads, isMet) => {
  const source = { ...nothing, requests: { "GET tags": 1, "HEAD manifest": 300 } };
  const target = { ...nothing, requests: { "HEAD manifest": heads } };
  const results = [
    result({ kind: "noop", work: "300 tags, 20 ms", contestant: "ours", traffic: traffic({ source, target }) }),
  ];

  expect(bar(results, "no-op, 300 tags: requests").isMet).toBe(isMet);
});

test.each(["PUT manifest", "POST mount", "PATCH upload"])("does not overlook a %s of a second run", (kind) => {
  const target = { ...nothing, requests: { [kind]: 1 } };
  const results = [result({ kind: "second", work: "after", contestant: "ours", traffic: traffic({ target }) })];

  expect(bar(results, "a second run")).toMatchObject({ measured: "1", isMet: false });
});

test("takes the highest peak of all our lines, and of nobody else's", () => {
  const mebibyte = 1024 * 1024;
  const results = [
    result({ kind: "a", work: "a", contestant: "ours", peakBytes: 100 * mebibyte }),
    result({ kind: "b", work: "b", contestant: "ours", peakBytes: 111 * mebibyte }),
    result({ kind: "b", work: "b", contestant: "regsync", peakBytes: 900 * mebibyte }),
  ];

  expect(bar(results, "memory: peak")).toMatchObject({ measured: "111", isMet: false });
});

test("compares the memory of the last fifth of a long run with that of the second", () => {
  const resident = Array.from({ length: 100 }, (_, at) => ({ atMs: at * 10, bytes: at < 50 ? 100 : 110 }));
  const results = [result({ kind: "many-tags", work: "many", contestant: "ours", resident })];

  expect(bar(results, "memory: growth")).toMatchObject({ measured: "0.100", isMet: false });
});
