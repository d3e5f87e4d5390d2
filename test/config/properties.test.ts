import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatComplaint } from "../../src/config/complaint.ts";
import { Lines } from "../../src/config/lines.ts";
import { type LoadResult, loadPlan } from "../../src/config/load.ts";
import { printed } from "../support/printed.ts";
import { planWorld } from "../support/plan-world.ts";

const examples = new URL("../../config/examples/", import.meta.url);
const samples = readdirSync(examples).map((name) => readFileSync(new URL(name, examples), "utf8"));

/** Loads, and looks at everything that comes of it. */
function loadAll(text: string): LoadResult {
  const result = loadPlan(text, "regsync.yml", planWorld());
  const { complaints } = result.kind === "loaded" ? result.plan : result;
  for (const complaint of complaints) formatComplaint(complaint, new Lines(text));
  if (result.kind === "loaded") printed(result.effective, { showSecrets: false, output: "yaml" });
  return result;
}

const words = fc.constantFrom(
  ..."sync creds defaults source target type tags allow deny x- image repository : - ? | > * & ! % @ ` { } [ ] , # ' \" {{ }} ${A} << *a &a null true 1 0x1 1.0 5m".split(
    " ",
  ),
  "\n",
  "\n  ",
  "\n    - ",
  "\t",
  ": ",
  "\u0000",
  "\ufeff",
  "\r\n",
  "---\n",
);

describe("never crashes and always answers", () => {
  test("on any text", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => void loadAll(text)));
  });

  test("on any heap of YAML", () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 60 }), (parts) => void loadAll(parts.join(""))),
      { numRuns: 500 },
    );
  });

  test("on any structure", () => {
    fc.assert(
      fc.property(
        fc.json({ maxDepth: 5 }),
        (text) => void loadAll(`{"sync": [${text}], "creds": [${text}], "defaults": ${text}}`),
      ),
    );
  });

  test("on files with any piece replaced", () => {
    const piece = fc.oneof(words, fc.string({ maxLength: 8 }), fc.constant(""));
    const place = fc.record({ sample: fc.constantFrom(...samples), at: fc.nat(), length: fc.nat(20), piece });
    fc.assert(
      fc.property(place, ({ sample, at, length, piece }) => {
        const start = at % sample.length;
        loadAll(sample.slice(0, start) + piece + sample.slice(start + length));
      }),
      { numRuns: 300 },
    );
  });
});

test.for([
  ["[", "]"],
  ["[? ", "]"],
  ["{a: ", "}"],
])("answers for what is nested as deeply as can be read, and a little less: %j", ([open = "", close = ""]) => {
  const isRefused = (depth: number): boolean =>
    loadAll(`x-a: ${open.repeat(depth)}${close.repeat(depth)}`).kind === "refused";
  let [read, refused] = [1, 4_096];
  while (refused - read > 1) {
    const middle = (read + refused) >> 1;
    if (isRefused(middle)) refused = middle;
    else read = middle;
  }

  for (let depth = read; depth > read - 100; depth -= 20) isRefused(depth);

  expect(read).toBeGreaterThan(100);
});

test("gives every refusal a complaint, and every complaint a place in the text", () => {
  fc.assert(
    fc.property(fc.array(words, { maxLength: 40 }), (parts) => {
      const text = parts.join("");
      const result = loadAll(text);
      const { complaints } = result.kind === "loaded" ? result.plan : result;
      const lines = text.split("\n").length;

      if (result.kind === "refused") expect(complaints.some(({ severity }) => severity === "error")).toBe(true);
      for (const { line, column } of complaints) {
        expect(line).toBeLessThanOrEqual(lines);
        expect(line === 0 ? column : Math.min(line, column)).toBe(line === 0 ? 0 : Math.max(1, Math.min(line, column)));
      }
    }),
  );
});

test("accepts any key that begins with x-, whatever is behind it, without a word", () => {
  fc.assert(
    fc.property(fc.stringMatching(/^x-[A-Za-z0-9-]{0,12}$/), fc.json({ maxDepth: 3 }), (key, value) => {
      const text = `"${key}": ${value}\nsync:\n  - {source: a/b, target: c.test/b, type: image, "${key}": ${value}}\n`;

      expect(loadPlan(text, "regsync.yml", planWorld())).toMatchObject({ kind: "loaded", plan: { complaints: [] } });
    }),
  );
});

describe("keeps keys that objects have of their own to what they are in the file", () => {
  const names = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"];

  test.for(names)("%s as a key of the file", (name) => {
    for (const text of [
      `${name}: {polluted: true}`,
      `defaults: {${name}: {polluted: true}}`,
      `sync: [{${name}: {polluted: true}}]`,
    ]) {
      loadAll(text);

      expect(Reflect.get({}, "polluted")).toBeUndefined();
    }
  });

  test.for(names)("%s as a key of a mapping of texts", (name) => {
    const text = `sync: [{source: a/b, target: c.test/b, type: image, referrers: true, referrerFilters: [{annotations: {${name}: yes}}]}]`;

    const result = loadPlan(text, "regsync.yml", planWorld());

    const planned = result.kind === "loaded" ? result.plan.entries[0] : undefined;
    const filter = planned?.kind === "ready" ? planned.entry.referrerFilters[0] : undefined;
    expect(Object.entries(filter?.annotations ?? {})).toEqual([[name, "yes"]]);
  });

  test.for(names)("%s merged in", (name) => {
    loadAll(`x-a: &a {${name}: {polluted: true}, source: a}\nsync: [{<<: *a}]`);

    expect(Reflect.get({}, "polluted")).toBeUndefined();
  });
});
