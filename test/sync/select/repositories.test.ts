import { describe, expect, test } from "vitest";
import { PatternInvalid } from "../../../src/dialect/pattern.ts";
import { compileRepositoryFilter } from "../../../src/sync/select/repositories.ts";
import { readVectors } from "../../support/vectors.ts";

interface RepositoryVector {
  readonly op: string;
  readonly filter?: { readonly allow?: readonly string[]; readonly deny?: readonly string[] };
  readonly in?: readonly string[];
  readonly keep?: readonly string[];
  readonly error?: true;
}

function select(listed: readonly string[], criteria: RepositoryVector["filter"] = {}): readonly string[] | "refused" {
  const { allow = [], deny = [] } = criteria;
  try {
    return compileRepositoryFilter({ allow, deny })(listed);
  } catch (thrown) {
    if (thrown instanceof PatternInvalid) return "refused";
    throw thrown;
  }
}

test("keeps the repositories that regsync keeps", () => {
  const cases = readVectors<RepositoryVector>("filters.jsonl").filter((vector) => vector.op === "repos");

  const answers = cases.map((vector) => ({ vector, kept: select(vector.in ?? [], vector.filter) }));

  expect(cases.length).toBeGreaterThan(100);
  expect(answers).toEqual(
    cases.map((vector) => ({ vector, kept: vector.error === true ? "refused" : (vector.keep ?? []) })),
  );
});

describe("of a list of repositories", () => {
  const listed = ["library/alpine", "team-a/app", "team-a/db", "team-b/app"];

  test("all are kept without criteria", () => {
    expect(select(listed)).toEqual(listed);
  });

  test("those are kept whose whole path matches", () => {
    expect(select(listed, { allow: ["team-a", "app", "team-b/.*"] })).toEqual(["team-b/app"]);
  });

  test("deny comes after allow", () => {
    expect(select(listed, { allow: ["team-.*"], deny: [".*/db"] })).toEqual(["team-a/app", "team-b/app"]);
  });

  test("a pattern that cannot be read is refused though nothing is listed", () => {
    expect(select([], { deny: ["("] })).toBe("refused");
  });
});
