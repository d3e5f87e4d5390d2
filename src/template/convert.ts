import type { Parameter } from "./signature.ts";
import type { GoType } from "./go-type.ts";
import { goNil, nilInterface, type Value } from "./value.ts";

/** A value without the wrapping of `interface {}`; an empty wrapping is `goNil`. */
export function unwrap(value: Value): Value {
  return value.kind === "interface" ? value.holds : value;
}

/** Follows pointers and wrappings to the end. Stops at a nil one, and says so. */
export function followPointers(value: Value): { value: Value; isNil: boolean } {
  let current = value;
  for (;;) {
    if (current.kind === "interface") {
      if (current.holds.kind === "nil") return { value: current, isNil: true };
      current = current.holds;
    } else if (current.kind === "pointer") {
      if (current.to === undefined) return { value: current, isNil: true };
      current = current.to;
    } else {
      return { value: current, isNil: false };
    }
  }
}

/** Whether Go accepts a value of one type where another is asked for. */
export function isAssignable(type: GoType, wanted: GoType): boolean {
  return wanted.kind === "interface" || (type.kind === wanted.kind && type.name === wanted.name);
}

/** Whether there is a nil of this type. */
export function canBeNil(type: Parameter): boolean {
  if (type === "value") return true;
  return type.kind === "interface" || type.kind === "map" || type.kind === "pointer" || isSlice(type);
}

function isSlice(type: GoType): boolean {
  return type.kind === "list" && !type.fixed;
}

/** Whether Go's `==` exists for values of this type. */
export function isComparable(type: GoType): boolean {
  switch (type.kind) {
    case "map":
      return false;
    case "list":
      return type.fixed && isComparable(type.element);
    case "struct":
      return type.fields.every((field) => isComparable(field.type));
    case "nil":
    case "bool":
    case "string":
    case "integer":
    case "float":
    case "complex":
    case "time":
    case "pointer":
    case "interface":
      return true;
  }
}

/** The value that a variable of this type has before anything is put into it. */
export function zeroOf(type: GoType): Value {
  switch (type.kind) {
    case "nil":
      return goNil;
    case "bool":
      return { kind: "bool", type, value: false };
    case "string":
      return { kind: "string", type, value: "" };
    case "integer":
      return { kind: "integer", type, value: 0n };
    case "float":
      return { kind: "float", type, value: 0 };
    case "complex":
      return { kind: "complex", type, real: 0, imaginary: 0 };
    case "list":
      return { kind: "list", type, items: undefined };
    case "map":
      return { kind: "map", type, entries: undefined };
    case "struct":
      return { kind: "struct", type, values: type.fields.map((field) => zeroOf(field.type)) };
    case "time":
      return { kind: "time", type, seconds: zeroTimeSeconds, nanosecond: 0, zone: { kind: "utc" } };
    case "pointer":
      return { kind: "pointer", type, to: undefined };
    case "interface":
      return nilInterface;
  }
}

/** Midnight of the first of January of the year 1, UTC. */
export const zeroTimeSeconds = -62_135_596_800n;

/** An element as reading it from its list or map gives it: in a wrapping, when those hold anything. */
export function asElement(value: Value, type: GoType): Value {
  return type.kind === "interface" ? { kind: "interface", type, holds: value } : value;
}

/** Whether a condition takes a value as true: everything but zero, nothing and emptiness. */
export function isTrue(value: Value): boolean {
  switch (value.kind) {
    case "nil":
      return false;
    case "bool":
      return value.value;
    case "string":
      return value.value !== "";
    case "integer":
      return value.value !== 0n;
    case "float":
      return value.value !== 0;
    case "complex":
      return value.real !== 0 || value.imaginary !== 0;
    case "list":
      return value.items !== undefined && value.items.length > 0;
    case "map":
      return value.entries !== undefined && value.entries.size > 0;
    case "pointer":
      return value.to !== undefined;
    case "interface":
      return value.holds.kind !== "nil";
    case "struct":
    case "time":
      return true;
  }
}
