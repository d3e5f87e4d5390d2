import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import { planWorld } from "../support/plan-world.ts";

const tooMany = "the aliases multiply into more than two million values; write fewer, or several files";

function messagesOf(text: string): readonly string[] {
  const result = loadPlan(text, "regsync.yml", planWorld());
  const { complaints } = result.kind === "loaded" ? result.plan : result;
  return complaints.filter(({ severity }) => severity === "error").map(({ message }) => message);
}

/** `*name` so many times, as a list. */
function aliases(name: string, count: number): string {
  return `[${`*${name},`.repeat(count)}]`;
}

describe("reads what real files need", () => {
  test("7,500 entries that share one list of 90 patterns", () => {
    const patterns = Array.from({ length: 90 }, (_, minor) => `'v1\\.${minor}\\..*'`);
    const entry = (index: number): string => `- {source: a/n${index}, target: b.test/n${index}, <<: *common}\n`;
    const text = `x-c: &common {type: repository, tags: {allow: [${patterns.join()}]}}\nsync:\n${Array.from({ length: 7_500 }, (_, index) => entry(index)).join("")}`;

    const result = loadPlan(text, "regsync.yml", planWorld());

    expect(result).toMatchObject({ kind: "loaded", plan: { complaints: [] } });
    expect(result.kind === "loaded" && result.plan.entries.every(({ kind }) => kind === "ready")).toBe(true);
  });

  test("a list of entries that are all the same one", () => {
    const text = `x-e: &e {source: a/b, target: c.test/b, type: image}\nsync: ${aliases("e", 7_500)}`;

    expect(messagesOf(text)).toEqual([]);
  });
});

describe("refuses at once what multiplies", () => {
  test("lists of lists of aliases", () => {
    const text = [
      `x-a: &a {allow: [${"v,".repeat(200)}]}`,
      `x-b: &b {source: a/b, target: c.test/b, type: repository, tagSets: ${aliases("a", 200)}}`,
      `sync: ${aliases("b", 200)}`,
    ].join("\n");

    expect(messagesOf(text)).toEqual([tooMany]);
  });

  test("merges of merges", () => {
    const levels = Array.from(
      { length: 40 },
      (_, level) => `x-${level + 1}: &m${level + 1} {<<: [*m${level}, *m${level}], k${level}: 1}`,
    );
    const text = `x-0: &m0 {source: a}\n${levels.join("\n")}\nsync: [{<<: *m40}]`;

    expect(messagesOf(text)).toContain("is missing; write target: and where the images go");
  });

  test("a long chain of merges", () => {
    const links = Array.from(
      { length: 3_000 },
      (_, link) => `x-${link + 1}: &m${link + 1} {<<: *m${link}, x-k${link}: 1}`,
    );
    const text = `x-0: &m0 {source: a}\n${links.join("\n")}\nsync: [{<<: *m3000}]`;

    expect(messagesOf(text)).toEqual(["mappings are merged into one another more than 100 times; write fewer"]);
  });

  test("one large mapping that is merged again and again", () => {
    const keys = Array.from({ length: 1_000 }, (_, key) => `x-k${key}: 1`).join();
    const levels = Array.from({ length: 3_000 }, (_, level) => `  - {<<: *m, x-own${level}: 1}`);
    const text = `x-m: &m {source: a/b, target: c.test/b, type: image, ${keys}}\nsync:\n${levels.join("\n")}`;

    expect(messagesOf(text)).toEqual([tooMany]);
  });

  test("nothing that multiplies under keys which nobody reads", () => {
    const levels = Array.from(
      { length: 30 },
      (_, level) => `x-${level + 1}: &l${level + 1} [${`*l${level},`.repeat(9)}]`,
    );

    expect(messagesOf(`x-0: &l0 [lol]\n${levels.join("\n")}`)).toEqual([]);
  });
});

test("refuses a node that holds itself", () => {
  expect(messagesOf("sync: &s [{source: a, tagSets: *s}]")).toContainEqual(
    expect.stringContaining("means an alias, and no anchor"),
  );
});
