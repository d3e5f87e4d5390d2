import { describe, expect, test } from "vitest";
import { Failure } from "../../src/base/failure.ts";
import { TemplateExecution, TemplateParse } from "../../src/template/failure.ts";
import { parseTemplate } from "../../src/template/template.ts";
import {
  goBool,
  goInt,
  goNil,
  goString,
  goStringList,
  goStringMap,
  goStruct,
  type Method,
  type Value,
} from "../../src/template/value.ts";
import type { TemplateWorld } from "../../src/template/world.ts";
import { vectorData } from "./template-data.ts";

const world: TemplateWorld = {
  env: (name) => (name === "REGISTRY" ? "registry.example.org:5000" : ""),
  file: (path) => (path === "/run/secrets/token" ? " s3cret\n" : undefined),
  now: () => Date.UTC(2024, 1, 29, 23, 5, 9, 40),
  timeZone: "Europe/Berlin",
};

const entry = goStruct("entry", [
  {
    name: "Sync",
    json: "Sync",
    value: goStruct("sync", [
      { name: "Source", json: "source", value: goString("docker.io/library/alpine") },
      { name: "FastCheck", json: "fastCheck", value: goBool(false) },
      { name: "Allow", json: "allow", value: goStringList(["3.20", "3.21"]) },
    ]),
  },
]);

function render(text: string, data: Value = entry): string {
  return parseTemplate(text).execute(data, world);
}

function failureOf(text: string, data: Value = entry): TemplateParse | TemplateExecution {
  try {
    render(text, data);
  } catch (thrown) {
    if (thrown instanceof TemplateParse || thrown instanceof TemplateExecution) return thrown;
    throw thrown;
  }
  return expect.unreachable(`${text} was accepted`);
}

describe("text", () => {
  test("passes through as it is when there is no action in it", () => {
    const text = 'a }} b \\ " ` {x} \u{1F600}\r\n';

    expect(render(text)).toBe(text);
    expect(parseTemplate(text).toString()).toBe(text);
    expect(parseTemplate("é").executeToBytes(goNil, world)).toBe("\xc3\xa9");
  });

  test("keeps a stray right delimiter, and gives a left one from a constant", () => {
    expect(render('}}{{"{{"}}}}')).toBe("}}{{}}");
  });

  test("loses the blanks beside a trim mark, which needs a blank of its own", () => {
    expect(render("a \n {{- 1 -}} \t b")).toBe("a1b");
    expect(render("a {{-3}} b")).toBe("a -3 b");
  });

  test("counts bytes, not characters", () => {
    expect(render('{{len "é✓"}} {{index "é" 0}} {{printf "%x" "é"}}')).toBe("5 195 c3a9");
  });

  test("may leave UTF-8, which shows as replacement characters in a text and as it is in bytes", () => {
    const template = parseTemplate('{{slice "é" 0 1}}');

    expect(template.execute(goNil, world)).toBe("\ufffd");
    expect(template.executeToBytes(goNil, world)).toBe("\xc3");
  });
});

describe("values", () => {
  test("a bool is what it says, so that a condition can ask for it", () => {
    expect(
      render("{{if .Sync.FastCheck}}fast{{else}}slow{{end}} {{.Sync.FastCheck}} {{eq .Sync.FastCheck false}}"),
    ).toBe("slow false true");
  });

  test("without data, the dot and everything in it has no value", () => {
    expect(render("{{.}} {{.X}} {{.X.Y.Z}}", goNil)).toBe("<no value> <no value> <no value>");
  });

  test("a missing key of a map has no value as a field, and the zero value by index", () => {
    const data = goStringMap([["a", "1"]]);

    expect(render('{{.a}} {{.b}} [{{index . "b"}}]', data)).toBe("1 <no value> []");
  });

  test("keys that JavaScript knows are ordinary keys", () => {
    const data = goStringMap([["__proto__", "p"]]);

    expect(render("{{.__proto__}} {{.constructor}} {{.toString}} {{json .}}", data)).toBe(
      'p <no value> <no value> {"__proto__":"p"}\n',
    );
    expect(({} as Record<string, unknown>)["p"]).toBeUndefined(); // nothing may have reached the prototype
  });

  test("maps are gone through in the order of their keys", () => {
    const data = goStringMap([
      ["b", "2"],
      ["a", "1"],
      ["Z", "0"],
    ]);

    expect(render("{{range $key, $value := .}}{{$key}}={{$value}};{{end}}", data)).toBe("Z=0;a=1;b=2;");
  });

  test("variables live to the end of their block, and assignments reach outwards", () => {
    expect(render("{{$x := 1}}{{if true}}{{$x = 2}}{{$x := 3}}{{$x}}{{end}}{{$x}}")).toBe("32");
  });
});

describe("functions", () => {
  test("a piped value becomes the last argument", () => {
    expect(render('{{env "NOTHING" | default "fallback" | upper}}')).toBe("FALLBACK");
  });

  test("a file is trimmed, and one that cannot be read is empty", () => {
    expect(render('[{{file "/run/secrets/token"}}] [{{file "/nowhere"}}]')).toBe("[s3cret] []");
  });

  test("and and or give the argument that decides and do not touch those behind it", () => {
    expect(render('{{or "" "b" (index "x" 9)}} {{and 0 (index "x" 9)}}')).toBe("b 0");
  });

  test("the time is local, and can be shown in any layout", () => {
    expect(render('{{time.Now}} {{time.Now.UTC.Format "2006-01-02T1504"}}')).toBe(
      "2024-03-01 00:05:09.04 +0100 CET 2024-02-29T2305",
    );
  });

  test("json has no HTML escapes and ends with a line break", () => {
    expect(render('{{json "<a&b>"}}')).toBe('"<a&b>"\n');
  });
});

describe("named templates", () => {
  test("a block is a definition that is used where it stands", () => {
    expect(render('{{block "b" 1}}[{{.}}]{{end}}{{template "b" 2}}{{define "c"}}x{{end}}')).toBe("[1][2]");
  });

  test("a definition without text gives way to one that has some", () => {
    expect(
      render('{{define "a"}} {{end}}{{define "a"}}x{{end}}{{define "a"}}{{/* no */}}{{end}}{{template "a"}}'),
    ).toBe("x");
  });

  test("their variables are their own", () => {
    expect(failureOf('{{$x := 1}}{{define "a"}}{{$x}}{{end}}')).toMatchObject({ code: "TEMPLATE_PARSE" });
  });
});

describe("refuses to read, with the line it had reached", () => {
  test.each([
    ["{{", 1, "unclosed action"],
    ["a\n{{\n\n", 4, "unclosed action"],
    ["\n{{/* a\nb", 2, "unclosed comment"],
    ["{{/* a */ b}}", 1, "comment ends before closing delimiter"],
    ["\n{{if true}}\nx\n", 4, "unexpected EOF"],
    ["{{end}}", 1, "unexpected {{end}}"],
    ["{{if true}}{{else}}{{else}}{{end}}", 1, "expected end; found {{else}}"],
    ["{{else if true}}", 1, "unexpected {{else}}"],
    ["{{with 1}}{{else if 2}}{{end}}", 1, "unexpected keyword if in"],
    ["{{if}}{{end}}", 1, "missing value for if"],
    ["{{()}}", 1, "missing value for parenthesized pipeline"],
    ["{{(1}}", 1, "unclosed left paren"],
    ["{{1)}}", 1, "unexpected right paren"],
    ['{{"a}}', 1, "unterminated quoted string"],
    ["{{`a}}", 1, "unterminated raw quoted string"],
    ["{{'a}}", 1, "unterminated character constant"],
    ["{{'ab'}}", 1, "malformed character constant"],
    ['{{"\\q"}}', 1, "invalid escape"],
    ["{{1x}}", 1, "bad number syntax"],
    ["{{18446744073709551616}}", 1, "integer overflow"],
    ["{{08}}", 1, "integer overflow"],
    ["{{0x1p}}", 1, "illegal number syntax"],
    ["{{contains .A .B}}", 1, "function contains not defined"],
    ["{{$x}}", 1, "undefined variable $x"],
    ["{{$x, $y := 1}}", 1, "too many declarations in command"],
    ["{{range $x, 1}}{{end}}", 1, "range can only initialize variables"],
    ["{{1 | 2}}", 1, "non executable command in pipeline stage 2"],
    ["{{nil.X}}", 1, "unexpected . after a nil"],
    ["{{break}}", 1, "{{break}} outside {{range}}"],
    ['{{range 1}}{{define "a"}}{{end}}{{end}}', 1, "unexpected keyword define in command"],
    ['{{range 1}}{{block "a" .}}{{continue}}{{end}}{{end}}', 1, "{{continue}} outside {{range}}"],
    ["{{template}}", 1, "unexpected right delimiter in template clause"],
    ['{{define "a" .}}{{end}}', 1, "unexpected dot in define clause"],
    ['{{define "a"}}x{{end}}{{define "a"}}y{{end}}', 1, "more than one definition of template a"],
    ['x{{define "out"}}y{{end}}', 1, "more than one definition of template out"],
    ["{{a\u0001}}", 1, "bad character U+0001"],
    ["{{\u{1F600}}}", 1, "unrecognized character in action: U+1F600"],
  ])("%j", (text, line, reason) => {
    const failure = failureOf(text);

    expect(failure).toMatchObject({ code: "TEMPLATE_PARSE", line });
    expect(failure.message).toMatch(`template: out:${line}: `);
    expect(failure.message).toContain(reason);
  });
});

describe("stops while it runs, with the line and the byte it had reached", () => {
  test.each([
    ["{{.Sync.Fast}}", 1, 7, "a sync has no Fast"],
    ["{{.Sync.source}}", 1, 7, "a sync has no source; did you mean Source?"],
    ["é{{.Nope}}", 1, 4, "a entry has no Nope"],
    ["a\nb {{.Nope}}", 2, 4, "a entry has no Nope"],
    ["{{.Sync.Source.X}}", 1, 7, "a string has no X"],
    ["{{nil}}", 1, 2, "nil is not a command"],
    ["{{range nil}}{{end}}", 1, 8, "nil is not a command"],
    ["{{$x := $x}}", 1, 8, "undefined variable $x"],
    ["{{range .Sync.Source}}{{end}}", 1, 13, "range cannot go over a string"],
    ["{{range $i, $e := 3}}{{end}}", 1, 18, "only one variable"],
    ["{{1 2}}", 1, 2, "only functions and methods take arguments"],
    ["{{upper}}", 1, 2, "upper takes 1 arguments, not 0"],
    ["{{upper 1}}", 1, 8, "a number constant where a string is expected"],
    ["{{upper .Sync.Allow}}", 1, 13, "a []string where a string is expected"],
    ["{{upper nil}}", 1, 8, "nil where a string is expected"],
    ['{{.Sync.Allow | join ","}}', 1, 21, "a string constant where a []string is expected"],
    ['{{index "abc" 3}}', 1, 2, "index: index 3 is out of range"],
    ["{{index .Sync.Allow -1}}", 1, 2, "index: index -1 is out of range"],
    ["{{len 3}}", 1, 2, "len: a int has no length"],
    ["{{eq 1 1.0}}", 1, 2, "eq: a int and a float64 cannot be compared"],
    ["{{eq 1}}", 1, 2, "eq: there is nothing to compare with"],
    ["{{lt true false}}", 1, 2, "lt: values of type bool have no order"],
    ["{{eq .Sync.Allow .Sync.Allow}}", 1, 2, "eq: values of type []string cannot be compared"],
    ['{{default "x" .Sync.Allow}}', 1, 2, "default: a []string has no default"],
    ["{{call nil}}", 1, 2, "call: "],
    ['{{template "none"}}', 1, 11, "template none not defined"],
    ['{{time.Parse "2006" "x"}}', 1, 6, "Parse: the time does not fit its layout"],
    ["{{9223372036854775808}}", 1, 2, "too large for an int"],
  ])("%j", (text, line, column, reason) => {
    const failure = failureOf(text);

    expect(failure).toMatchObject({ code: "TEMPLATE_EXECUTION", line, column });
    expect(failure.message).toMatch(`template: out:${line}:${column}: `);
    expect(failure.message).toContain(reason);
  });
});

describe("never shows constants or values in a complaint", () => {
  test.each([
    '{{"hunter2" "hunter2"}}',
    '{{"hunter2',
    '{{"hunter2"x}}',
    '{{join "hunter2" ","}}',
    '{{range "hunter2"}}{{end}}',
    '{{time.Parse "2006" "hunter2"}}',
    '{{eq "hunter2" 1}}',
    '{{index . "hunter2"}}',
    '{{"hunter2" | index 1}}',
    '{{index (split "hunter2" "x") "hunter2"}}',
    '{{call "hunter2"}}',
  ])("%s", (text) => {
    expect(failureOf(text).message).not.toContain("hunter2");
  });
});

describe("methods", () => {
  class Refused extends Failure {
    readonly code = "REFERENCE_INVALID";
  }
  const data = goStruct(
    "thing",
    [],
    new Map<string, Method>([
      ["Twice", { parameters: [goInt(0).type], call: ([number]) => goString(`${String(number?.kind)} twice`) }],
      [
        "Fail",
        {
          parameters: [],
          call: () => {
            throw new Refused("no such ünit");
          },
        },
      ],
    ]),
  );

  test("get arguments of the types they ask for", () => {
    expect(render("{{.Twice 2}}", data)).toBe("integer twice");
    expect(failureOf('{{.Twice "2"}}', data).message).toContain("where a int is expected");
  });

  test("their failures become failures at the place of the call, and stay their cause", () => {
    const failure = failureOf("a{{.Fail}}", data);

    expect(failure).toMatchObject({ column: 3, cause: { code: "REFERENCE_INVALID" } });
    expect(failure.message).toBe("template: out:1:3: Fail: no such ünit");
  });
});

describe("ends, whatever it is asked to do", () => {
  test.each([
    ["{{range 1000000000}}{{end}}", "steps"],
    ["{{range 1000000000}}{{.}}{{end}}", "steps"],
    ['{{range 1000000000}}{{printf "%1000000d" 1}}{{end}}', "bytes"],
    ['{{$x := "aaaaaaaa"}}{{range 100}}{{$x = print $x $x}}{{end}}', "steps"],
    ['{{define "a"}}{{template "a"}}{{end}}{{template "a"}}', "deep"],
    ['{{define "a"}}{{if true}}{{with 1}}{{template "a"}}{{end}}{{end}}{{end}}{{template "a"}}', "deep"],
    [
      '{{define "a"}}{{range 2}}{{template "b"}}{{end}}{{end}}{{define "b"}}{{range 9}}{{template "c"}}{{end}}{{end}}' +
        '{{define "c"}}{{range 1000000}}{{end}}{{end}}{{template "a"}}',
      "steps",
    ],
    ['{{$x := printf "%4000000d" 1}}{{range 1000000}}{{trimSpace $x | len}}{{end}}', "steps"],
    ['{{$x := printf "%400000d" 1}}{{split $x "" | len}}', "bytes"],
    ['{{range 1000000}}{{time.Now.Format "MST" | len}}{{end}}', "steps"],
  ])("%s", (text, limit) => {
    const failure = failureOf(text);

    expect(failure).toMatchObject({ code: "TEMPLATE_EXECUTION" });
    expect(failure.message).toContain(limit);
  });

  test("takes a width nobody means as the mistake it is", () => {
    expect(render('{{printf "%1000000000d" 1}}')).toBe("%!(NOVERB)%!(EXTRA int=1)");
  });

  test.each([
    ["parentheses", (depth: number) => `{{${"(".repeat(depth)}1${")".repeat(depth)}}}`],
    ["calls", (depth: number) => `{{${"print (".repeat(depth)}1${")".repeat(depth)}}}`],
    ["chains", (depth: number) => `{{${"(".repeat(depth)}.${").X".repeat(depth)}}}`],
    ["conditions", (depth: number) => "{{if true}}".repeat(depth) + "{{end}}".repeat(depth)],
    ["ranges", (depth: number) => "{{range $i := 1}}".repeat(depth) + "{{end}}".repeat(depth)],
    ["else branches", (depth: number) => `{{if false}}${"{{else if false}}".repeat(depth)}{{end}}`],
    ["blocks", (depth: number) => numbered('{{block "#" .}}', depth) + "{{end}}".repeat(depth)],
  ])("takes %s as deep as anybody nests them, and refuses deeper ones", (_name, nested) => {
    const deep = parseTemplate(nested(120));

    expect(() => deep.execute(goNil, world)).not.toThrow();
    expect(parseTemplate(deep.toString()).toString()).toBe(deep.toString());
    expect(failureOf(nested(100_000))).toMatchObject({ code: "TEMPLATE_PARSE" });
  });
});

/** Copies of a text, each with a number of its own. */
function numbered(text: string, count: number): string {
  return Array.from({ length: count }, (_, index) => text.replace("#", String(index))).join("");
}

test("is printed without comments and trim marks, as a text that means the same", () => {
  const text =
    'a {{- /* no */ -}} {{ $x := .Sync.Source | upper }}{{if $x}}{{ $x }}{{else if 1}}b{{end}}{{define "d"}}{{.}}{{end}}';

  expect(parseTemplate(text).toString()).toBe(
    '{{define "d"}}{{.}}{{end}}a{{$x := .Sync.Source | upper}}{{if $x}}{{$x}}{{else}}{{if 1}}b{{end}}{{end}}',
  );
});

test("is printed so that braces which only trim marks kept apart do not become delimiters", () => {
  const template = parseTemplate("{ {{- /**/ -}} { {{- 1}}{ {{- `a`}}");

  const printed = parseTemplate(template.toString());

  expect(printed.execute(goNil, world)).toBe(template.execute(goNil, world));
});

test("gives the same value as often as it is run, for any data", () => {
  const template = parseTemplate('{{env "REGISTRY"}}/{{.s}}');

  const first = template.execute(vectorData("map1"), world);

  expect(template.execute(vectorData("map1"), world)).toBe(first);
  expect(first).toBe("registry.example.org:5000/hello");
});
