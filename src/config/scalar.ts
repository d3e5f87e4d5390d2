import type { YamlScalar } from "./yaml-document.ts";

/** How everything begins that is no text. */
const noText = /^(?:[-+.0-9~nNtTfF]|$)/;
const nullText = /^(?:null|Null|NULL|~|)$/;
const booleanText = /^(?:true|True|TRUE|false|False|FALSE)$/;
const integerText = /^[-+]?(?:0x[0-9a-fA-F][0-9a-fA-F_]*|0o?[0-7][0-7_]*|0b[01][01_]*|0|[1-9][0-9_]*)$/;
const floatText = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)(?:[eE][-+]?[0-9]+)?$/;
const specialText = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const decimalText = /^[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;

const largestInteger = (1n << 63n) - 1n;
const smallestInteger = -(1n << 63n);

/** What a scalar is before anybody says what it should be. Quoted ones are texts. Spec: regsync.md §2.1. */
export type ScalarKind = "null" | "boolean" | "integer" | "float" | "text";

/** Which kind a scalar is by the way it is written. */
export function kindOf({ text, isPlain }: YamlScalar): ScalarKind {
  if (!isPlain || !noText.test(text)) return "text";
  if (nullText.test(text)) return "null";
  if (booleanText.test(text)) return "boolean";
  if (integerText.test(text)) return "integer";
  return floatText.test(text) || specialText.test(text) ? "float" : "text";
}

/** A scalar where a text is wanted: numbers keep the text they have in the file. `undefined` for null. */
export function readText(scalar: YamlScalar): string | undefined {
  switch (kindOf(scalar)) {
    case "null":
      return undefined;
    case "boolean":
      return scalar.text.toLowerCase();
    case "integer":
    case "float":
    case "text":
      return scalar.text;
  }
}

/** `undefined` for anything but a plain `true` or `false`. */
export function readBoolean(scalar: YamlScalar): boolean | undefined {
  return kindOf(scalar) === "boolean" ? scalar.text.toLowerCase() === "true" : undefined;
}

/** A whole number, with fractions cut off; `undefined` for what is none, or needs more than 64 bits. */
export function readInteger(scalar: YamlScalar): bigint | undefined {
  if (kindOf(scalar) === "integer") return within64Bits(parseInteger(scalar.text));
  if (kindOf(scalar) === "text" && /^[-+]?[0-9]+$/.test(scalar.text)) return within64Bits(signed(scalar.text, BigInt));
  const number = readNumber(scalar);
  return number === undefined ? undefined : within64Bits(BigInt(Math.trunc(number)));
}

/** A number; `undefined` for what is none, or is not finite. */
export function readNumber(scalar: YamlScalar): number | undefined {
  const text = scalar.text;
  switch (kindOf(scalar)) {
    case "null":
    case "boolean":
      return undefined;
    case "integer":
      return Number(parseInteger(text));
    case "float":
      return finite(parseFloatText(text));
    case "text":
      return decimalText.test(text) ? finite(Number(text)) : undefined;
  }
}

/**
 * How the original prints a plain number where a text is wanted, when that is not the text in the file: `3.1` for
 * `3.10`, `8` for `010`. `undefined` when both are the same. Spec: regsync.md §0.12.
 */
export function reprintedByOriginal(scalar: YamlScalar): string | undefined {
  const text = scalar.text;
  const kind = kindOf(scalar);
  if (kind !== "integer" && kind !== "float") return undefined;
  const printed = kind === "integer" ? String(parseInteger(text)) : printFloat(parseFloatText(text));
  return printed === text ? undefined : printed;
}

function parseInteger(text: string): bigint {
  const digits = text.replaceAll("_", "");
  return signed(digits, (magnitude) => BigInt(magnitude.replace(/^0(?=[0-7]+$)/, "0o")));
}

function signed(text: string, parse: (magnitude: string) => bigint): bigint {
  const magnitude = parse(text.replace(/^[-+]/, ""));
  return text.startsWith("-") ? -magnitude : magnitude;
}

function within64Bits(value: bigint): bigint | undefined {
  return value < smallestInteger || value > largestInteger ? undefined : value;
}

function parseFloatText(text: string): number {
  const lower = text.toLowerCase();
  if (lower.endsWith("nan")) return Number.NaN;
  if (lower.endsWith("inf")) return lower.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(text.replaceAll("_", ""));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** A number as Go's `strconv.FormatFloat(value, 'g', -1, 64)` prints it. */
function printFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return String(value);
  return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}
