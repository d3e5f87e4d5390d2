import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { formatComplaint } from "../../src/config/complaint.ts";
import { loadPlan } from "../../src/config/load.ts";
import { planWorld } from "../support/plan-world.ts";

interface Expectation {
  /** What a fault stops: the whole file, its entry, or nothing. */
  readonly stops: "file" | "entry" | "nothing";
  readonly complaints: readonly string[];
}

const folder = new URL("../fixtures/config/", import.meta.url);
const table = JSON.parse(readFileSync(new URL("messages.json", folder), "utf8")) as Readonly<
  Record<string, Expectation>
>; // a file of ours, of this shape

describe("says exactly what is wrong, where, and what to write instead", () => {
  const names = readdirSync(folder).filter((name) => name.endsWith(".bad.yaml"));

  test("in every file there is", () => {
    expect(names.map((name) => name.replace(".bad.yaml", "")).sort()).toEqual(Object.keys(table).sort());
  });

  test.for(names)("%s", (name) => {
    const text = readFileSync(new URL(name, folder), "utf8");

    const result = loadPlan(text, name, planWorld({ PASS: "hunter2" }, { "/client.pem": "certificate" }));

    expect(describeResult(result)).toEqual(table[name.replace(".bad.yaml", "")]);
  });
});

function describeResult(result: ReturnType<typeof loadPlan>): Expectation {
  const { complaints } = result.kind === "loaded" ? result.plan : result;
  const refusesEntry = result.kind === "loaded" && result.plan.entries.some(({ kind }) => kind === "refused");
  return {
    stops: result.kind === "refused" ? "file" : refusesEntry ? "entry" : "nothing",
    complaints: complaints.map((complaint) => formatComplaint({ ...complaint, file: "" }).slice(1)),
  };
}
