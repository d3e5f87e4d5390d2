import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseTemplate } from "../../../src/template/template.ts";
import { goFloat, goInt, goList, goNil, goString } from "../../../src/template/value.ts";
import { anyType } from "../../../src/template/go-type.ts";
import { vectorData, vectorWorld } from "../template-data.ts";

function render(text: string, data = vectorData("map1")): string {
  return parseTemplate(`{{${text}}}`).execute(data, vectorWorld);
}

describe("numbers", () => {
  test("halves are rounded to the even digit of what the number really is", () => {
    expect(render('printf "%.0f %.0f %.0f %.1f %.2f %.0e" 0.5 1.5 2.5 0.25 1.005 2.5')).toBe("0 2 2 0.2 1.00 2e+00");
  });

  test("a float shows as few digits as tell it from its neighbours, whatever its size", () => {
    expect(render('print .f32 " " 1e20 " " 123456789.0 " " 1e-5')).toBe("0.1 1e+20 1.23456789e+08 1e-05");
  });

  test("as many digits as are asked for are there, and they are right", () => {
    expect(render('printf "%.60f" 0.1')).toBe(
      `0.1000000000000000055511151231257827021181583404541015625${"0".repeat(5)}`,
    );
  });

  test("zeros fill the left side behind the sign, blanks either side", () => {
    expect(render('printf "[%06d] [%-6d] [%+06.1f] [%6d]" -42 42 1.5 42')).toBe("[-00042] [42    ] [+001.5] [    42]");
  });

  test("JavaScript and Go read the same number in what is printed", () => {
    fc.assert(
      fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
        expect(Number(render("print .", goFloat(number)))).toBe(number);
      }),
    );
  });

  test("fixed digits are those of JavaScript where no half has to be rounded", () => {
    fc.assert(
      fc.property(fc.integer({ min: -1_000_000, max: 1_000_000 }), fc.integer({ min: 0, max: 6 }), (number, digits) => {
        expect(render(`printf "%.${digits}f" .`, goFloat(number / 7))).toBe((number / 7).toFixed(digits));
      }),
    );
  });

  test("integers of 64 bits keep every digit in every base", () => {
    expect(render('printf "%d %x %o %b" .min .u64 .u64 .i8')).toBe(
      `-9223372036854775808 ffffffffffffffff 1777777777777777777777 -10000000`,
    );
  });
});

describe("texts", () => {
  test("width and precision count characters, and hexadecimal counts bytes", () => {
    expect(render('printf "[%5s] [%.1s] [%x] [%.1x]" "é" "éa" "é" "é"')).toBe("[    é] [é] [c3a9] [c3]");
  });

  test("a quoted text escapes what has no shape", () => {
    expect(render('printf "%q %+q %#q" "a\\"\\n\\u00a0é" "é" "a`b"')).toBe('"a\\"\\n\\u00a0é" "\\u00e9" "a`b"');
  });
});

describe("values", () => {
  test("lists, maps and structs show their parts, and with flags their names and types", () => {
    expect(render('printf "%v %+v %#v" .rl .rl .strs')).toBe('{3 5m0s} {Min:3 Retry:5m0s} []string{"a", "b", "c"}');
    expect(render('printf "%v %d" .mn .ints')).toBe("map[one:1 two:2] [3 1 2]");
  });

  test("between two values a blank stands only where neither is a string", () => {
    expect(render('print 1 2 "a" "b" 3 nil true')).toBe("1 2ab3 <nil> true");
  });

  test("nothing shows as no value in a template, and as nil in a format", () => {
    expect(parseTemplate("{{.}}").execute(goNil, vectorWorld)).toBe("<no value>");
    expect(render('printf "%v %d" nil nil')).toBe("<nil> %!d(<nil>)");
  });
});

describe("what is wrong with a format is said in the result", () => {
  test.each([
    ['printf "%d" "x"', "%!d(string=x)"],
    ['printf "%s" 1', "%!s(int=1)"],
    ['printf "%d %d" 1', "1 %!d(MISSING)"],
    ['printf "%d" 1 2', "1%!(EXTRA int=2)"],
    ['printf "%"', "%!(NOVERB)"],
    ['printf "%[2]d" 1', "%!d(BADINDEX)"],
    ['printf "%[x]d" 1', "%!d(BADINDEX)"],
    ['printf "%*d" "a" 1', "%!(BADWIDTH)1"],
    ['printf "%.*d" "a" 1', "%!(BADPREC)1"],
    ['printf "%y" 1', "%!y(int=1)"],
    ['printf "%é" 1', "%!é(int=1)"],
  ])("%s", (text, expected) => {
    expect(render(text)).toBe(expected);
  });
});

test("prints a list of anything as deep as it goes", () => {
  const inner = goList(anyType, [goInt(1), goNil, goString("a")]);

  expect(render('printf "%v %s" . .', goList(anyType, [inner]))).toBe("[[1 <nil> a]] [[%!s(int=1) <nil> a]]");
});
