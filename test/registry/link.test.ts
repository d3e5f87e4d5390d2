import { array, assert, property, string, stringMatching } from "fast-check";
import { expect, test } from "vitest";
import { nextAddress, parseLinks } from "../../src/registry/link.ts";
import { readVectors } from "../support/vectors.ts";

interface LinkVector {
  readonly headers: readonly string[];
  readonly links?: unknown;
  readonly next?: string;
}

test.each(readVectors<LinkVector>("link.jsonl"))("reads links as regsync does: $headers", (vector) => {
  const links = parseLinks(vector.headers);

  const read = links?.map(({ address, parameters }) => ({ uri: address, params: Object.fromEntries(parameters) }));
  expect(read).toEqual(vector.links);
  expect(links && nextAddress(links)).toBe(vector.next);
});

test("comes to an end on any text", () => {
  assert(
    property(array(string()), (lines) => {
      parseLinks(lines);
    }),
  );
});

test("finds any address between angle brackets", () => {
  assert(
    property(stringMatching(/^[!-=?-~]{1,50}$/), (address) => {
      const links = parseLinks([`<${address}>; rel="next"`]);

      expect(links && nextAddress(links)).toBe(address);
    }),
  );
});
