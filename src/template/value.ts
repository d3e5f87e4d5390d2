import type { Budget } from "./budget.ts";
import { type Bytes, toBytes } from "./bytes.ts";
import {
  anyType,
  boolType,
  durationType,
  floatType,
  type GoType,
  type IntegerType,
  intType,
  type ListType,
  listType,
  type MapType,
  mapType,
  nilType,
  type PointerType,
  pointerType,
  type StructType,
  stringListType,
  stringType,
  structType,
} from "./go-type.ts";
import type { TemplateWorld } from "./world.ts";

/** A value together with its type. */
export type Value =
  | NilValue
  | { readonly kind: "bool"; readonly type: GoType; readonly value: boolean }
  | StringValue
  | IntegerValue
  | { readonly kind: "float"; readonly type: GoType & { readonly kind: "float" }; readonly value: number }
  | { readonly kind: "complex"; readonly type: GoType; readonly real: number; readonly imaginary: number }
  | ListValue
  | MapValue
  | StructValue
  | TimeValue
  | PointerValue
  | InterfaceValue;

/** No value at all: the untyped `nil`, and what a missing key gives. */
export interface NilValue {
  readonly kind: "nil";
  readonly type: GoType;
}

/** A text. */
export interface StringValue {
  readonly kind: "string";
  readonly type: GoType;
  readonly value: Bytes;
}

/** An integer of any size and sign. */
export interface IntegerValue {
  readonly kind: "integer";
  readonly type: IntegerType;
  readonly value: bigint;
}

/** A slice or an array. */
export interface ListValue {
  readonly kind: "list";
  readonly type: ListType;
  /** `undefined` is the nil list. */
  readonly items: readonly Value[] | undefined;
  /** Elements behind the end of a slice that slicing it again can reach. */
  readonly behind?: readonly Value[];
}

/** What a key is looked up by. */
type MapKey = string | bigint | number | boolean;

/** A map. */
export interface MapValue {
  readonly kind: "map";
  readonly type: MapType;
  /** In the order of the keys; `undefined` is the nil map. */
  readonly entries: ReadonlyMap<MapKey, readonly [key: Value, element: Value]> | undefined;
}

/** A struct. */
export interface StructValue {
  readonly kind: "struct";
  readonly type: StructType;
  /** In the order of the type's fields. */
  readonly values: readonly Value[];
}

/** An instant with the zone it is shown in. */
export interface TimeValue {
  readonly kind: "time";
  readonly type: GoType;
  /** Whole seconds since 1970, any sign. */
  readonly seconds: bigint;
  /** From 0 to 999,999,999. */
  readonly nanosecond: number;
  readonly zone: Zone;
}

/** Where a time is shown: UTC, a fixed offset with an optional name, or the local zone of the machine. */
export type Zone =
  | { readonly kind: "utc" }
  | { readonly kind: "fixed"; readonly name: string; readonly offsetSeconds: number }
  | { readonly kind: "local"; readonly timeZone: string };

/** A pointer. */
export interface PointerValue {
  readonly kind: "pointer";
  readonly type: PointerType;
  /** `undefined` is the nil pointer. */
  readonly to: Value | undefined;
}

/** An element that was read from a list or map of `interface {}`, still in its wrapping. */
export interface InterfaceValue {
  readonly kind: "interface";
  readonly type: GoType;
  /** `goNil` when there is nothing in it. */
  readonly holds: Value;
}

/** What a function or method may ask for while it runs. */
export interface CallContext {
  readonly world: TemplateWorld;
  readonly budget: Budget;
}

/** A method of a value. Throwing `CallRefused` or a `Failure` stops the template at the place of the call. */
export interface Method {
  /** The arguments are already of these types when it is called. */
  readonly parameters: readonly GoType[];
  call(args: readonly Value[], receiver: Value, context: CallContext): Value;
}

/** What can be called on a value, by name. */
export type Methods = ReadonlyMap<string, Method>;

/** One field of a struct, for `goStruct`. */
export interface Field {
  readonly name: string;
  readonly json: string;
  readonly omitEmpty?: boolean;
  readonly value: Value;
}

/** The untyped `nil`. */
export const goNil: NilValue = { kind: "nil", type: nilType };
/** The interface with nothing in it. */
export const nilInterface: InterfaceValue = { kind: "interface", type: anyType, holds: goNil };

/** A `bool`. */
export function goBool(value: boolean): Value {
  return { kind: "bool", type: boolType, value };
}

/** An `int`. */
export function goInt(value: number | bigint): IntegerValue {
  return { kind: "integer", type: intType, value: BigInt(value) };
}

/** A `float64`. */
export function goFloat(value: number): Value {
  return { kind: "float", type: floatType, value };
}

/** A `string`, from the text of the rest of the program. */
export function goString(text: string): StringValue {
  return goBytes(toBytes(text));
}

/** A `string`, from text of the template language. */
export function goBytes(value: Bytes): StringValue {
  return { kind: "string", type: stringType, value };
}

/** A `[]string`; `undefined` gives the nil list. */
export function goStringList(texts: readonly string[] | undefined): ListValue {
  return { kind: "list", type: stringListType, items: texts?.map(goString) };
}

/** A list of elements of one type (of any, when that is `anyType`); `undefined` gives the nil list. */
export function goList(element: GoType, items: readonly Value[] | undefined): ListValue {
  return { kind: "list", type: listType(element), items };
}

/** A `map[string]string`; `undefined` gives the nil map. */
export function goStringMap(entries: Iterable<readonly [string, string]> | undefined): MapValue {
  const pairs = entries && [...entries].map(([key, text]) => [goString(key), goString(text)] as const);
  return goMap(mapType(stringType, stringType), pairs);
}

/** A map whose keys are booleans, texts or numbers; `undefined` gives the nil map. */
export function goMap(type: MapType, pairs: readonly (readonly [Value, Value])[] | undefined): MapValue {
  if (pairs === undefined) return { kind: "map", type, entries: undefined };
  const keyed = pairs.map((pair) => [mapKeyOf(pair[0]), pair] as const);
  return { kind: "map", type, entries: new Map(keyed.sort(([a], [b]) => compareKeys(a, b))) };
}

/** A struct with its fields in order, and the methods that templates may call on it. */
export function goStruct(name: string, fields: readonly Field[], methods?: Methods): StructValue {
  const types = fields.map(({ name, json, omitEmpty = false, value }) => ({ name, json, omitEmpty, type: value.type }));
  return { kind: "struct", type: structType(name, types, methods), values: fields.map(({ value }) => value) };
}

/** A pointer to a value. */
export function goPointer(to: Value): PointerValue {
  return { kind: "pointer", type: pointerType(to.type), to };
}

/** The nil pointer to values of a type. */
export function goNilPointer(to: GoType): PointerValue {
  return { kind: "pointer", type: pointerType(to), to: undefined };
}

/** A `time.Duration` of so many nanoseconds. */
export function goDuration(ns: bigint): IntegerValue {
  return { kind: "integer", type: durationType, value: ns };
}

function mapKeyOf(key: Value): MapKey {
  const { kind } = key;
  if (kind === "bool" || kind === "string" || kind === "integer" || kind === "float") return key.value;
  throw new TypeError(`a map with keys of type ${key.type.name}`);
}

function compareKeys(a: MapKey, b: MapKey): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The bytes of an argument that a signature promised to be a string. */
export function bytesOf(value: Value | undefined): Bytes {
  if (value?.kind !== "string") throw new TypeError(`a ${value?.type.name} was promised to be a string`);
  return value.value;
}

/** The number in an argument that a signature promised to be an integer. */
export function integerOf(value: Value | undefined): bigint {
  if (value?.kind !== "integer") throw new TypeError(`a ${value?.type.name} was promised to be an integer`);
  return value.value;
}

/** An argument that a signature promised to be a time. */
export function timeOf(value: Value | undefined): TimeValue {
  if (value?.kind !== "time") throw new TypeError(`a ${value?.type.name} was promised to be a time`);
  return value;
}
