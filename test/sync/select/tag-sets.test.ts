import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { TagSet } from "../../../src/config/plan.ts";
import { PatternInvalid } from "../../../src/dialect/pattern.ts";
import { VersionRangeInvalid } from "../../../src/dialect/version-range.ts";
import { compileTagFilter } from "../../../src/sync/select/tag-sets.ts";
import { readVectors } from "../../support/vectors.ts";

interface FilterVector {
  readonly op: "tags" | "repos" | "sets";
  readonly filter?: Partial<TagSet>;
  readonly tagSets?: readonly Partial<TagSet>[];
  readonly in?: readonly string[];
  readonly keep?: readonly string[];
  readonly error?: true;
}

const vectors = readVectors<FilterVector>("filters.jsonl");

function tagSet(criteria: Partial<TagSet> = {}): TagSet {
  return { allow: [], deny: [], semverRange: [], immutable: [], ...criteria };
}

function select(
  listed: readonly string[],
  tagSets: readonly Partial<TagSet>[],
  tags: Partial<TagSet> = {},
): readonly string[] {
  return compileTagFilter(tagSets.map(tagSet), tagSet(tags))(listed);
}

function answer(
  listed: readonly string[],
  tagSets: readonly Partial<TagSet>[],
  tags?: Partial<TagSet>,
): readonly string[] | "refused" {
  try {
    return select(listed, tagSets, tags);
  } catch (thrown) {
    if (thrown instanceof PatternInvalid || thrown instanceof VersionRangeInvalid) return "refused";
    throw thrown;
  }
}

describe("keeps what regsync keeps", () => {
  const recorded = (vector: FilterVector): readonly string[] | "refused" =>
    vector.error === true ? "refused" : (vector.keep ?? []);

  test("with one set", () => {
    const cases = vectors.filter((vector) => vector.op === "tags");

    const answers = cases.map((vector) => ({ vector, kept: answer(vector.in ?? [], [vector.filter ?? {}]) }));

    expect(cases.length).toBeGreaterThan(2_000);
    expect(answers).toEqual(cases.map((vector) => ({ vector, kept: recorded(vector) })));
  });

  test("with several", () => {
    const cases = vectors.filter((vector) => vector.op === "sets");

    const answers = cases.map((vector) => ({
      vector,
      kept: answer(vector.in ?? [], vector.tagSets ?? [], vector.filter),
    }));

    expect(cases.length).toBeGreaterThan(200);
    expect(answers).toEqual(cases.map((vector) => ({ vector, kept: recorded(vector) })));
  });
});

describe("of a list of tags", () => {
  const listed = ["latest", "v1.0.0", "v1.1.0-rc1", "v1.1.0", "v2.0.0", "edge", "1.20", "1.21", "4.0"];

  test("all are kept without criteria, and with an empty set", () => {
    expect(select(listed, [])).toEqual(listed);
    expect(select(listed, [{}])).toEqual(listed);
  });

  test("a range drops what is no version, whatever allow says", () => {
    expect(select(listed, [], { semverRange: [">=0"], allow: ["latest"] })).toEqual([]);
  });

  test("ranges are alternatives, and deny comes after them", () => {
    expect(select(listed, [], { semverRange: [">=1.1 <1.20", ">=4"], deny: [".*-rc.*"] })).toEqual(["v1.1.0", "4.0"]);
  });

  test("a range and allow must both be passed", () => {
    expect(select(listed, [], { semverRange: [">=1"], allow: ["v.*"] })).toEqual([
      "v1.0.0",
      "v1.1.0-rc1",
      "v1.1.0",
      "v2.0.0",
    ]);
  });

  test("sets are united in their order, each tag once", () => {
    expect(select(listed, [{ allow: ["edge"] }, { allow: ["v1.*"] }], { allow: ["v1.0.0", "latest", "edge"] })).toEqual(
      ["edge", "v1.0.0", "v1.1.0-rc1", "v1.1.0", "latest"],
    );
  });

  test("empty ranges do not count, blank ones are refused", () => {
    expect(select(listed, [], { semverRange: ["", ""] })).toEqual(listed);
    expect(() => select(listed, [], { semverRange: [" "] })).toThrow(VersionRangeInvalid);
  });

  test("an alternative outside a group is bound on one side only", () => {
    expect(select(["a1", "a1x", "x3", "3x"], [], { allow: ["a1|3"] })).toEqual(["a1", "a1x", "x3"]);
  });
});

describe("a criterion that cannot be read is refused before any tag is listed", () => {
  test.each([
    ["allow", { allow: ["v1", "("] }, PatternInvalid],
    ["deny", { deny: ["["] }, PatternInvalid],
    ["a range", { semverRange: ["1.x"] }, VersionRangeInvalid],
    ["the range first of all", { semverRange: ["1.x"], allow: ["("], deny: ["["] }, VersionRangeInvalid],
  ])("in %s", (_, criteria, failure) => {
    expect(() => compileTagFilter([], tagSet(criteria))).toThrow(failure);
    expect(() => compileTagFilter([tagSet(), tagSet(criteria)], tagSet())).toThrow(failure);
  });
});

describe("whatever the criteria", () => {
  const name = fc.constantFrom("v1", "v1.2", "1.2.3", "2", "2-rc1", "latest", "edge", "v10.0.0");
  const names = fc.uniqueArray(name);
  const pattern = fc.constantFrom("v.*", "\\d.*", "latest", "1|2", ".*-rc.*", "edge", "v1.2");
  const range = fc.constantFrom(">=1", "<2", "^1.2", "", "2");
  const set = fc.record({
    allow: fc.array(pattern, { maxLength: 2 }),
    deny: fc.array(pattern, { maxLength: 2 }),
    semverRange: fc.array(range, { maxLength: 2 }),
  });

  test("one set keeps tags of the list in the order of the list, and keeps them again", () => {
    fc.assert(
      fc.property(names, set, (listed, criteria) => {
        const kept = select(listed, [criteria]);

        expect(kept).toEqual(listed.filter((tag) => kept.includes(tag)));
        expect(select(kept, [criteria])).toEqual(kept);
      }),
    );
  });

  test("several sets keep what any of them keeps, once", () => {
    fc.assert(
      fc.property(names, fc.array(set, { minLength: 1, maxLength: 3 }), (listed, sets) => {
        const kept = select(listed, sets);

        const each = new Set(sets.flatMap((criteria) => select(listed, [criteria])));
        expect(kept).toHaveLength(each.size);
        expect(new Set(kept)).toEqual(each);
      }),
    );
  });

  test("another deny never adds a tag, another allow never drops one", () => {
    fc.assert(
      fc.property(names, set, pattern, (listed, criteria, more) => {
        const kept = select(listed, [criteria]);

        const denied = select(listed, [{ ...criteria, deny: [...criteria.deny, more] }]);
        const allowed = select(listed, [{ ...criteria, allow: [...criteria.allow, more] }]);

        expect(denied.every((tag) => kept.includes(tag))).toBe(true);
        if (criteria.allow.length > 0) expect(kept.every((tag) => allowed.includes(tag))).toBe(true);
      }),
    );
  });
});

test("two hundred thousand tags pass every kind of criterion once", () => {
  const listed = Array.from({ length: 200_000 }, (_, index) => `v1.${index % 100}.${index}-alpine3.${index % 20}`);

  const kept = select(listed, [
    { semverRange: [">=1.50 <1.60"], deny: [".*-alpine3\\.1[5-9]"] },
    { allow: ["v1.1.1-alpine3.1", "v1\\.99\\..*"] },
  ]);

  expect(kept).toHaveLength(10_000 + 2_000 + 1);
});
