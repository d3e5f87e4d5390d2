import * as fc from "fast-check";
import { expect, test } from "vitest";
import { TemplateExecution, TemplateParse } from "../../src/template/failure.ts";
import { parseTemplate, type Template } from "../../src/template/template.ts";
import { vectorData, vectorWorld } from "./template-data.ts";

const data = vectorData("map1");

/** Pieces of the language, whole and broken. */
const piece = fc.oneof(
  fc.constantFrom("{{- ", " -}}", " ", "\n", "\t", "\u0000", "\ud800", "else if ", 'time.Parse "2006" "2024"'),
  anyOf("{{ }} {{- -}} {{/* */}} { } é \u{1F600} ( ) | , := = . $ $x $y : - + ' \" ` \\ _"),
  anyOf("if else end range with define block template break continue nil true false"),
  anyOf('0 1 1.5 0x1p-2 1i 1+2i 99999999999999999999 \'a\' "a" "\\xff" `a` "%d" "%*[2]v"'),
  anyOf(".s .i .m.a .list .strs .prl.Min .missing.x .dur.Hours .f .bytes .n .mi time.Now"),
  anyOf("print printf index slice len eq lt and not call default join json html split upper env"),
);

const brokenAction = fc.array(piece, { maxLength: 6 }).map((parts) => `{{${parts.join(" ")}}}`);
const brokenTemplate = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: piece },
      { weight: 4, arbitrary: brokenAction },
      { weight: 1, arbitrary: fc.string() },
    ),
  )
  .map(join);

const name = anyOf("s i m list strs ints rl prl nprl dur f n t bytes emap up");
const constant = anyOf('1 -2 1.5 true "a" `{{` "}}" \'x\' "%5v|" 0x1F 2i "\\u00e9"');
const functionName = anyOf("print printf len eq lt and or not index slice json html upper split join default");
const blank = fc.constantFrom(" ", "  ", "\n", " \t");
const open = fc.constantFrom("{{", "{{ ", "{{- ", "{{-\n");
const close = fc.constantFrom("}}", " }}", " -}}", "\n-}}");
const plain = fc.constantFrom(
  "",
  "a",
  " b ",
  "\n",
  "}",
  "}}",
  "é",
  "} ",
  "{ }",
  "{ {{- /* c */ -}} ",
  "{ {{- `a` -}} ",
);

/** Templates that can be read: every construct, in every nesting. */
const { template: readableTemplate } = fc.letrec<{
  pipeline: string;
  operand: string;
  node: string;
  body: string;
  template: string;
}>((tie) => ({
  operand: fc.oneof(
    { maxDepth: 3, depthIdentifier: "operand" },
    constant,
    fc.constantFrom(".", "$", "$x"),
    name.map((field) => `.${field}`),
    fc.tuple(tie("pipeline"), fc.constantFrom("", ".Min", ".a.b")).map(([inner, fields]) => `(${inner})${fields}`),
  ),
  pipeline: fc
    .tuple(
      fc.oneof(tie("operand"), fc.tuple(functionName, blank, tie("operand")).map(join)),
      fc.array(fc.tuple(blank, fc.constant("| "), functionName, blank, tie("operand")).map(join), { maxLength: 2 }),
    )
    .map(([first, rest]) => first + rest.join("")),
  node: fc.oneof(
    { maxDepth: 3, depthIdentifier: "node" },
    plain,
    fc.tuple(open, tie("pipeline"), close).map(join),
    fc.tuple(open, fc.constantFrom("$x := ", "$x = "), tie("pipeline"), close).map(join),
    fc.tuple(plain, fc.constantFrom("{{/* c */}}", "{{- /* c */ -}}"), plain).map(join),
    fc
      .tuple(
        fc.constantFrom("if", "with", "range", "range $x :=", "range $y, $x :="),
        tie("pipeline"),
        close,
        tie("body"),
        open,
        tie("body"),
      )
      .map(
        ([word, condition, end, body, start, other]) =>
          `{{${word} ${condition}${end}${body}${start}else}}${other}{{end}}`,
      ),
    fc
      .tuple(fc.constantFrom("{{break}}", "{{continue}}"), tie("body"))
      .map(([jump, body]) => `{{range .ints}}${body}${jump}x{{end}}`),
    tie("pipeline").map((argument) => `{{template "t" ${argument}}}`),
  ),
  body: fc.array(tie("node"), { maxLength: 3, depthIdentifier: "node" }).map(join),
  template: fc
    .tuple(tie("body"), tie("body"), tie("body"))
    .map(([first, defined, last]) => `{{$x := 0}}${first}{{define "t"}}{{$x := 1}}${defined}{{end}}${last}`),
}));

/** One of the words of a text. */
function anyOf(words: string): fc.Arbitrary<string> {
  return fc.constantFrom(...words.split(" "));
}

function join(parts: readonly string[]): string {
  return parts.join("");
}

/** What comes of a template: its output, or that it stopped. Anything else that is thrown fails the test. */
function outcome(template: Template): string {
  try {
    return `out ${template.executeToBytes(data, vectorWorld)}`;
  } catch (thrown) {
    if (thrown instanceof TemplateExecution) return "stopped";
    throw thrown;
  }
}

function parsed(text: string): Template | undefined {
  try {
    return parseTemplate(text);
  } catch (thrown) {
    if (thrown instanceof TemplateParse) return undefined;
    throw thrown;
  }
}

test("any text at all is run, or refused with a place inside it", () => {
  fc.assert(
    fc.property(brokenTemplate, (text) => {
      const lines = text.split("\n");
      try {
        parseTemplate(text).execute(data, vectorWorld);
      } catch (thrown) {
        if (thrown instanceof TemplateParse) {
          expect(thrown.line).toBeLessThanOrEqual(lines.length);
        } else if (thrown instanceof TemplateExecution) {
          expect(thrown.column).toBeLessThanOrEqual(Buffer.byteLength(lines[thrown.line - 1] ?? ""));
        } else {
          throw thrown;
        }
      }
    }),
    { numRuns: 2_000 },
  );
});

test("a template that is printed and read again means the same", () => {
  fc.assert(
    fc.property(readableTemplate, (text) => {
      const template = parseTemplate(text);

      const printed = parseTemplate(template.toString());

      expect(outcome(printed)).toBe(outcome(template));
      expect(printed.toString()).toBe(template.toString());
    }),
    { numRuns: 500 },
  );
});

test("whatever can be read of any text is printed so that it means the same", () => {
  fc.assert(
    fc.property(brokenTemplate, (text) => {
      const template = parsed(text);
      if (template === undefined) return;

      const printed = parseTemplate(template.toString());

      expect(outcome(printed)).toBe(outcome(template));
    }),
    { numRuns: 1_000 },
  );
});

test("any format takes any values", () => {
  const format = fc.array(
    fc.oneof(anyOf("% %% v d s q x X c U e g b t T p w # + - 0 7 . * [1] [9] [ ] é"), fc.constantFrom(" ", "\u0000")),
  );
  fc.assert(
    fc.property(format.map(join), fc.array(name, { maxLength: 3 }), (text, names) => {
      const args = names.map((each) => ` .${each}`).join("");

      expect(
        outcome(parseTemplate(`{{printf ${JSON.stringify(text).replaceAll("\\u0000", "\\x00")}${args}}}`)),
      ).toMatch(/^out /);
    }),
    { numRuns: 1_000 },
  );
});

test("a constant of any text comes out as it is", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      expect(parseTemplate(`{{print ${JSON.stringify(text)}}}`).execute(data, vectorWorld)).toBe(text);
    }),
  );
});

test("a text without actions is its own template", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: "grapheme" }).filter((text) => !text.includes("{{")),
      (text) => {
        expect(parseTemplate(text).execute(data, vectorWorld)).toBe(text);
      },
    ),
  );
});
