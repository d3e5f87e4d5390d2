import type { Findings } from "./findings.ts";
import { follow, Mappings, unknown } from "./mapping.ts";
import { describeDuration, describeMismatch } from "./mismatch.ts";
import type { Places } from "./places.ts";
import { kindOf, readBoolean, readInteger, readNumber, readText, reprintedByOriginal } from "./scalar.ts";
import type { ListShape, Property, RecordShape, Shape, TextShape } from "./shape.ts";
import { explainUnknownKey } from "./unknown-key.ts";
import type { YamlContent, YamlDocument, YamlMapping, YamlNode, YamlScalar, YamlSequence } from "./yaml-document.ts";

/** What stands for a value that is not what it should be, and was complained about. */
const wrong = Symbol("wrong");

/** A list or record that was read before, as what, and how many values there are in it. */
interface Decoded {
  readonly shape: Shape;
  readonly value: unknown;
  readonly size: number;
}

/**
 * Reads a document into plain objects as the shape says: texts, booleans, numbers, lists and records, by the rules
 * of the original's YAML library. Empty values are left out, and so are wrong ones, after a complaint for each.
 *
 * Aliases of one node give one object, so that the result takes no more memory than the text does.
 * Throws `ExpansionTooLarge`. Spec: regsync.md §2.1.
 */
export function decodeDocument(yaml: YamlDocument, shape: RecordShape, places: Places, findings: Findings): object {
  if (yaml.root === undefined) return {};
  const value = new Decoder(yaml, places, findings).decode(yaml.root, plain(shape));
  return typeof value === "object" && value !== null ? value : {};
}

class Decoder {
  readonly #places: Places;
  readonly #findings: Findings;
  readonly #mappings: Mappings;
  /** `undefined` when nothing is read twice. */
  readonly #decoded: Map<YamlContent, Decoded> | undefined;
  /** The way to the value that is being read. One for all: nearly every value is one that nobody complains about. */
  readonly #path: (string | number)[] = [];

  constructor(yaml: YamlDocument, places: Places, findings: Findings) {
    this.#places = places;
    this.#findings = findings;
    this.#mappings = new Mappings(yaml, findings);
    this.#decoded = yaml.hasAliases ? new Map() : undefined;
  }

  /** The value of a node; `undefined` when it is empty, `wrong` when it is not what it should be. */
  decode(node: YamlNode, property: Property): unknown {
    const target = follow(node);
    if (target === unknown) return wrong;
    const { shape } = property;
    if (target.kind === "scalar") {
      this.#mappings.spend(1);
      return this.#decodeScalar(target, property);
    }
    const known = this.#decoded?.get(target);
    if (known?.shape === shape) {
      this.#mappings.spend(known.size);
      return known.value;
    }
    const before = this.#mappings.size;
    this.#mappings.spend(1);
    const value = this.#decodeCollection(target, property);
    this.#decoded?.set(target, { shape, value, size: this.#mappings.size - before });
    return value;
  }

  #decodeCollection(node: YamlContent, property: Property): unknown {
    const { shape } = property;
    if (node.kind === "mapping" && shape.kind === "record") return this.#decodeRecord(node, shape);
    if (node.kind === "sequence" && shape.kind === "list") return this.#decodeList(node, shape);
    return this.#refuse(node, describeMismatch(node, property, this.#path));
  }

  #decodeRecord(map: YamlMapping, shape: RecordShape): object {
    const record: Record<string, unknown> = emptyRecord(shape);
    const offsets: Record<string, number> = emptyRecord(shape);
    const others = shape.others === undefined ? undefined : plain(shape.others);
    const { items, incomplete } = this.#mappings.read(map, this.#path);
    this.#places.note(record, offsets);
    if (incomplete) this.#places.markIncomplete(record);
    for (const [name, item] of items) {
      const property = shape.keys.get(name) ?? others;
      if (property === undefined) {
        this.#warnOfUnknown(name, item.key, shape);
        continue;
      }
      this.#path.push(name);
      const value = this.decode(item.value, property) ?? (others === undefined ? undefined : "");
      if (value !== undefined) {
        if (property.noEffect !== undefined) this.#findings.warn(this.#path, property.noEffect, item.key.start);
        if (value !== wrong) record[name] = value;
        offsets[name] = placeOf(typeof value === "object" ? item.key : item.value, value);
      }
      this.#path.pop();
    }
    return record;
  }

  #decodeList(list: YamlSequence, { item }: ListShape): unknown[] {
    const property = plain(item);
    const values: unknown[] = [];
    const offsets: number[] = [];
    for (const [position, node] of list.items.entries()) {
      this.#path.push(position);
      const value = this.decode(node, property);
      values.push(value === wrong || value === undefined ? nothingOf(item) : value);
      offsets.push(placeOf(node, value));
      this.#path.pop();
    }
    this.#places.note(values, offsets);
    return values;
  }

  #decodeScalar(scalar: YamlScalar, property: Property): unknown {
    const { shape } = property;
    if (kindOf(scalar) === "null" && this.#path.length > 0) return undefined;
    if (shape.kind === "text") return this.#decodeText(scalar, shape);
    return readAs(scalar, shape) ?? this.#refuse(scalar, describeMismatch(scalar, property, this.#path));
  }

  #decodeText(scalar: YamlScalar, shape: TextShape): unknown {
    const text = readText(scalar) ?? "";
    if (shape.countsNanoseconds) {
      const nanoseconds = readInteger(scalar);
      if (nanoseconds !== undefined) return `${nanoseconds}ns`;
    }
    if (shape.isDuration && kindOf(scalar) !== "text") return this.#refuse(scalar, describeDuration(scalar, shape));
    const printed = reprintedByOriginal(scalar);
    if (printed !== undefined) this.#warnOfNumber(scalar, text, printed, shape.isSecret);
    return shape.ignoresCase ? text.toLowerCase() : text;
  }

  #warnOfNumber(scalar: YamlScalar, text: string, printed: string, isSecret: boolean): void {
    const message = isSecret
      ? "is a number, which regclient's regsync prints in another form; put it in quotes"
      : `counts as the text ${JSON.stringify(text)}, where regclient's regsync reads the number ${printed}; put it in quotes`;
    this.#findings.warn(this.#path, message, scalar.start);
  }

  #warnOfUnknown(name: string, key: YamlScalar, shape: RecordShape): void {
    if (name.startsWith("x-")) return;
    this.#findings.warn([...this.#path, name], explainUnknownKey(name, shape, this.#path), key.start);
  }

  #refuse(node: YamlContent, message: string): typeof wrong {
    this.#findings.refuse(this.#path, message, node.start);
    return wrong;
  }
}

/** A list or a record under a key is found by that key, and everything else by where it begins. */
function placeOf(node: YamlNode, value: unknown): number {
  const { start } = follow(node);
  return value === wrong ? ~start : start;
}

/** Where any key is allowed, `__proto__` is one like the others; an object without a prototype takes more memory. */
function emptyRecord<T>({ others }: RecordShape): Record<string, T> {
  return others === undefined ? {} : Object.create(null);
}

/** What an empty item of a list counts as, and a wrong one until the file is refused. */
function nothingOf(item: Shape): unknown {
  return item.kind === "record" ? emptyRecord(item) : "";
}

/** A value that nothing more is known about than its shape. */
function plain(shape: Shape): Property {
  return { shape, noEffect: undefined, example: undefined };
}

function readAs(scalar: YamlScalar, shape: Shape): boolean | number | undefined {
  switch (shape.kind) {
    case "boolean":
      return readBoolean(scalar);
    case "integer": {
      const value = readInteger(scalar);
      return value === undefined ? undefined : Number(value);
    }
    case "number":
      return readNumber(scalar);
    case "text":
    case "list":
    case "record":
      return undefined;
  }
}
