import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { loadPlan } from "../../src/config/load.ts";
import { printConfig } from "../../src/config/print.ts";
import type { EffectiveConfig } from "../../src/config/effective.ts";
import { planWorld } from "../support/plan-world.ts";
import { printed } from "../support/printed.ts";
import { readVectors } from "../support/vectors.ts";

function effectiveOf(text: string, env: Readonly<Record<string, string>> = {}): EffectiveConfig {
  const result = loadPlan(text, "regsync.yml", planWorld(env));
  return result.kind === "loaded" ? result.effective : expect.unreachable("the file was refused");
}

const secrets = `
creds:
  - registry: registry.example.com
    user: mirror
    pass: '{{env "PASS"}}'
    token: hunter3
    clientKey: hunter4
`;

describe("masks secrets", () => {
  test.for(["yaml", "json"] as const)("in %s", (output) => {
    const text = printed(effectiveOf(secrets, { PASS: "hunter2" }), { showSecrets: false, output });

    expect(text).not.toMatch(/hunter/);
    expect(text.match(/\[secret\]/g)).toHaveLength(3);
    expect(text).toContain("mirror");
  });

  test("and shows that there is none where there is none", () => {
    const text = printed(effectiveOf("creds: [{registry: a}]"), { showSecrets: false, output: "yaml" });

    expect(text).toContain('pass: ""');
  });

  test("unless they are asked for", () => {
    const text = printed(effectiveOf(secrets, { PASS: "hunter2" }), { showSecrets: true, output: "yaml" });

    expect(text).toContain("pass: hunter2");
  });
});

test("prints keys that objects have of their own like all others", () => {
  const effective = effectiveOf("creds: [{registry: a, apiOpts: {constructor: x, __proto__: y, toString: z}}]");

  const text = printed(effective, { showSecrets: false, output: "json" });

  expect(text).toContain('"__proto__": "y",\n        "constructor": "x",\n        "toString": "z"');
});

test.for(["", "sync: []", "sync: [{source: a}, {source: b}]\ncreds: [{registry: a}]\nshutdown: {grace: 1m}"])(
  "prints the JSON of %j with two spaces for each level",
  (file) => {
    const text = printed(effectiveOf(file), { showSecrets: false, output: "json" });

    expect(text).toBe(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`);
  },
);

test("prints a large file in pieces", () => {
  const entries = Array.from({ length: 1_000 }, (_, number) => `{source: a${number}, target: b, type: image}`);
  const options = { showSecrets: false, output: "yaml" } as const;

  const pieces = [...printConfig(effectiveOf(`sync: [${entries.join(", ")}]`), options)];

  expect(pieces.length).toBeGreaterThan(5);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000);
  expect(parse(pieces.join(""))).toMatchObject({ sync: entries.map((_, number) => ({ source: `a${number}` })) });
});

describe("time limits, which the original does not know,", () => {
  const options = { showSecrets: false, output: "yaml" } as const;

  test("are printed as far as they are set", () => {
    const text = printed(effectiveOf("defaults: {timeouts: {stall: 90s, answer: 200ms}}"), options);

    expect(text).toContain('userAgent: ""\n  timeouts:\n    answer: 200ms\n    stall: 1m30s\nsync:');
    expect(printed(effectiveOf(text), options)).toBe(text);
  });

  test.for(["", "defaults: {timeouts: }", "defaults: {timeouts: {}}"])("are not printed for %j", (file) => {
    expect(printed(effectiveOf(file), options)).not.toContain("timeouts");
  });
});

test("prints what is remembered and listed as far as the file says it, and the same of it again", () => {
  const options = { showSecrets: false, output: "yaml" } as const;
  const file = `
defaults: { stateDir: /state, digestListing: off, verifyInterval: 24h }
creds: [{ registry: a.test, digestListing: api }]
sync: [{ source: a, target: b, type: image, tags: { immutable: [v1] } }]
`;

  const text = printed(effectiveOf(file), options);

  expect(text).toContain('scheme: ""\n    digestListing: api\ndefaults:');
  expect(text).toContain('userAgent: ""\n  verifyInterval: 24h0m0s\n  digestListing: off\n  stateDir: /state\nsync:');
  expect(text).toContain("immutable:\n        - v1\n");
  expect(text).toMatch(/verifyInterval: 24h0m0s\n$/);
  expect(printed(effectiveOf(text), options)).toBe(text);
  expect(printed(effectiveOf("sync: [{ source: a }]"), options)).not.toMatch(
    /stateDir|digestListing|verifyInterval|immutable/,
  );
});

describe("prints what loads again and comes to the same", () => {
  const options = { showSecrets: true, output: "yaml" } as const;

  test("for every file that the original was asked about", () => {
    for (const { id, yaml } of readVectors<{ id: string; yaml?: string }>("config-snippets.jsonl")) {
      const result = loadPlan(yaml ?? "", "regsync.yml", planWorld({ FOO: "env-FOO" }));
      const holdsTemplates = id.startsWith("template-"); // some come to what is a template again
      if (result.kind === "refused" || holdsTemplates) continue;
      const first = printed(result.effective, options);
      const isBeyondDoubles = first.includes("922337203685477");
      if (isBeyondDoubles) continue;

      const again = loadPlan(first, "regsync.yml", planWorld());
      expect(again.kind === "loaded" ? printed(again.effective, options) : again.complaints, id).toBe(first);
    }
  });

  const examples = new URL("../../config/examples/", import.meta.url);
  test.for(readdirSync(examples))("%s", (name) => {
    const first = printed(effectiveOf(readFileSync(new URL(name, examples), "utf8")), options);

    expect(printed(effectiveOf(first), options)).toBe(first);
  });
});

test("prints several targets after target, without the logins in them, and none where the file has none", () => {
  const two = "sync: [{source: alpine, targets: ['b.test/alpine', 'https://me:hunter2@c.test/alpine'], type: image}]";
  const print = (text: string): string => printed(effectiveOf(text), { showSecrets: false, output: "yaml" });

  expect(print(two)).toContain('target: ""\n    targets:\n      - b.test/alpine\n');
  expect(print(two)).not.toContain("hunter2");
  expect(print("sync: [{source: alpine, target: b.test/alpine, type: image}]")).not.toContain("targets");
});
