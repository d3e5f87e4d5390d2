/** The forms in which a numeric constant fits. */
export interface NumberForms {
  readonly integer: bigint | undefined;
  readonly unsigned: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: { readonly real: number; readonly imaginary: number } | undefined;
}

/** No number of use is longer, and no pattern here should meet one that is. */
const longestLiteral = 10_000;

const integerPattern = /^[+-]?(?:0[xX](?:_?[0-9a-fA-F])+|0[bB](?:_?[01])+|0[oO]?(?:_?[0-7])+|[0-9]|[1-9](?:_?[0-9])+)$/;
const decimalPattern =
  /^[+-]?(?:[0-9](?:_?[0-9])*\.?(?:[0-9](?:_?[0-9])*)?|\.[0-9](?:_?[0-9])*)(?:[eE][+-]?[0-9](?:_?[0-9])*)?$/;
const hexadecimalPattern =
  /^([+-]?)0[xX]((?:_?[0-9a-fA-F])*)\.?((?:[0-9a-fA-F](?:_?[0-9a-fA-F])*)?)[pP]([+-]?[0-9](?:_?[0-9])*)$/;
const pairPattern = /^([+-]?[^+-]+(?:[eEpP][+-][0-9_]+)?)([+-].+)i$/;

const largestInt64 = (1n << 63n) - 1n;
const smallestInt64 = -(1n << 63n);
const largestUint64 = (1n << 64n) - 1n;

/**
 * The forms of a constant as it stands in a template, such as `0x1F`, `1_000`, `2.5e3` or `1+2i`.
 *
 * Gives a complaint for what is no number, or fits nowhere.
 */
export function readNumber(source: string): NumberForms | string {
  if (source.length > longestLiteral) return "a number is too long";
  if (source.endsWith("i")) return readComplex(source) ?? "illegal number syntax";
  const integer = parseInteger(source);
  if (integer !== undefined) return formsOfInteger(integer, source);
  const float = parseFloat64(source);
  if (float === undefined) return "illegal number syntax";
  if (!/[.eEpP]/.test(source)) return "integer overflow";
  return { ...formsOfFloat(float), complex: undefined };
}

/** The forms of a character constant. */
export function formsOfCharacter(code: number): NumberForms {
  return { integer: BigInt(code), unsigned: BigInt(code), float: code, complex: undefined };
}

/** The floating-point number that a text stands for in Go; `undefined` for bad syntax or one that is too large. */
function parseFloat64(source: string): number | undefined {
  const value = decimalPattern.test(source) ? Number(source.replaceAll("_", "")) : parseHexadecimalFloat(source);
  return value === undefined || Number.isFinite(value) ? value : undefined;
}

function readComplex(source: string): NumberForms | undefined {
  const [, realSource, imaginarySource] = pairPattern.exec(source) ?? [undefined, "0", source.slice(0, -1)];
  const real = parseFloat64(realSource ?? "");
  const imaginary = parseFloat64(imaginarySource ?? "");
  if (real === undefined || imaginary === undefined) return undefined;
  const complex = { real, imaginary };
  if (imaginary !== 0) return { integer: undefined, unsigned: undefined, float: undefined, complex };
  return { ...formsOfFloat(real), complex };
}

function parseInteger(source: string): bigint | undefined {
  if (!integerPattern.test(source)) return undefined;
  const digits = source.replaceAll(/[+_-]/g, "").replace(/^0[oO]?(?=[0-7])/, "0o");
  const magnitude = BigInt(digits);
  return source.startsWith("-") ? -magnitude : magnitude;
}

/** A sign makes it no unsigned number, but for a zero. */
function formsOfInteger(value: bigint, source: string): NumberForms | string {
  const fitsSigned = value >= smallestInt64 && value <= largestInt64;
  const fitsUnsigned = value <= largestUint64 && (/^[0-9]/.test(source) || value === 0n);
  if (!fitsSigned && !fitsUnsigned) return "integer overflow";
  return {
    integer: fitsSigned ? value : undefined,
    unsigned: fitsUnsigned ? value : undefined,
    float: Number(value),
    complex: undefined,
  };
}

function formsOfFloat(float: number): { integer: bigint | undefined; unsigned: bigint | undefined; float: number } {
  const whole = Number.isInteger(float) ? BigInt(float) : undefined;
  return {
    integer: whole !== undefined && whole >= smallestInt64 && whole <= largestInt64 ? whole : undefined,
    unsigned: whole !== undefined && whole >= 0n && whole <= largestUint64 ? whole : undefined,
    float,
  };
}

function parseHexadecimalFloat(source: string): number | undefined {
  const [, sign, whole = "", fraction = "", exponentText = ""] =
    hexadecimalPattern.exec(source.replaceAll("_", "")) ?? [];
  if (sign === undefined || whole + fraction === "" || !hexadecimalPattern.test(source)) return undefined;
  const exponent = Math.max(-100_000, Math.min(100_000, Number(exponentText)));
  const magnitude = scaleByPowerOfTwo(BigInt(`0x${whole}${fraction}`), exponent - 4 * fraction.length);
  return sign === "-" ? -magnitude : magnitude;
}

/** `mantissa × 2^exponent`, rounded once, to even. */
function scaleByPowerOfTwo(mantissa: bigint, exponent: number): number {
  if (mantissa === 0n) return 0;
  const width = mantissa.toString(2).length;
  const smallestExponent = -1074;
  const dropped = Math.max(width - 53, smallestExponent - exponent);
  if (dropped <= 0) return Number(mantissa) * 2 ** exponent;
  if (dropped > width + 1) return 0;
  const shift = BigInt(dropped);
  const kept = mantissa >> shift;
  const rest = mantissa - (kept << shift);
  const half = 1n << (shift - 1n);
  const roundsUp = rest > half || (rest === half && (kept & 1n) === 1n);
  const finalExponent = exponent + dropped;
  const scaled = Number(roundsUp ? kept + 1n : kept);
  // In two steps: the power alone may be too large or too small where the product is not.
  return scaled * 2 ** Math.trunc(finalExponent / 2) * 2 ** (finalExponent - Math.trunc(finalExponent / 2));
}
