import document from "../../config/regsync.schema.json" with { type: "json" };

/** What the schema says about one value, as far as reading it goes. Empty (null) is allowed everywhere. */
export type Shape = TextShape | { readonly kind: "boolean" | "integer" | "number" } | ListShape | RecordShape;

/** A text, and what it stands for. */
export interface TextShape {
  readonly kind: "text";
  readonly isDuration: boolean;
  readonly isAboveZero: boolean;
  /** Whether a number stands for so many nanoseconds. */
  readonly countsNanoseconds: boolean;
  readonly ignoresCase: boolean;
  readonly isSecret: boolean;
}

/** A list of values of one shape. */
export interface ListShape {
  readonly kind: "list";
  readonly item: Shape;
}

/** A mapping with keys that are known, or with any. */
export interface RecordShape {
  readonly kind: "record";
  readonly keys: ReadonlyMap<string, Property>;
  /** What the values of all other keys are, when any key is allowed. */
  readonly others: Shape | undefined;
}

/** One key of a record. */
export interface Property {
  readonly shape: Shape;
  /** Why writing the key is no use, for keys that do nothing. */
  readonly noEffect: string | undefined;
  /** A value as people write it; `undefined` when there is no usual one. */
  readonly example: string | undefined;
}

/** The part of JSON Schema that says how a value is read; `ajv` knows the rest. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly pattern?: string;
  readonly writeOnly?: boolean;
  readonly deprecated?: boolean;
  readonly description?: string;
  readonly examples?: readonly unknown[];
  readonly "x-ignoreCase"?: boolean;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** `config/regsync.schema.json`: the one place that says which keys there are. */
export const schemaDocument: object = document;

const schema: Schema = document;
const definitions = schema.$defs ?? {};

/** The shape of the whole file. */
export const fileShape: RecordShape = recordOf(schema);

/** Whether a value of this shape is a secret. */
export function isSecret(shape: Shape): boolean {
  return shape.kind === "text" && shape.isSecret;
}

/** Whether there may be a secret in a value of this shape. */
export function mayHoldSecret(shape: Shape): boolean {
  if (shape.kind === "list") return mayHoldSecret(shape.item);
  if (shape.kind !== "record") return isSecret(shape);
  return [...shape.keys.values()].some((property) => mayHoldSecret(property.shape));
}

function shapeOf(schema: Schema): Shape {
  const types = new Set([schema.type ?? []].flat());
  if (types.has("object")) return recordOf(schema);
  if (types.has("array")) return { kind: "list", item: shapeOf(resolve(schema.items ?? {})) };
  if (types.has("boolean")) return { kind: "boolean" };
  if (types.has("string")) {
    return {
      kind: "text",
      isDuration: schema.format === "go-duration",
      isAboveZero: schema.pattern !== undefined && !new RegExp(schema.pattern, "u").test("0s"),
      countsNanoseconds: types.has("integer"),
      ignoresCase: schema["x-ignoreCase"] ?? false,
      isSecret: schema.writeOnly ?? false,
    };
  }
  return { kind: types.has("integer") ? "integer" : "number" };
}

function recordOf(schema: Schema): RecordShape {
  const others = schema.additionalProperties;
  return {
    kind: "record",
    keys: new Map(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, propertyOf(resolve(value))])),
    others: typeof others === "object" ? shapeOf(resolve(others)) : undefined,
  };
}

function propertyOf(schema: Schema): Property {
  const noEffect = schema.deprecated === true ? asMessage(schema.description ?? "") : undefined;
  const [example] = schema.examples ?? [];
  return { shape: shapeOf(schema), noEffect, example: example === undefined ? undefined : JSON.stringify(example) };
}

/** A description as the end of a complaint. */
function asMessage(description: string): string {
  return description.charAt(0).toLowerCase() + description.slice(1).replace(/\.$/, "");
}

/** A schema with what it refers to; what it says itself wins. */
function resolve(schema: Schema): Schema {
  const name = schema.$ref?.replace("#/$defs/", "");
  return name === undefined ? schema : { ...resolve(definitions[name] ?? {}), ...schema };
}
