import { existsSync, readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Lines } from "../../src/config/lines.ts";
import { readPlainYaml } from "../../src/config/yaml-plain.ts";
import { readWholeYaml } from "../../src/config/yaml-whole.ts";
import { readVectors } from "../support/vectors.ts";

/** Whether the reader of plain YAML knows a text. What it reads must be what the reader of the whole language reads. */
function isRead(text: string): boolean {
  const plain = readPlainYaml(text);
  if (plain !== undefined) expect(plain, text).toEqual(readWholeYaml(text, new Lines(text)));
  return plain !== undefined;
}

const folders = {
  "config/examples": new URL("../../config/examples/", import.meta.url),
  "test/fixtures/config": new URL("../fixtures/config/", import.meta.url),
  "../shared/corpus/regsync": new URL("../../../shared/corpus/regsync/", import.meta.url), // not there everywhere
};
const files = Object.entries(folders)
  .filter(([, folder]) => existsSync(folder))
  .flatMap(([name, folder]) => readdirSync(folder).map((file) => [`${name}/${file}`, new URL(file, folder)] as const))
  .filter(([name]) => /\.ya?ml$/.test(name));

const knownKeys = [..."a b sync source a.b/c << 1 x-y 'q' \"q\" \"a\\\\\" '' 'a:b'".split(" "), '"a: b"'];
const knownValues = [
  ..."a true ~ null 1.10 5m a:b a#b é 日本 😀 host.test:5000/a:1 (a) .5 +1 = ^v\\d+$ $A a\\b a'b a\"b << a,b a]b a{{b}} {}".split(
    " ",
  ),
  "a b",
  "a  b",
  "'{{env}}'",
  "''",
  "'it''s'",
  '"a"',
  '""',
  '"a\\\\d\\"b"',
  '"a: b # c"',
  "'a: b # c'",
  '" "',
  "[]",
  "[ ]",
  "[a]",
  "[a, 'b', \"c\"]",
  "[ a , b,c ]",
  "[a b]",
  "[a:b]",
  "a\u00a0",
  "{a: b}",
  "{ a: 'b', \"c\": [d, {<<: [*x, *y]}], e: {} }",
  "&x a",
  "&y [a]",
  "&x-1  'a' # b",
  "*x",
  "[*x, *x-1]",
];

/** What means something else, or nothing at all, where it comes to stand. */
const pieces = [
  ..."- : ? | > * & ! % @ ` { } [ ] , # ' \" \\ << ... --- -a *a &a !a [[a]] [a:b] {a} 'a'b '' 日".split(" "),
  "\n",
  "\n\n",
  "\n ",
  "\n  ",
  "\n    ",
  "\n      ",
  "\n# a\n",
  "\n  #\n",
  "\n- ",
  "\n  - ",
  "\n  a: b\n",
  " ",
  "  ",
  "\t",
  "\r\n",
  "\u0000",
  "\u0085",
  "\u00a0",
  "\u2028",
  "\ufeff",
  "\ud83d",
  ": ",
  " :",
  " #",
  "- ",
  "? ",
  "\n---\n",
  "\n...",
  "a: ",
  "[a, b]",
  "{a: b}",
  "[a: b]",
  "[a:, b]",
  "[,]",
  "[a,]",
  "[- a]",
  "'a",
  "| \n",
  ">-\n  ",
  '"\\n"',
  '"a\\\n  b"',
  "k".repeat(1_030),
];

/** One value, a mapping or a list; with the spaces, comments and empty lines that it is written with. */
type Tree = string | { readonly isMapping: boolean; readonly items: readonly Item[] };

interface Item {
  readonly key: string;
  readonly value: Tree;
  /** Spaces that a value in lines of its own is indented by. */
  readonly indent: number;
  /** What stands before a value on the same line, behind it, and on the lines below. */
  readonly gap: string;
  readonly behind: string;
  readonly below: string;
}

const { collection } = fc.letrec<{ tree: Tree; collection: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: fc.constantFrom(...knownValues, "") },
    { weight: 2, arbitrary: tie("collection") },
  ),
  collection: fc.record({
    isMapping: fc.boolean(),
    items: fc.array(
      fc.record({
        key: fc.constantFrom(...knownKeys),
        value: tie("tree"),
        indent: fc.nat(3),
        gap: fc.constantFrom(" ", " ", " ", "   "),
        behind: fc.constantFrom("", "", "", " ", " # a", "  # 'a: b"),
        below: fc.constantFrom("", "", "", "\n", "  \n", "# a\n", "      # a: b\n"),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
}));

const documents = fc
  .record({
    head: fc.constantFrom("", "", "---\n", "# a\n", "\n---\n# a\n", "x: &x\n  a: b\ny: &y # a\n  - a\n  - &x-1 b\n"),
    collection,
    tail: fc.constantFrom("\n", "", "\n\n", "\n#"),
  })
  .map(({ head, collection, tail }) => `${head}${linesOf(collection, 0).replace(/\n$/, "")}${tail}`);

/** A mapping or a list in lines that are indented by so many spaces, some of them wrongly. */
function linesOf(tree: Tree, column: number): string {
  if (typeof tree === "string") return `${tree}\n`;
  const lines = tree.items.map(({ key, value, indent, gap, behind, below }) => {
    const mark = `${" ".repeat(column)}${tree.isMapping ? `${key}:` : "-"}`;
    if (typeof value === "string") return `${mark}${value === "" ? "" : gap}${linesOf(`${value}${behind}`, 0)}${below}`;
    const isCompact = !tree.isMapping && value.isMapping && behind === "";
    if (!isCompact) return `${mark}${behind}\n${below}${linesOf(value, column + indent)}`;
    const inside = column + 1 + gap.length;
    return `${mark}${gap}${linesOf(value, inside).slice(inside)}${below}`;
  });
  return lines.join("");
}

/** Counts what is read of many texts. */
function countRead(texts: fc.Arbitrary<string>, numRuns: number): number {
  let count = 0;
  fc.assert(
    fc.property(texts, (text) => {
      count += isRead(text) ? 1 : 0;
    }),
    { numRuns },
  );
  return count;
}

describe("reads what the whole language says, or nothing:", () => {
  test("texts that are written plainly, most of them", () => {
    expect(countRead(documents, 4_000)).toBeGreaterThan(1_000);
  });

  test("texts in which anything was replaced, few of them", () => {
    const edit = fc.record({ at: fc.nat(), length: fc.nat(4), piece: fc.constantFrom(...pieces, "") });
    const replaced = fc.tuple(documents, fc.array(edit, { minLength: 1, maxLength: 3 })).map(([document, edits]) =>
      edits.reduce((text, { at, length, piece }) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + piece + text.slice(start + length);
      }, document),
    );

    expect(countRead(replaced, 4_000)).toBeGreaterThan(100);
  });

  test("texts of any characters", () => {
    countRead(fc.string({ unit: "binary", maxLength: 40 }), 1_000);
    countRead(fc.stringMatching(/^(?:[a: \n'"#[\],-]|- ){0,30}$/), 5_000);
  });

  test("every text that the original was asked about, most of them", () => {
    const texts = readVectors<{ yaml?: string }>("config-snippets.jsonl").flatMap(({ yaml }) => yaml ?? []);

    expect(texts.filter(isRead).length).toBeGreaterThan(texts.length / 4);
  });

  test.for(files)("%s", ([, file]) => {
    isRead(readFileSync(file, "utf8"));
  });
});

describe("leaves alone", () => {
  test.for([
    ["an alias of nothing", "a: &b c\nd: *c\n"],
    ["an alias of what it stands in", "a: &b\n  c: *b\n"],
    ["an anchor at nothing", "a: &b\nc: d\n"],
    ["an anchor at an alias", "a: &b c\nd: &e *b\n"],
    ["an anchor at a key", "&a b: c\n"],
    ["an alias as a key", "a: &b c\n*b : d\n"],
    ["a tag", "a: !!str 1\n"],
    ["a value of several lines", "a: b\n  c\n"],
    ["a block of text", "a: |\n  b\n"],
    ["a mapping in braces over several lines", "a: {\n  b: c}\n"],
    ["a list in a list on one line", "- - a\n"],
    ["a list behind the keys of a mapping", "a: b\n- c\n"],
    ["a key in a list", "- a\nb: c\n"],
    ["a pair in brackets", "a: [b: c]\n"],
    ["nothing between commas", "a: [b,, c]\n"],
    ["a comment in brackets", "a: [b #c]\n"],
    ["what is behind brackets", "a: [b] c\n"],
    ["what touches a quotation mark", 'a: "b"#c\n'],
    ["a value that touches its key", '"a":b\n'],
    ["a reserved character", "a: %b\n"],
    ["a second document", "a: b\n---\nc: d\n"],
    ["a tab", "a:\tb\n"],
    ["line ends of another system", "a: b\r\n"],
    ["a byte order mark", "\ufeffa: b\n"],
    ["an escape sequence", 'a: "\\n"\n'],
    ["a quotation mark that is not closed", "a: 'b\n"],
    ["a line that does not line up", "a:\n    b: c\n  d: e\n"],
    ["a deeper line behind a value", "a: b\n  c: d\n"],
    ["a line that is indented less than the first", "  a: b\nc: d\n"],
    ["a key without a colon", "a: b\nc\n"],
    ["two values on one line", "a: b: c\n"],
    [
      "a list that is deeper than anything means something",
      Array.from({ length: 40 }, (_, at) => `${" ".repeat(at)}-\n`).join(""),
    ],
    ["nothing", ""],
    ["a comment", "# a\n"],
  ] as const)("%s", ([, text]) => {
    expect(readPlainYaml(text)).toBeUndefined();
  });
});
