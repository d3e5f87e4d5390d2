import { describe, expect, test } from "vitest";
import { loadPlan } from "../../src/config/load.ts";
import { planWorld } from "../support/plan-world.ts";
import { readVectors } from "../support/vectors.ts";

interface ScalarVector {
  readonly id: string;
  readonly yaml: string;
  readonly exit: number;
  readonly config?: { readonly sync: readonly { readonly tags: { readonly allow: readonly string[] } }[] };
  readonly differs?: string;
}

const vectors = readVectors<ScalarVector>("config-snippets.jsonl").filter(
  ({ id, exit }) => id.startsWith("string-scalar-") && exit === 0,
);

/** What is said about the first pattern of the first entry. */
function warningsOf(yaml: string): readonly string[] {
  const result = loadPlan(yaml, "regsync.yml", planWorld());
  const { complaints } = result.kind === "loaded" ? result.plan : result;
  return complaints.filter(({ path }) => path === "sync[0].tags.allow[0]").map(({ message }) => message);
}

describe("says how the original reads a number that stands for a tag, where that differs", () => {
  test.for(vectors.filter(({ differs }) => differs === "0.12"))("$id", ({ yaml, config }) => {
    const [recorded] = config?.sync[0]?.tags.allow ?? [];

    expect(warningsOf(yaml)).toContainEqual(expect.stringContaining(`reads the number ${recorded};`));
  });
});

describe("says nothing of numbers where both read the same", () => {
  test.for(vectors.filter(({ differs }) => differs === undefined))("$id", ({ yaml }) => {
    expect(warningsOf(yaml)).not.toContainEqual(expect.stringContaining("reads the number"));
  });
});
