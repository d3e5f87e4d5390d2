import { type Bytes, replacementRune, runesOf } from "../bytes.ts";
import { isTrue } from "../convert.ts";
import { CallRefused } from "../failure.ts";
import { shortestSingle } from "../format/decimal.ts";
import { serialize } from "../time/time-methods.ts";
import { byteType } from "../go-type.ts";
import type { ListValue, MapValue, StructValue, Value } from "../value.ts";

const escapes = new Map([
  ["\b", "\\b"],
  ["\t", "\\t"],
  ["\n", "\\n"],
  ["\f", "\\f"],
  ["\r", "\\r"],
  ['"', '\\"'],
  ["\\", "\\\\"],
]);

/** Code points that JavaScript takes for line breaks. */
const lineSeparators = new Set([0x2028, 0x2029]);

const special = /["\\\0-\x1f]|[\x80-\xff]+/g; // oxlint-disable-line no-control-regex -- these bytes are meant

/**
 * A value as JSON, and a line break behind; `""` for what JSON cannot say. With an indent, on several lines.
 *
 * Spec: regsync.md §3.2; Go `encoding/json`, without HTML escaping.
 */
export function toJson(value: Value, indent: "" | "  "): Bytes {
  try {
    return `${new JsonEncoder(indent).encode(value, "")}\n`;
  } catch (thrown) {
    if (thrown instanceof CallRefused) return "";
    throw thrown;
  }
}

class JsonEncoder {
  readonly #indent: string;

  constructor(indent: string) {
    this.#indent = indent;
  }

  /** `margin` is the indent of the line the value stands in. */
  encode(value: Value, margin: string): Bytes {
    switch (value.kind) {
      case "nil":
        return "null";
      case "interface":
        return this.encode(value.holds, margin);
      case "bool":
      case "integer":
        return String(value.value);
      case "float":
        return floatText(value.value, value.type.bits);
      case "string":
        return quoted(value.value);
      case "list":
        return this.#list(value, margin);
      case "map":
        return this.#map(value, margin);
      case "struct":
        return this.#struct(value, margin);
      case "time":
        return quoted(serialize(value));
      case "pointer":
        return value.to === undefined ? "null" : this.encode(value.to, margin);
      case "complex":
        throw new CallRefused("JSON has no complex numbers");
    }
  }

  #list({ type, items }: ListValue, margin: string): Bytes {
    if (items === undefined) return "null";
    if (type.element.name === byteType.name && !type.fixed) return quoted(base64(items));
    return this.#enclosed("[]", margin, (inner) => items.map((item) => this.encode(item, inner)));
  }

  #map({ type, entries }: MapValue, margin: string): Bytes {
    if (type.key.kind !== "string" && type.key.kind !== "integer") throw new CallRefused("JSON has no such keys");
    if (entries === undefined) return "null";
    const named = [...entries].map(([key, [, element]]) => [String(key), element] as const);
    named.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return this.#enclosed("{}", margin, (inner) => named.map(([key, element]) => this.#member(key, element, inner)));
  }

  #struct({ type, values }: StructValue, margin: string): Bytes {
    const present = type.fields
      .map((field, index) => ({ field, value: values[index] }))
      .filter(({ field, value }) => value !== undefined && !(field.omitEmpty && isEmpty(value)));
    return this.#enclosed("{}", margin, (inner) =>
      present.flatMap(({ field, value }) => (value === undefined ? [] : [this.#member(field.json, value, inner)])),
    );
  }

  #member(key: Bytes, value: Value, margin: string): Bytes {
    return `${quoted(key)}:${this.#indent === "" ? "" : " "}${this.encode(value, margin)}`;
  }

  #enclosed(brackets: string, margin: string, members: (innerMargin: string) => readonly Bytes[]): Bytes {
    const inner = margin + this.#indent;
    const texts = members(inner);
    if (this.#indent === "" || texts.length === 0) return brackets[0] + texts.join(",") + brackets[1];
    return `${brackets[0]}\n${inner}${texts.join(`,\n${inner}`)}\n${margin}${brackets[1]}`;
  }
}

/** Whether `omitempty` leaves a value out. */
function isEmpty(value: Value): boolean {
  switch (value.kind) {
    case "list":
      return (value.items?.length ?? 0) === 0;
    case "map":
      return (value.entries?.size ?? 0) === 0;
    case "struct":
    case "time":
    case "complex":
      return false;
    case "nil":
    case "bool":
    case "string":
    case "integer":
    case "float":
    case "pointer":
    case "interface":
      return !isTrue(value);
  }
}

/** JavaScript writes numbers in JSON as Go does, but for the sign of zero and for numbers of 32 bits. */
function floatText(value: number, bits: 32 | 64): Bytes {
  if (!Number.isFinite(value)) throw new CallRefused("JSON has no such number");
  if (Object.is(value, -0)) return "-0";
  return bits === 64 ? String(value) : String(Number(shortestSingle(value)));
}

function quoted(bytes: Bytes): Bytes {
  return `"${bytes.replaceAll(special, (run) => (run >= "\x80" ? escapeRunes(run) : escapeCharacter(run)))}"`;
}

function escapeCharacter(character: string): Bytes {
  return escapes.get(character) ?? unicodeEscape(character.charCodeAt(0));
}

/** Bytes that are no character become the escape of U+FFFD. */
function escapeRunes(run: Bytes): Bytes {
  const parts: Bytes[] = [];
  let at = 0;
  for (const { code, size } of runesOf(run)) {
    const isHidden = lineSeparators.has(code) || (code === replacementRune && size === 1);
    parts.push(isHidden ? unicodeEscape(code) : run.slice(at, at + size));
    at += size;
  }
  return parts.join("");
}

function unicodeEscape(code: number): Bytes {
  return `\\u${code.toString(16).padStart(4, "0")}`;
}

function base64(items: readonly Value[]): Bytes {
  return Buffer.from(items.map((item) => (item.kind === "integer" ? Number(item.value) : 0))).toString("base64");
}
