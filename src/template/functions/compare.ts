import { isComparable, unwrap, zeroOf } from "../convert.ts";
import { CallRefused } from "../failure.ts";
import { goBool, type Value } from "../value.ts";

/** `eq a b c…`: whether the first equals one of the others. Spec: regsync.md §3.2. */
export function equalsAny([first, ...others]: readonly Value[]): Value {
  if (first === undefined || others.length === 0) throw new CallRefused("there is nothing to compare with");
  return goBool(others.some((other) => equals(unwrap(first), unwrap(other))));
}

/** `ne a b`. */
export function differs([a, b]: readonly Value[]): Value {
  return goBool(!equals(inside(a), inside(b)));
}

/** `lt a b`. */
export function isLess([a, b]: readonly Value[]): Value {
  return goBool(less(inside(a), inside(b)));
}

/** `le a b`. */
export function isLessOrEqual([a, b]: readonly Value[]): Value {
  return goBool(lessOrEqual(inside(a), inside(b)));
}

/** `gt a b`: what is not less and not equal, so true where a side is NaN. */
export function isGreater([a, b]: readonly Value[]): Value {
  return goBool(!lessOrEqual(inside(a), inside(b)));
}

/** `ge a b`. */
export function isGreaterOrEqual([a, b]: readonly Value[]): Value {
  return goBool(!less(inside(a), inside(b)));
}

/** Whether two values of one type are the same, as Go's `==` has it. */
function isSame(a: Value, b: Value): boolean {
  if (a.type.name !== b.type.name) return false;
  if (a.kind === "list" && b.kind === "list") return allSame(a.items ?? [], b.items ?? []);
  if (a.kind === "struct" && b.kind === "struct") return allSame(a.values, b.values);
  if (a.kind === "pointer" && b.kind === "pointer") return a.to === b.to;
  if (a.kind === "time" && b.kind === "time") {
    const isSameInstant = a.seconds === b.seconds && a.nanosecond === b.nanosecond;
    return isSameInstant && JSON.stringify(a.zone) === JSON.stringify(b.zone);
  }
  return isSameBasic(a, b);
}

/** Whether a value is what its type has before anything is put into it. */
export function isZero(value: Value): boolean {
  if (value.kind === "list" && value.type.fixed) return (value.items ?? []).every(isZero);
  if (value.kind === "struct") return value.values.every(isZero);
  return isSame(value, zeroOf(value.type));
}

function allSame(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((value, index) => b[index] !== undefined && isSame(value, b[index]));
}

function inside(value: Value | undefined): Value {
  if (value === undefined) throw new TypeError("two arguments were promised");
  return unwrap(value);
}

/** Integers of every type compare with each other; otherwise both sides must be of one kind. */
function equals(a: Value, b: Value): boolean {
  if (isBasic(a) || isBasic(b)) {
    if (a.kind === b.kind) return isSameBasic(a, b);
    if (a.kind === "nil" || b.kind === "nil") return false;
    throw incompatible(a, b);
  }
  if (goKind(a) !== goKind(b) && a.kind !== "nil" && b.kind !== "nil") throw incompatible(a, b);
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
  if (!isComparable(b.type)) throw new CallRefused(`values of type ${b.type.name} cannot be compared`);
  return isSame(a, b);
}

function less(a: Value, b: Value): boolean {
  if (!isBasic(a) || !isBasic(b)) throw unordered(isBasic(a) ? b : a);
  if (a.kind !== b.kind) throw incompatible(a, b);
  if (a.kind === "integer" && b.kind === "integer") return a.value < b.value;
  if (a.kind === "float" && b.kind === "float") return a.value < b.value;
  if (a.kind === "string" && b.kind === "string") return a.value < b.value;
  throw unordered(a);
}

function lessOrEqual(a: Value, b: Value): boolean {
  return less(a, b) || equals(a, b);
}

/** Basic values of one kind may still be of two types, such as a number and a duration. */
function isSameBasic(a: Value, b: Value): boolean {
  if (a.kind === "complex" && b.kind === "complex") return a.real === b.real && a.imaginary === b.imaginary;
  return "value" in a && "value" in b && a.value === b.value;
}

function isBasic({ kind }: Value): boolean {
  return kind === "bool" || kind === "integer" || kind === "float" || kind === "complex" || kind === "string";
}

function goKind(value: Value): string {
  if (value.kind === "list") return value.type.fixed ? "array" : "slice";
  return value.kind === "time" ? "struct" : value.kind;
}

function isNil(value: Value): boolean {
  switch (value.kind) {
    case "nil":
      return true;
    case "list":
      return !value.type.fixed && value.items === undefined;
    case "map":
      return value.entries === undefined;
    case "pointer":
      return value.to === undefined;
    case "interface":
      return value.holds.kind === "nil";
    case "bool":
    case "string":
    case "integer":
    case "float":
    case "complex":
    case "struct":
    case "time":
      return false;
  }
}

function incompatible(a: Value, b: Value): CallRefused {
  return new CallRefused(`a ${a.type.name} and a ${b.type.name} cannot be compared`);
}

function unordered(value: Value): CallRefused {
  return new CallRefused(`values of type ${value.type.name} have no order`);
}
