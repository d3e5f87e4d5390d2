import type { Bytes } from "../bytes.ts";
import { binaryOf, type Decimal, exactDecimal, roundDecimal, shortestDecimal } from "./decimal.ts";
import { type Flags, pad, padWithBlanks } from "./flags.ts";

/** How a floating-point number is written: Go's verbs without their upper-case twins. */
type Form = "b" | "e" | "f" | "g" | "x";

/** Below this exponent, and from the wanted number of digits on, `g` writes an exponent. */
const smallestPlainExponent = -4;
/** The wanted number of digits where none is given. */
const usualDigits = 6;

/** A floating-point number as a verb wants it; `undefined` when the verb is none for them. Spec: Go `fmt`. */
export function formatFloat(value: number, size: 32 | 64, verb: Bytes, flags: Flags): Bytes | undefined {
  const form = formOf(verb);
  if (form === undefined) return undefined;
  const precision = flags.precision ?? (form === "e" || form === "f" ? usualDigits : undefined);
  const magnitude = Math.abs(value);
  const sign = value < 0 || Object.is(value, -0) ? "-" : flags.plus ? "+" : flags.space ? " " : "";
  if (Number.isNaN(value)) return padWithBlanks(flags.plus ? "+NaN" : flags.space ? " NaN" : "NaN", flags);
  if (magnitude === Number.POSITIVE_INFINITY) return padWithBlanks(`${sign || "+"}Inf`, flags);
  const plain = formatMagnitude(magnitude, size, form, precision);
  const text = flags.sharp && form !== "b" ? withPoint(plain, form, verb === "X" ? 0 : precision) : plain;
  const cased = verb === "E" || verb === "G" || verb === "X" ? text.toUpperCase() : text;
  const { width, zero, minus } = flags;
  return zero && !minus && width !== undefined
    ? sign + pad(cased, { ...flags, width: width - sign.length })
    : pad(sign + cased, flags);
}

function formOf(verb: Bytes): Form | undefined {
  switch (verb) {
    case "b":
      return "b";
    case "e":
    case "E":
      return "e";
    case "f":
    case "F":
      return "f";
    case "g":
    case "G":
    case "v":
      return "g";
    case "x":
    case "X":
      return "x";
    default:
      return undefined;
  }
}

/** Without precision, as many digits as it takes to read the same number again. */
function formatMagnitude(value: number, size: 32 | 64, form: Form, precision: number | undefined): string {
  switch (form) {
    case "b":
      return binary(value, size);
    case "x":
      return hexadecimal(value, precision);
    case "e": {
      const decimal = decimalOf(value, size, precision === undefined ? undefined : precision + 1);
      return withExponent(decimal, precision ?? decimal.digits.length - 1);
    }
    case "f": {
      const exact = exactDecimal(value);
      const wanted = precision ?? 0;
      return withoutExponent(roundDecimal(exact, exact.point + wanted), wanted);
    }
    case "g":
      return general(value, size, precision === undefined ? undefined : Math.max(precision, 1));
  }
}

function decimalOf(value: number, size: 32 | 64, digits: number | undefined): Decimal {
  return digits === undefined ? shortestDecimal(value, size) : roundDecimal(exactDecimal(value), digits);
}

function general(value: number, size: 32 | 64, precision: number | undefined): string {
  const decimal = decimalOf(value, size, precision);
  const { digits, point } = decimal;
  const wanted = precision ?? digits.length;
  const threshold = wanted > digits.length && digits.length >= point ? digits.length : wanted;
  const exponent = point - 1;
  if (exponent < smallestPlainExponent || exponent >= (precision === undefined ? usualDigits : threshold)) {
    return withExponent(decimal, Math.min(wanted, digits.length) - 1);
  }
  return withoutExponent(decimal, Math.max(digits.length - point, 0));
}

function withExponent({ digits, point }: Decimal, places: number): string {
  const first = digits.slice(0, 1) || "0";
  const rest = digits.slice(1, 1 + Math.max(places, 0)).padEnd(places, "0");
  return `${first}${rest === "" ? "" : `.${rest}`}e${exponentText(digits === "" ? 0 : point - 1)}`;
}

function withoutExponent({ digits, point }: Decimal, places: number): string {
  const whole = digits.slice(0, Math.max(point, 0)).padEnd(point, "0") || "0";
  const fraction = "0".repeat(Math.max(-point, 0)) + digits.slice(Math.max(point, 0));
  return places === 0 ? whole : `${whole}.${fraction.slice(0, places).padEnd(places, "0")}`;
}

/** `4503599627370496p-52`. */
function binary(value: number, size: 32 | 64): string {
  const { mantissa, exponent } = binaryOf(value, size);
  return `${mantissa}p${exponent < 0 ? "" : "+"}${exponent}`;
}

/** `0x1.8p+00`. */
function hexadecimal(value: number, precision: number | undefined): string {
  let { mantissa, exponent } = binaryOf(value, 64);
  const fractionBits = 60;
  const shift = mantissa === 0n ? 0 : fractionBits + 1 - mantissa.toString(2).length;
  mantissa <<= BigInt(shift);
  exponent = mantissa === 0n ? 0 : exponent + fractionBits - shift;
  if (precision !== undefined && precision < fractionBits / 4) {
    const dropped = BigInt(fractionBits - precision * 4);
    const half = 1n << (dropped - 1n);
    const rest = mantissa & ((1n << dropped) - 1n);
    const kept = mantissa >> dropped;
    const roundsUp = rest > half || (rest === half && (kept & 1n) === 1n);
    mantissa = (roundsUp ? kept + 1n : kept) << dropped;
  }
  if (mantissa >> BigInt(fractionBits) > 1n) {
    mantissa >>= 1n;
    exponent += 1;
  }
  const [first = "0", ...rest] = mantissa.toString(16).padStart(fractionBits / 4 + 1, "0");
  const digits = precision === undefined ? rest.join("").replace(/0+$/, "") : rest.join("").padEnd(precision, "0");
  const shown = digits.slice(0, precision);
  return `0x${first}${shown === "" ? "" : `.${shown}`}p${exponentText(exponent)}`;
}

function exponentText(exponent: number): string {
  return (exponent < 0 ? "-" : "+") + Math.abs(exponent).toString().padStart(2, "0");
}

/** For `#`: always a decimal point, and for `g` and `x` zeros up to the wanted number of digits. */
function withPoint(text: string, form: Form, precision: number | undefined): string {
  const wanted = form === "g" || form === "x" ? (precision ?? usualDigits) : 0;
  const end = text.search(form === "x" ? /p/ : /e/);
  const mantissa = end < 0 ? text : text.slice(0, end);
  const tail = end < 0 ? "" : text.slice(end);
  const hasPoint = mantissa.includes(".");
  const present = mantissa.replace(".", "").replace(/^0+/, "").length + (!hasPoint && mantissa === "0" ? 1 : 0);
  return `${mantissa}${hasPoint ? "" : "."}${"0".repeat(Math.max(wanted - present, 0))}${tail}`;
}
