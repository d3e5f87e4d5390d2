import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, expectTypeOf, test } from "vitest";
import { parse } from "yaml";
import schema from "../../config/regsync.schema.json" with { type: "json" };
import type {
  RawConfig,
  RawCreds,
  RawDefaults,
  RawEntry,
  RawHook,
  RawHooks,
  RawRateLimit,
  RawReferrerFilter,
  RawServer,
  RawServerTls,
  RawShutdown,
  RawHealth,
  RawRepos,
  RawTagSet,
  RawTimeouts,
} from "../../src/config/raw.ts";

const examples = new URL("../../config/examples/", import.meta.url);

/** As an editor uses it: on what a plain YAML reader makes of the file. */
const accepts = new Ajv2020({
  allowUnionTypes: true,
  formats: { "go-duration": true },
  keywords: ["x-ignoreCase"],
}).compile(schema);

test("is a schema of the 2020-12 draft", () => {
  expect(new Ajv2020({ keywords: ["x-ignoreCase"] }).validateSchema(schema)).toBe(true);
});

test("has the keys that the types have", () => {
  type Definitions = typeof schema.$defs;

  expectTypeOf<keyof RawConfig>().toEqualTypeOf<keyof typeof schema.properties>();
  expectTypeOf<keyof RawCreds>().toEqualTypeOf<keyof Definitions["creds"]["properties"]>();
  expectTypeOf<keyof RawDefaults>().toEqualTypeOf<keyof Definitions["defaults"]["properties"]>();
  expectTypeOf<keyof RawTimeouts>().toEqualTypeOf<keyof Definitions["timeouts"]["properties"]>();
  expectTypeOf<keyof RawServer>().toEqualTypeOf<keyof Definitions["server"]["properties"]>();
  expectTypeOf<keyof RawServerTls>().toEqualTypeOf<keyof Definitions["server"]["properties"]["tls"]["properties"]>();
  expectTypeOf<keyof RawHealth>().toEqualTypeOf<keyof Definitions["server"]["properties"]["health"]["properties"]>();
  expectTypeOf<keyof RawShutdown>().toEqualTypeOf<keyof typeof schema.properties.shutdown.properties>();
  expectTypeOf<keyof RawEntry>().toEqualTypeOf<keyof Definitions["entry"]["properties"]>();
  expectTypeOf<keyof RawTagSet>().toEqualTypeOf<keyof Definitions["tagSet"]["properties"]>();
  expectTypeOf<keyof RawRepos>().toEqualTypeOf<keyof Definitions["entry"]["properties"]["repos"]["properties"]>();
  expectTypeOf<keyof RawRateLimit>().toEqualTypeOf<keyof Definitions["ratelimit"]["properties"]>();
  expectTypeOf<keyof RawReferrerFilter>().toEqualTypeOf<keyof Definitions["referrerFilters"]["items"]["properties"]>();
  expectTypeOf<keyof RawHooks>().toEqualTypeOf<keyof Definitions["hooks"]["properties"]>();
  expectTypeOf<keyof RawHook>().toEqualTypeOf<keyof Definitions["hook"]["properties"]>();
});

describe("accepts the examples in an editor", () => {
  test.for(readdirSync(examples))("%s", (name) => {
    const document: unknown = parse(readFileSync(new URL(name, examples), "utf8"), { merge: true });

    expect(accepts(document)).toBe(true);
  });
});

describe("marks in an editor", () => {
  test.for([
    ["a misspelt key", { sync: [{ source: "a", target: "b", typ: "image" }] }],
    ["an unknown type", { sync: [{ source: "a", target: "b", type: "path" }] }],
    ["a text where a list is wanted", { sync: [{ tags: { allow: "latest" } }] }],
    ["a list where a mapping is wanted", { sync: [{ tags: [] }] }],
    ["a word where a boolean is wanted", { sync: [{ referrers: "yes" }] }],
    ["an unknown word for TLS", { creds: [{ registry: "a", tls: "http" }] }],
    ["a time limit of zero", { defaults: { timeouts: { stall: "0s" } } }],
    ["a time limit below zero", { defaults: { timeouts: { stall: "-1m" } } }],
    ["a version that is too new", { version: 2 }],
  ] as const)("%s", ([, document]) => {
    expect(accepts(document)).toBe(false);
  });

  test("no key that begins with x-, and nothing that is left empty", () => {
    expect(
      accepts({ "x-base": [1], creds: null, defaults: { "x-note": {} }, sync: [{ tags: null, platform: null }] }),
    ).toBe(true);
  });
});
