import { canBeNil, isAssignable, zeroOf } from "./convert.ts";
import { CallRefused } from "./failure.ts";
import type { NumberNode, Operand } from "./node.ts";
import type { Parameter } from "./signature.ts";
import { complexType, type IntegerType } from "./go-type.ts";
import { goBool, goBytes, goFloat, goInt, goNil, type Value } from "./value.ts";

/** An operand that stands for itself. */
export type Constant = Extract<Operand, { readonly kind: "bool" | "number" | "string" }>;

/** A value as a parameter takes it. Throws `CallRefused` when it is of another type. */
export function conformTo(value: Value, wanted: Parameter): Value {
  if (wanted === "value") return value;
  if (value.kind === "nil") {
    if (!canBeNil(wanted)) throw new CallRefused(`there is no value where a ${wanted.name} is expected`);
    return wanted.kind === "interface" ? goNil : zeroOf(wanted);
  }
  const held = value.kind === "interface" && value.holds.kind !== "nil" ? value.holds : value;
  if (wanted.kind === "interface") return held.kind === "interface" ? goNil : held;
  if (isAssignable(held.type, wanted)) return held;
  if (held.kind === "pointer" && isAssignable(held.type.to, wanted)) {
    if (held.to === undefined) throw new CallRefused(`a nil pointer where a ${wanted.name} is expected`);
    return held.to;
  }
  throw new CallRefused(`a ${held.type.name} where a ${wanted.name} is expected`);
}

/** The word `nil` as a parameter takes it. Throws `CallRefused` when there is no nil of its type. */
export function nilFor(wanted: Parameter): Value {
  if (!canBeNil(wanted)) throw new CallRefused(`nil where a ${typeName(wanted)} is expected`);
  return wanted === "value" || wanted.kind === "interface" ? goNil : zeroOf(wanted);
}

/** A constant as a parameter takes it. Throws `CallRefused` when it does not fit. */
export function constantFor(constant: Constant, wanted: Parameter): Value {
  if (wanted === "value" || wanted.kind === "interface") return constantValue(constant);
  if (constant.kind === "bool" && wanted.kind === "bool") return goBool(constant.value);
  if (constant.kind === "string" && wanted.kind === "string") return goBytes(constant.value);
  if (constant.kind === "number" && wanted.kind === "integer") {
    const value = integerFor(constant, wanted);
    if (value !== undefined) return { kind: "integer", type: wanted, value };
  }
  throw new CallRefused(`a ${constant.kind} constant where a ${typeName(wanted)} is expected`);
}

/** The value of a constant that nothing asks a type of. Throws `CallRefused` for numbers no `int` can hold. */
export function constantValue(constant: Constant): Value {
  switch (constant.kind) {
    case "bool":
      return goBool(constant.value);
    case "string":
      return goBytes(constant.value);
    case "number":
      return numberValue(constant);
  }
}

function numberValue({ source, integer, float, complex }: NumberNode): Value {
  if (complex !== undefined) return { kind: "complex", type: complexType, ...complex };
  if (float !== undefined && isWrittenAsFloat(source)) return goFloat(float);
  if (integer === undefined) throw new CallRefused("a number that is too large for an int");
  return goInt(integer);
}

/** As in Go, the digit `E` of a hexadecimal number behind a sign makes it a float. */
function isWrittenAsFloat(source: string): boolean {
  if (source.startsWith("'")) return false;
  const isHexadecimalInteger = /^0[xX]/.test(source) && !/[pP]/.test(source);
  return !isHexadecimalInteger && /[.eEpP]/.test(source);
}

function integerFor({ integer, unsigned }: NumberNode, { signed, bits }: IntegerType): bigint | undefined {
  if (signed) return integer === undefined ? undefined : BigInt.asIntN(bits, integer);
  return unsigned === undefined ? undefined : BigInt.asUintN(bits, unsigned);
}

function typeName(wanted: Parameter): string {
  return wanted === "value" ? "value" : wanted.name;
}
