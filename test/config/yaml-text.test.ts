import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { YamlText } from "../../src/config/yaml-text.ts";

/** Texts of every kind: of most of them YAML has an opinion. */
const texts = fc.oneof(
  fc.constantFrom(
    ..."a true False NULL null ~ yes 1 1.0 0x1 1e3 .inf -1 5m 1h0m0s - -- ? ?a : a: :a a:b # a# #a @a `a & * ! | > % 'a' \"a\" [a] {a} << = a,b ... --- _a __proto__ é".split(
      " ",
    ),
    "",
    " ",
    "a b",
    " a",
    "a ",
    "a: b",
    "a #b",
    "- a",
    "? a",
    "--- a",
    "it's",
    'say "a"',
    `it's "a"`,
    "\u0000",
    "\u0085",
    "\u2028",
    "\ud800",
    "日本",
    "\n",
    "a\n",
    "a\nb",
    "a\nb\n",
    "a\n\nb",
    "\na",
    " a\nb",
    "a\n b",
    "a \nb",
    "a\n\n",
    "a\n ",
    "\t",
    "a\tb",
    "a\r\nb",
    "a\n---\nb",
    "---\na",
    "'\n\"",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.stringMatching(/^[A-Za-z0-9_./:@+ #'"-]{0,12}$/),
);

const values = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    { weight: 4, arbitrary: texts },
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constantFrom(null, undefined),
    fc.array(
      tie("value").filter((item) => item !== undefined),
      { maxLength: 4 },
    ),
    fc.dictionary(texts, tie("value"), { maxKeys: 4 }),
  ),
})).value;

test("writes every value as the package does", () => {
  fc.assert(
    fc.property(fc.dictionary(texts, values, { maxKeys: 4 }), (others) => {
      const object = { first: 0, ...others };

      expect(new YamlText().pairs(object)).toBe(stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 }));
    }),
    { numRuns: 1_000 },
  );
});
