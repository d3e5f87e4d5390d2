import { type Bytes, replacementRune, runeToBytes } from "../bytes.ts";
import { isPrintable, quoteRune } from "../quote.ts";
import { type Flags, pad, padWithBlanks } from "./flags.ts";

const bases = new Map([
  ["b", 2],
  ["o", 8],
  ["O", 8],
  ["x", 16],
  ["X", 16],
]);

const sharpPrefixes = new Map([
  [2, "0b"],
  [8, "0"],
  [16, "0x"],
]);

const largestRune = 0x10ffffn;

/** An integer as a verb wants it; `undefined` when the verb is none for integers. Spec: Go `fmt`, "Integer". */
export function formatInteger(value: bigint, verb: Bytes, flags: Flags): Bytes | undefined {
  switch (verb) {
    case "b":
    case "d":
    case "o":
    case "O":
    case "v":
    case "x":
    case "X":
      return formatDigits(value, verb, flags);
    case "c":
      return pad(runeToBytes(runeOf(value)), flags);
    case "q":
      return pad(quoteRune(runeOf(value), flags.plus), flags);
    case "U":
      return formatCodePoint(value, flags);
    default:
      return undefined;
  }
}

/** An integer in the base of a verb, with sign, prefix and filling zeros. */
export function formatDigits(value: bigint, verb: Bytes, flags: Flags): Bytes {
  const { precision, width, zero, minus, plus, space, sharp } = flags;
  if (precision === 0 && value === 0n) return " ".repeat(width ?? 0);
  const base = bases.get(verb) ?? 10;
  const sign = value < 0n ? "-" : plus ? "+" : space ? " " : "";
  const fill = zero && !minus ? (width ?? 0) - sign.length : 0;
  const digits = (value < 0n ? -value : value).toString(base).padStart(precision ?? fill, "0");
  const needsPrefix = sharp && !(base === 8 && digits.startsWith("0"));
  const prefix = (verb === "O" ? "0o" : "") + (needsPrefix ? (sharpPrefixes.get(base) ?? "") : "");
  const text = verb === "X" ? (prefix + digits).toUpperCase() : prefix + digits;
  return padWithBlanks(sign + text, flags);
}

/** `U+0061`, and with `#` the character itself behind it. */
function formatCodePoint(value: bigint, flags: Flags): Bytes {
  const unsigned = BigInt.asUintN(64, value);
  const digits = unsigned.toString(16).toUpperCase();
  const shown = flags.sharp && unsigned <= largestRune && isPrintable(Number(unsigned));
  const character = shown ? ` '${runeToBytes(Number(unsigned))}'` : "";
  return padWithBlanks(`U+${digits.padStart(Math.max(4, flags.precision ?? 0), "0")}${character}`, flags);
}

function runeOf(value: bigint): number {
  const isRune = value >= 0n && value <= largestRune && !(value >= 0xd800n && value <= 0xdfffn);
  return isRune ? Number(value) : replacementRune;
}
