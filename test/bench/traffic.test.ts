import { describe, expect, test } from "vitest";
import { barsOf } from "./bars.ts";
import { findContestants } from "./contestants.ts";
import { cold, large, secondRun, twoTargets } from "./kinds/cold.ts";
import { manyRepositories, manyTags, noop, platforms, referrers } from "./kinds/no-op.ts";
import { smallCheck } from "./kinds/start-up.ts";
import { mebibyte, type Selection, type Work } from "./kinds/work.ts";
import type { Result, Traffic } from "./result.ts";
import { runWork } from "./run-work.ts";

// What the bench counts is exact, and held here in small sizes; what it times is not. The program is the bundle, in a
// process of its own, and so are the registries.

const small: Selection = { quick: true, delayMs: 0, repeats: 1 };

/** What this program alone needs for each piece of work. */
async function resultsOf(work: readonly Work[]): Promise<readonly Result[]> {
  const ours = findContestants({}).filter(({ family }) => family === "ours");
  const results = work.map((each) =>
    runWork({ ...each, repeats: 1 }, ours, ({ name }, message) => expect.unreachable(`${name}: ${message}`)),
  );
  return (await Promise.all(results)).flat();
}

async function trafficOf(work: readonly Work[], kind: string): Promise<Traffic> {
  const [result] = await resultsOf(work.filter((each) => each.kind === kind).slice(0, 1));
  return result?.traffic ?? expect.unreachable(`there is no ${kind}`);
}

describe("with nothing to do", () => {
  test.each([
    ["noop", noop({ ...small, tags: 30 }), { lists: 1, tags: 30 }],
    ["noop-repositories", manyRepositories({ ...small, tags: 200 }), { lists: 100, tags: 200 }],
    ["noop-platforms", platforms({ ...small, tags: 10 }), { lists: 1, tags: 10 }],
    ["many-tags", manyTags({ ...small, tags: 1_200 }), { lists: 1, tags: 1_200 }],
    ["start-up", smallCheck(small), { lists: 1, tags: 10 }],
  ])("%s is a list and two questions a tag", async (kind, work, { lists, tags }) => {
    const { sides } = await trafficOf(work, kind);

    expect(sides.source.requests).toEqual({ "GET tags": lists, "HEAD manifest": tags });
    expect(sides.target.requests).toEqual({ "HEAD manifest": tags });
    expect([sides.source.refusals, sides.target.refusals]).toEqual([{}, {}]);
  });

  test("a signed tag is five questions: two for the image, one for its signature, one for what refers to each", async () => {
    const { sides } = await trafficOf(referrers({ ...small, tags: 5 }), "noop-referrers");

    expect(sides.source.blobBytesRead + sides.target.blobBytesWritten).toBe(0);
    expect(sides.source.requests).toEqual({ "GET tags": 1, "HEAD manifest": 5, "GET referrers": 10 });
    expect(sides.target.requests).toEqual({
      "HEAD manifest": 10,
      "GET referrers": 1, // whether the target lists them by itself: once for the repository
    });
  });
});

describe("with an empty target", () => {
  test("a single image's blobs are each read once and sent once, without a list of the source's tags", async () => {
    const { sides, uniqueBytes } = await trafficOf(cold(small), "cold-single");

    expect(sides.source.requests).toEqual({ "GET blob": 11, "GET manifest": 1 });
    expect(sides.target.requests).toEqual({
      "HEAD manifest": 1,
      "GET tags": 1, // whether the repository is new: one question instead of one for each layer
      "POST mount": 11,
      "PUT upload": 11,
      "PUT manifest": 1,
    });
    expect([sides.source.blobBytesRead, sides.target.blobBytesWritten]).toEqual([uniqueBytes, uniqueBytes]);
  });

  test("a layer that ten repositories share is read once and sent once", async () => {
    const { sides, uniqueBytes } = await trafficOf(cold(small), "cold-shared");

    expect(sides.source.requests).toEqual({
      "GET tags": 10,
      "HEAD manifest": 10,
      "GET manifest": 10,
      "GET blob": 21,
    });
    expect(sides.target.requests).toEqual({
      "GET tags": 10,
      "HEAD manifest": 10,
      "POST mount": 30,
      "PUT upload": 21,
      "PUT manifest": 10,
    });
    expect([sides.source.blobBytesRead, sides.target.blobBytesWritten]).toEqual([uniqueBytes, uniqueBytes]);
  });

  test("small images take one PUT a blob and one a tag", async () => {
    const { sides, uniqueBytes } = await trafficOf(cold({ ...small, tags: 20 }), "cold-small");

    expect(sides.source.requests).toEqual({
      "GET tags": 1,
      "HEAD manifest": 5, // as many as are looked at before the target has said that it does not have the first
      "GET manifest": 20,
      "GET blob": 60,
    });
    expect(sides.target.requests).toEqual({
      "HEAD manifest": 20,
      "POST mount": 60,
      "PUT upload": 60,
      "PUT manifest": 20,
    });
    expect(sides.target.blobBytesWritten).toBe(uniqueBytes);
  });
});

describe("large layers", () => {
  /** The same in layers that take no time. */
  const shrunk = (work: readonly Work[]): readonly Work[] =>
    work.map((each) => ({ ...each, recipe: { kind: "layers", layers: 4, layerBytes: mebibyte }, delayMs: 0 }));

  const sourceRequests = { "GET tags": 1, "HEAD manifest": 1, "GET manifest": 1, "GET blob": 5 };
  const targetRequests = {
    "HEAD manifest": 1,
    "GET tags": 1,
    "POST mount": 5,
    "PUT upload": 5,
    "PUT manifest": 1,
  };

  test("are each read once and sent in one request, over TLS as well", async () => {
    const results = await resultsOf(shrunk(large(small)));

    expect(results.map(({ kind }) => kind)).toEqual(["large", "large-tls"]);
    for (const { traffic } of results) {
      expect(traffic?.sides.source).toMatchObject({ requests: sourceRequests, blobBytesRead: traffic?.uniqueBytes });
      expect(traffic?.sides.target).toMatchObject({ requests: targetRequests, blobBytesWritten: traffic?.uniqueBytes });
      expect(traffic?.sides.second.requests).toEqual({});
    }
  });

  test("for two targets are read once, and each target is asked what a single one is", async () => {
    const results = await resultsOf(shrunk(twoTargets(small)).filter(({ job }) => job.bothTargets === true));

    expect(results).toHaveLength(2);
    for (const { traffic } of results) {
      expect(traffic?.sides.source).toMatchObject({ requests: sourceRequests, blobBytesRead: traffic?.uniqueBytes });
      for (const side of [traffic?.sides.target, traffic?.sides.second]) {
        expect(side).toMatchObject({ requests: targetRequests, blobBytesWritten: traffic?.uniqueBytes });
      }
    }
  });
});

test("a second run after any run moves no byte and writes nothing", async () => {
  const results = await resultsOf(secondRun(small));

  expect(results).toHaveLength(4);
  expect(barsOf(results).find(({ name }) => name.startsWith("a second run"))).toMatchObject({
    measured: "0",
    isMet: true,
  });
});
