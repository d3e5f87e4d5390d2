import type { Methods } from "./value.ts";

/** The static type of a value, as far as a template can tell. `name` is Go's, as `%T` prints it. */
export type GoType =
  | { readonly kind: "nil"; readonly name: string }
  | { readonly kind: "bool"; readonly name: string }
  | { readonly kind: "string"; readonly name: string }
  | IntegerType
  | { readonly kind: "float"; readonly name: string; readonly bits: 32 | 64 }
  | { readonly kind: "complex"; readonly name: string }
  | ListType
  | MapType
  | StructType
  | { readonly kind: "time"; readonly name: string }
  | PointerType
  | { readonly kind: "interface"; readonly name: string };

/** An integer type; a named one such as `time.Duration` may have methods. */
export interface IntegerType {
  readonly kind: "integer";
  readonly name: string;
  readonly signed: boolean;
  readonly bits: 8 | 16 | 32 | 64;
}

/** A slice or an array. */
export interface ListType {
  readonly kind: "list";
  readonly name: string;
  readonly element: GoType;
  /** Whether it is an array, which cannot be nil and cannot be sliced. */
  readonly fixed: boolean;
}

/** A map; its keys are booleans, texts or numbers. */
export interface MapType {
  readonly kind: "map";
  readonly name: string;
  readonly key: GoType;
  readonly element: GoType;
}

/** A struct with its fields in order. */
export interface StructType {
  readonly kind: "struct";
  readonly name: string;
  readonly fields: readonly FieldType[];
  readonly methods: Methods;
}

/** A field of a struct type. */
export interface FieldType {
  readonly name: string;
  /** The key under which `json` prints it. */
  readonly json: string;
  /** Whether `json` leaves it out when it is empty. */
  readonly omitEmpty: boolean;
  readonly type: GoType;
}

/** A pointer, nil or not. */
export interface PointerType {
  readonly kind: "pointer";
  readonly name: string;
  readonly to: GoType;
}

const noMethods: Methods = new Map();

/** The types that have a name of their own. */
export const nilType: GoType = { kind: "nil", name: "<nil>" };
export const boolType: GoType = { kind: "bool", name: "bool" };
export const stringType: GoType = { kind: "string", name: "string" };
export const intType: IntegerType = { kind: "integer", name: "int", signed: true, bits: 64 };
export const int64Type: IntegerType = { kind: "integer", name: "int64", signed: true, bits: 64 };
export const byteType: IntegerType = { kind: "integer", name: "uint8", signed: false, bits: 8 };
export const monthType: IntegerType = { kind: "integer", name: "time.Month", signed: true, bits: 64 };
export const weekdayType: IntegerType = { kind: "integer", name: "time.Weekday", signed: true, bits: 64 };
export const durationType: IntegerType = { kind: "integer", name: "time.Duration", signed: true, bits: 64 };
export const floatType = { kind: "float", name: "float64", bits: 64 } as const;
export const complexType: GoType = { kind: "complex", name: "complex128" };
export const timeType: GoType = { kind: "time", name: "time.Time" };
export const anyType: GoType = { kind: "interface", name: "interface {}" };
export const stringListType = listType(stringType);

/** The type of a slice. */
export function listType(element: GoType): ListType {
  return { kind: "list", name: `[]${element.name}`, element, fixed: false };
}

/** The type of a map. */
export function mapType(key: GoType, element: GoType): MapType {
  return { kind: "map", name: `map[${key.name}]${element.name}`, key, element };
}

/** The type of a struct. Without fields it is good for what is only named: empty lists and nil pointers. */
export function structType(name: string, fields: readonly FieldType[] = [], methods: Methods = noMethods): StructType {
  return { kind: "struct", name, fields, methods };
}

/** The type of a pointer. */
export function pointerType(to: GoType): PointerType {
  return { kind: "pointer", name: `*${to.name}`, to };
}
