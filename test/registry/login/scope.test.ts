import { assert, array, constantFrom, property, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { coversScopes, mergeScopes, parseScopes, scopeTexts } from "../../../src/registry/login/scope.ts";

test.each([
  ["repository:a/b:pull", ["repository:a/b:pull"]],
  ["repository:a/b:push,pull", ["repository:a/b:pull,push"]],
  ["repository:a/b:pull repository:a/b:push", ["repository:a/b:pull,push"]],
  ["repository:a/b:pull,push repository:c/d:pull", ["repository:a/b:pull,push", "repository:c/d:pull"]],
  ["repository:host.test:5000/a:pull", ["repository:host.test:5000/a:pull"]],
  ["registry:catalog:*", ["registry:catalog:*"]],
  ["aws", ["aws"]],
  ["  ", []],
  ["repository:a/b:", ["repository:a/b"]],
])("reads the scopes %j", (text, texts) => {
  expect(scopeTexts(parseScopes(text))).toEqual(texts);
});

test.each([
  ["repository:a:pull,push", "repository:a:pull", true],
  ["repository:a:pull", "repository:a:pull,push", false],
  ["repository:a:pull", "repository:b:pull", false],
  ["repository:a:pull aws", "aws", true],
  ["repository:a:pull", "aws", false],
  ["repository:a:pull", "", true],
])("tells whether %j allows %j", (allowed, needed, covers) => {
  expect(coversScopes(parseScopes(allowed), parseScopes(needed))).toBe(covers);
});

test("merges into something that allows both", () => {
  const scope = array(constantFrom("repository:a", "repository:b", "registry:c")).chain((resources) =>
    uniqueArray(constantFrom("pull", "push", "delete", "*"), { minLength: 1 }).map((actions) =>
      parseScopes(resources.map((resource) => `${resource}:${actions.join(",")}`).join(" ")),
    ),
  );

  assert(
    property(scope, scope, (first, second) => {
      const merged = mergeScopes(first, second);

      expect(coversScopes(merged, first)).toBe(true);
      expect(coversScopes(merged, second)).toBe(true);
    }),
  );
});
