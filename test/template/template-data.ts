import { posix } from "node:path";
import { toBytes } from "../../src/template/bytes.ts";
import {
  anyType,
  boolType,
  durationType,
  type FieldType,
  type GoType,
  type IntegerType,
  listType,
  mapType,
  pointerType,
  stringType,
  structType,
} from "../../src/template/go-type.ts";
import { goMap, goNil, type Value } from "../../src/template/value.ts";
import type { TemplateWorld } from "../../src/template/world.ts";
import { readVectorDocument } from "../support/vectors.ts";
import { referenceValue } from "./reference-value.ts";

/** A value as `template-data.json` writes it. */
interface Notation {
  readonly type: string;
  readonly nil?: true;
  readonly value?: string | boolean;
  readonly list?: readonly Notation[];
  readonly map?: readonly (readonly [Notation, Notation])[];
  readonly to?: Notation;
  readonly fields?: readonly { name: string; json?: string; omitempty?: boolean; value: Notation }[];
}

interface TemplateData {
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, Notation>>;
}

const { env, files, data } = readVectorDocument<TemplateData>("template-data.json");

/** The world of the vectors: their environment, their files, and UTC. */
export const vectorWorld: TemplateWorld = {
  env: (name) => (Object.hasOwn(env, name) ? (env[name] ?? "") : ""),
  file: (path) => (Object.hasOwn(files, posix.normalize(path)) ? files[posix.normalize(path)] : undefined),
  now: () => Date.UTC(2024, 1, 29, 23, 59, 58, 123),
  timeZone: "UTC",
};

/** One of the data objects of the vectors, as ours are: booleans of an entry are no pointers. */
export function vectorData(name: string): Value {
  const notation = data[name];
  if (notation === undefined) throw new Error(`no data named ${name}`);
  return toValue(notation);
}

function toValue(notation: Notation): Value {
  const { to, fields } = notation;
  if (notation.type === "*bool") return toValue(to ?? { type: "bool", value: false });
  if (notation.type === "ref.Ref") return referenceValue(fields?.map(({ value }) => String(value.value)) ?? []);
  if (fields !== undefined) {
    const values = fields.map(({ value }) => toValue(value));
    const types = fields.map(
      ({ name, json = name, omitempty = false }, index): FieldType => ({
        name,
        json,
        omitEmpty: omitempty,
        type: values[index]?.type ?? anyType,
      }),
    );
    return { kind: "struct", type: structType(notation.type, types), values };
  }
  return ofType(typeNamed(notation.type), notation);
}

function ofType(type: GoType, { value, list, map, to }: Notation): Value {
  switch (type.kind) {
    case "nil":
      return goNil;
    case "bool":
      return { kind: "bool", type, value: value === true };
    case "string":
      return { kind: "string", type, value: toBytes(String(value)) };
    case "integer":
      return { kind: "integer", type, value: BigInt(String(value)) };
    case "float":
      return { kind: "float", type, value: floatOf(String(value), type.bits) };
    case "list":
      return { kind: "list", type, items: list?.map(toValue) };
    case "map":
      return goMap(
        type,
        map?.map(([key, element]) => [toValue(key), toValue(element)] as const),
      );
    case "pointer":
      return { kind: "pointer", type: to === undefined ? type : pointerType(toValue(to).type), to: to && toValue(to) };
    case "struct":
    case "complex":
    case "time":
    case "interface":
      throw new Error(`no value of type ${type.name} is expected here`);
  }
}

function floatOf(text: string, bits: 32 | 64): number {
  const value = Number(text.replace("Inf", "Infinity"));
  return bits === 32 ? Math.fround(value) : value;
}

function typeNamed(name: string): GoType {
  const [, array, element] = /^\[(\d*)\](.+)$/.exec(name) ?? [];
  if (element !== undefined) {
    const list = listType(typeNamed(element));
    return array === "" ? list : { ...list, name, fixed: true };
  }
  const [, key, value] = /^map\[(\w+)\](.+)$/.exec(name) ?? [];
  if (key !== undefined && value !== undefined) return mapType(typeNamed(key), typeNamed(value));
  if (name.startsWith("*")) return pointerType(typeNamed(name.slice(1)));
  if (name === "interface {}") return anyType;
  if (name === "nil") return goNil.type;
  if (name === "bool") return boolType;
  if (name === "string") return stringType;
  if (name === "time.Duration") return durationType;
  if (name === "float64" || name === "float32") return { kind: "float", name, bits: name === "float64" ? 64 : 32 };
  return integerNamed(name) ?? structType(name);
}

function integerNamed(name: string): IntegerType | undefined {
  const [, unsigned, size] = /^(u?)int(8|16|32|64)?$/.exec(name) ?? [];
  if (unsigned === undefined) return undefined;
  const bits = size === "8" ? 8 : size === "16" ? 16 : size === "32" ? 32 : 64;
  return { kind: "integer", name, signed: unsigned === "", bits };
}
