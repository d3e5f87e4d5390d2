import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toJson } from "../../../src/template/functions/json.ts";
import { anyType, floatType, intType, mapType, stringType } from "../../../src/template/go-type.ts";
import {
  goBool,
  goBytes,
  goDuration,
  goFloat,
  goInt,
  goList,
  goMap,
  goNil,
  goString,
  goStringList,
  goStringMap,
  goStruct,
  type Value,
} from "../../../src/template/value.ts";

const { value: jsonValue } = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(goNil),
    fc.boolean().map(goBool),
    fc.integer().map(goInt),
    fc.double({ noDefaultInfinity: true, noNaN: true }).map((number) => goFloat(number + 0)),
    fc.string({ unit: "grapheme" }).map(goString),
    fc.array(tie("value")).map((items) => goList(anyType, items)),
    fc.dictionary(fc.string(), tie("value")).map((entries) =>
      goMap(
        mapType(stringType, anyType),
        Object.entries(entries).map(([key, value]) => [goString(`k${key}`), value]),
      ),
    ),
  ),
}));

test("what is written, compact or on several lines, is the same JSON", () => {
  fc.assert(
    fc.property(jsonValue, (value) => {
      const compact: unknown = JSON.parse(Buffer.from(toJson(value, ""), "latin1").toString());
      const pretty = Buffer.from(toJson(value, "  "), "latin1").toString();

      expect(JSON.parse(pretty)).toEqual(compact);
      expect(pretty).toBe(
        `${JSON.stringify(compact, null, 2).replaceAll(/[\u2028\u2029]/g, (separator) => `\\u${separator.charCodeAt(0).toString(16)}`)}\n`,
      );
    }),
  );
});

test("a struct has the keys of its fields, without those that may be left out and are empty", () => {
  const value = goStruct("s", [
    { name: "Name", json: "name", value: goString("a") },
    { name: "Every", json: "every", value: goDuration(1_500_000_000n) },
    { name: "Empty", json: "empty", omitEmpty: true, value: goStringList([]) },
    { name: "None", json: "none", value: goStringList(undefined) },
    { name: "Map", json: "map", value: goStringMap(undefined) },
  ]);

  expect(toJson(value, "")).toBe('{"name":"a","every":1500000000,"none":null,"map":null}\n');
});

test("keys that are numbers are sorted as texts", () => {
  const value = goMap(
    mapType(intType, stringType),
    [10, 2, -1].map((key) => [goInt(key), goString("")]),
  );

  expect(toJson(value, "")).toBe('{"-1":"","10":"","2":""}\n');
});

test("bytes that are no character become the escape of the replacement character", () => {
  expect(toJson(goBytes('\xff\u0001\b"\\<&>'), "")).toBe('"\\ufffd\\u0001\\b\\"\\\\<&>"\n');
});

describe("what JSON cannot say gives no text at all", () => {
  test.each([
    ["NaN", goFloat(Number.NaN)],
    ["an infinity, however deep", goList(anyType, [goInt(1), goFloat(Number.POSITIVE_INFINITY)])],
    ["a map with floats as keys", goMap(mapType(floatType, stringType), [[goFloat(1), goString("")]])],
  ])("%s", (_name, value) => {
    expect(toJson(value, "")).toBe("");
  });
});
