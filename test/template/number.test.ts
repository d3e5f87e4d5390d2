import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNumber } from "../../src/template/number.ts";

describe("takes a constant in every form it fits", () => {
  test.each([
    ["42", { integer: 42n, unsigned: 42n, float: 42 }],
    ["-42", { integer: -42n, unsigned: undefined, float: -42 }],
    ["-0", { integer: 0n, unsigned: 0n }],
    ["0x_1F", { integer: 31n }],
    ["0b101", { integer: 5n }],
    ["0o17", { integer: 15n }],
    ["017", { integer: 15n }],
    ["1_000_000", { integer: 1_000_000n }],
    ["9223372036854775807", { integer: 9223372036854775807n }],
    ["9223372036854775808", { integer: undefined, unsigned: 9223372036854775808n }],
    ["-9223372036854775808", { integer: -9223372036854775808n }],
    ["1e3", { integer: 1000n, unsigned: 1000n, float: 1000 }],
    ["1.5", { integer: undefined, unsigned: undefined, float: 1.5 }],
    ["0x1p-2", { float: 0.25 }],
    ["0x.8p1", { float: 1 }],
    ["0x1.fffffffffffff8p0", { float: 2 }],
    ["0x1p-1075", { float: 0 }],
    ["0x1.8p-1074", { float: 1e-323 }],
    ["2i", { integer: undefined, complex: { real: 0, imaginary: 2 } }],
    ["0i", { integer: 0n, complex: { real: 0, imaginary: 0 } }],
    ["1e2+3.5i", { complex: { real: 100, imaginary: 3.5 } }],
    ["-1-2i", { complex: { real: -1, imaginary: -2 } }],
  ])("%s", (source, forms) => {
    expect(readNumber(source)).toMatchObject(forms);
  });
});

describe("refuses", () => {
  test.each([
    ["08", "integer overflow"],
    ["18446744073709551616", "integer overflow"],
    ["-9223372036854775809", "integer overflow"],
    ["0b2", "illegal number syntax"],
    ["0x", "illegal number syntax"],
    ["1__0", "illegal number syntax"],
    ["1_", "illegal number syntax"],
    ["1e", "illegal number syntax"],
    ["1e400", "illegal number syntax"],
    ["0x1.8", "illegal number syntax"],
    ["0x1p99999999999", "illegal number syntax"],
    [".", "illegal number syntax"],
    ["1+2", "illegal number syntax"],
    ["0b1i", "illegal number syntax"],
    ["1".repeat(20_000), "a number is too long"],
  ])("%s", (source, complaint) => {
    expect(readNumber(source)).toBe(complaint);
  });
});

test("reads back every number that JavaScript writes", () => {
  fc.assert(
    fc.property(fc.double({ noDefaultInfinity: true, noNaN: true }), (number) => {
      expect(readNumber(number.toExponential())).toMatchObject({ float: number + 0 });
    }),
  );
});

test("rounds a hexadecimal number as JavaScript rounds the integer it stands for", () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 1n << 90n }), (integer) => {
      expect(readNumber(`0x${integer.toString(16)}p0`)).toMatchObject({ float: Number(integer) });
    }),
  );
});
