import { array, assert, dictionary, property, string, stringMatching, tuple } from "fast-check";
import { expect, test } from "vitest";
import { parseChallenges } from "../../src/registry/challenge.ts";
import { readVectors } from "../support/vectors.ts";

/** The challenges of some header lines with plain objects as parameters. */
function read(...lines: readonly string[]): unknown {
  return parseChallenges(lines)?.map(({ scheme, parameters }) => ({
    type: scheme,
    params: Object.fromEntries(parameters),
  }));
}

interface ChallengeVector {
  readonly headers: readonly string[];
  readonly challenges?: unknown;
}

test.each(readVectors<ChallengeVector>("challenge.jsonl"))("reads challenges as regsync does: $headers", (vector) => {
  expect(read(...vector.headers)).toEqual(vector.challenges);
});

test("keeps a comma inside quotes", () => {
  expect(read('Bearer scope="repository:a/b:pull,push"')).toEqual([
    { type: "bearer", params: { scope: "repository:a/b:pull,push" } },
  ]);
});

test.each([
  'Bearer realm="https://a/t",service="s",',
  'Bearer realm="https://a/t",service="s", ',
  'Bearer realm="https://a/t",service=s,',
])("takes a comma with nothing behind it for the end: %s", (line) => {
  expect(read(line)).toEqual([{ type: "bearer", params: { realm: "https://a/t", service: "s" } }]);
});

test("gives parameters names of objects no power", () => {
  expect(parseChallenges(['Basic __proto__="x"'])?.[0]?.parameters.get("__proto__")).toBe("x");
});

test("comes to an end on any text", () => {
  assert(
    property(array(string()), (lines) => {
      parseChallenges(lines);
    }),
  );
});

test("finds what was written in the plain form", () => {
  const word = stringMatching(/^[a-z]{1,8}$/);
  const parameters = dictionary(word, stringMatching(/^[ -~]{1,12}$/), { minKeys: 1, noNullPrototype: true });
  assert(
    property(array(tuple(word, parameters), { minLength: 1 }), (challenges) => {
      const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
      const written = challenges.map(
        ([scheme, parameters]) =>
          `${scheme} ${Object.entries(parameters)
            .map(([name, value]) => `${name}=${quote(value)}`)
            .join(",")}`,
      );

      expect(read(written.join(", "))).toEqual(challenges.map(([type, params]) => ({ type, params })));
    }),
  );
});
