/** The decimal digits of a positive number, none of them a leading or trailing zero: `0.digits × 10^point`. */
export interface Decimal {
  readonly digits: string;
  readonly point: number;
}

const zero: Decimal = { digits: "", point: 0 };
const bits = new DataView(new ArrayBuffer(8));

/** A finite number, not negative, as `mantissa × 2^exponent`, the way its size stores it. */
export function binaryOf(value: number, size: 32 | 64): { mantissa: bigint; exponent: number } {
  if (size === 32) bits.setFloat32(0, value);
  else bits.setFloat64(0, value);
  const raw = size === 32 ? BigInt(bits.getUint32(0)) : bits.getBigUint64(0);
  const fractionBits = size === 32 ? 23n : 52n;
  const smallestExponent = size === 32 ? -149 : -1074;
  const biased = Number(raw >> fractionBits);
  const fraction = raw & ((1n << fractionBits) - 1n);
  if (biased === 0) return { mantissa: fraction, exponent: smallestExponent };
  return { mantissa: fraction | (1n << fractionBits), exponent: smallestExponent + biased - 1 };
}

/** All digits of a finite number, not negative. */
export function exactDecimal(value: number): Decimal {
  if (value === 0) return zero;
  const { mantissa, exponent } = binaryOf(value, 64);
  const whole = exponent >= 0 ? mantissa << BigInt(exponent) : mantissa * 5n ** BigInt(-exponent);
  const digits = whole.toString();
  return withoutTrailingZeros(digits, digits.length + Math.min(exponent, 0));
}

/** The fewest digits that no other number of this size is closer to. */
export function shortestDecimal(value: number, size: 32 | 64): Decimal {
  if (value === 0) return zero;
  const [mantissa = "", exponent = ""] = (size === 64 ? value.toExponential() : shortestSingle(value)).split("e");
  return withoutTrailingZeros(mantissa.replace(".", ""), Number(exponent) + 1);
}

/** Keeps so many digits; halves go to the even digit. */
export function roundDecimal({ digits, point }: Decimal, keep: number): Decimal {
  if (keep < 0 || keep >= digits.length) return { digits, point };
  const kept = digits.slice(0, keep);
  const next = digits.charCodeAt(keep) - 48;
  const isHalf = next === 5 && keep + 1 === digits.length;
  const roundsUp = isHalf ? keep > 0 && (kept.charCodeAt(keep - 1) - 48) % 2 === 1 : next >= 5;
  if (!roundsUp) return withoutTrailingZeros(kept, point);
  const raised = (BigInt(`0${kept}`) + 1n).toString().padStart(keep, "0");
  return withoutTrailingZeros(raised, point + raised.length - keep);
}

/** The shortest text that gives the same number of 32 bits again. */
export function shortestSingle(value: number): string {
  for (let digits = 0; digits < 9; digits += 1) {
    const text = value.toExponential(digits);
    if (Math.fround(Number(text)) === value) return text;
  }
  return value.toExponential();
}

function withoutTrailingZeros(digits: string, point: number): Decimal {
  const kept = digits.replace(/0+$/, "");
  return kept === "" ? zero : { digits: kept, point };
}
