import { describe, expect, test } from "vitest";
import { Lexer } from "../../src/template/lexer.ts";
import type { Token } from "../../src/template/token.ts";

function tokensOf(text: string): Token[] {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let token = lexer.next(); ; token = lexer.next()) {
    tokens.push(token);
    if (token.kind === "end" || token.kind === "problem") return tokens;
  }
}

function kindsOf(text: string): string[] {
  return tokensOf(text).map(({ kind, text: piece }) => `${kind} ${piece}`.trim());
}

test("cuts an action into its words, with the blanks between them", () => {
  expect(kindsOf('a{{ $x := .A.B | f "c" }}')).toEqual([
    "text a",
    "left delimiter {{",
    "space",
    "variable $x",
    "space",
    "declare :=",
    "space",
    "field .A",
    "field .B",
    "space",
    "pipe |",
    "space",
    "identifier f",
    "space",
    'string "c"',
    "space",
    "right delimiter }}",
    "end",
  ]);
});

test("gives the byte and the line where each piece starts", () => {
  const places = tokensOf("é\n{{-\n1\n}}\n").map(({ kind, at, line }) => [kind, at, line]);

  expect(places).toEqual([
    ["text", 0, 1],
    ["left delimiter", 2, 2],
    ["number", 6, 3],
    ["space", 7, 3],
    ["right delimiter", 8, 4],
    ["text", 10, 4],
    ["end", 11, 5],
  ]);
});

describe("trims", () => {
  test.each([
    ["blanks of every kind beside a mark", "a \t\r\n{{- 1 -}}\n\r\t b", ["text a", "text b"]],
    ["around comments, which leave nothing", "a {{- /* }} */ -}} b", ["text a", "text b"]],
    ["nothing without a blank behind the mark", "a {{-1}} b", ["text a", "text  b"]],
  ])("%s", (_name, text, expected) => {
    expect(kindsOf(text).filter((token) => token.startsWith("text"))).toEqual(expected);
  });

  test("only the blank that belongs to the mark at the end of an action", () => {
    expect(kindsOf("{{1   -}}")).toEqual(["left delimiter {{", "number 1", "space", "right delimiter }}", "end"]);
    expect(kindsOf("{{1 -}}")).toEqual(["left delimiter {{", "number 1", "right delimiter }}", "end"]);
  });
});

test("a number may be signed, have a base, an exponent, underscores and an imaginary part", () => {
  for (const number of ["-1_000", "+0x1F", "0b101", "0o17", ".5", "1.", "1e-9", "0x1.8p-3", "2i", "'\\n'"]) {
    expect(kindsOf(`{{${number}}}`)[1]).toMatch(/^(number|character) /);
  }
  expect(kindsOf("{{1+2i}}")[1]).toBe("complex 1+2i");
});

describe("gives a problem where it starts", () => {
  test.each([
    ["{{\n/* a", "punctuation"],
    ["\n{{/* a\nb", 2],
    ['{{\n"a\nb"}}', 2],
    ['{{"a\\', 1],
    ["{{\n`a\n\n", 2],
    ["{{'", 1],
    ["{{(}}", 1],
    ["{{\n)", 2],
    ["{{:x", 1],
    ["{{1.2.3x}}", 1],
    ["{{0x1z}}", 1],
    ["{{1+2}}", 1],
    ["{{a%}}", 1],
    ["{{.a%}}", 1],
    ["{{$a'}}", 1],
    ["{{\u0007}}", 1],
  ])("%j", (text, line) => {
    const last = tokensOf(text).at(-1);

    if (line === "punctuation") expect(kindsOf(text)).toContain("punctuation /");
    else expect(last).toMatchObject({ kind: "problem", line });
  });
});

test("takes as long for a long text as for the same text in pieces", () => {
  const size = 200_000;

  expect(tokensOf(`{{"${"a".repeat(size)}"}}`)).toHaveLength(4);
  expect(tokensOf(`{{${" ".repeat(size)}1}}`)).toHaveLength(5);
  expect(tokensOf(`${"a".repeat(size)}{{1}}`)).toHaveLength(5);
  expect(tokensOf(`{{${"1 ".repeat(size / 10)}}}`)).toHaveLength(size / 5 + 3);
});
