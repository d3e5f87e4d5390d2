import { isMap, isNode, isScalar, isSeq, type Node, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import type { Findings } from "./findings.ts";
import { Mappings, offsetOf, unknown } from "./mapping.ts";
import { describeDuration, describeMismatch } from "./mismatch.ts";
import type { Path } from "./path.ts";
import type { Places } from "./places.ts";
import { kindOf, readBoolean, readInteger, readNumber, readText, reprintedByOriginal } from "./scalar.ts";
import type { ListShape, Property, RecordShape, Shape, TextShape } from "./shape.ts";
import { explainUnknownKey } from "./unknown-key.ts";
import type { YamlDocument } from "./yaml-document.ts";

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
  const empty: object = Object.create(null);
  if (yaml.root === undefined) return empty;
  const value = new Decoder(yaml, places, findings).decode(yaml.root, plain(shape), []);
  return typeof value === "object" && value !== null ? value : empty;
}

class Decoder {
  readonly #places: Places;
  readonly #findings: Findings;
  readonly #mappings: Mappings;
  readonly #decoded = new Map<Node, Decoded>();

  constructor(yaml: YamlDocument, places: Places, findings: Findings) {
    this.#places = places;
    this.#findings = findings;
    this.#mappings = new Mappings(yaml, findings);
  }

  /** The value of a node; `undefined` when it is empty, `wrong` when it is not what it should be. */
  decode(node: Node, property: Property, path: Path): unknown {
    const target = this.#mappings.follow(node);
    if (target === unknown) return wrong;
    const { shape } = property;
    if (isScalar(target)) {
      this.#mappings.spend(1);
      return this.#decodeScalar(target, property, path);
    }
    const known = this.#decoded.get(target);
    if (known?.shape === shape) {
      this.#mappings.spend(known.size);
      return known.value;
    }
    const before = this.#mappings.size;
    this.#mappings.spend(1);
    const value = this.#decodeCollection(target, property, path);
    this.#decoded.set(target, { shape, value, size: this.#mappings.size - before });
    return value;
  }

  #decodeCollection(node: Node, property: Property, path: Path): unknown {
    const { shape } = property;
    if (isMap(node) && shape.kind === "record") return this.#decodeRecord(node, shape, path);
    if (isSeq(node) && shape.kind === "list") return this.#decodeList(node, shape, path);
    return this.#refuse(node, describeMismatch(node, property, path), path);
  }

  #decodeRecord(map: YAMLMap, shape: RecordShape, path: Path): object {
    const record: Record<string, unknown> = Object.create(null);
    const { items, incomplete } = this.#mappings.read(map, path);
    if (incomplete) this.#places.markIncomplete(record);
    for (const [name, item] of items) {
      const property = shape.keys.get(name) ?? (shape.others === undefined ? undefined : plain(shape.others));
      const inside = [...path, name];
      if (property === undefined) {
        if (!name.startsWith("x-")) {
          this.#findings.warn(inside, explainUnknownKey(name, shape, path), offsetOf(item.key));
        }
        continue;
      }
      const value = this.decode(item.value, property, inside) ?? (shape.others === undefined ? undefined : "");
      if (value === undefined) continue;
      if (property.noEffect !== undefined) this.#findings.warn(inside, property.noEffect, offsetOf(item.key));
      if (value !== wrong) record[name] = value;
      this.#note(record, name, typeof value === "object" ? item.key : item.value, value);
    }
    return record;
  }

  #decodeList(list: YAMLSeq, { item }: ListShape, path: Path): unknown[] {
    const values: unknown[] = [];
    for (const [position, node] of list.items.filter(isNode).entries()) {
      const value = this.decode(node, plain(item), [...path, position]);
      values.push(value === wrong || value === undefined ? nothingOf(item) : value);
      this.#note(values, position, node, value);
    }
    return values;
  }

  /** A list or a record under a key is found by that key, and everything else by where it begins. */
  #note(holder: object, step: string | number, node: Node, value: unknown): void {
    this.#places.note(holder, step, { offset: offsetOf(this.#mappings.follow(node)), wrong: value === wrong });
  }

  #decodeScalar(scalar: Scalar, property: Property, path: Path): unknown {
    const { shape } = property;
    if (kindOf(scalar) === "null" && path.length > 0) return undefined;
    if (shape.kind === "text") return this.#decodeText(scalar, shape, path);
    const value = readAs(scalar, shape);
    return value ?? this.#refuse(scalar, describeMismatch(scalar, property, path), path);
  }

  #decodeText(scalar: Scalar, shape: TextShape, path: Path): unknown {
    const text = readText(scalar) ?? "";
    if (shape.countsNanoseconds) {
      const nanoseconds = readInteger(scalar);
      if (nanoseconds !== undefined) return `${nanoseconds}ns`;
    }
    if (shape.isDuration && kindOf(scalar) !== "text") {
      return this.#refuse(scalar, describeDuration(scalar, shape), path);
    }
    const printed = reprintedByOriginal(scalar);
    if (printed !== undefined) this.#warnOfNumber(scalar, text, printed, shape.isSecret, path);
    return shape.ignoresCase ? text.toLowerCase() : text;
  }

  #warnOfNumber(scalar: Scalar, text: string, printed: string, isSecret: boolean, path: Path): void {
    const message = isSecret
      ? "is a number, which regclient's regsync prints in another form; put it in quotes"
      : `counts as the text ${JSON.stringify(text)}, where regclient's regsync reads the number ${printed}; put it in quotes`;
    this.#findings.warn(path, message, offsetOf(scalar));
  }

  #refuse(node: Node, message: string, path: Path): typeof wrong {
    this.#findings.refuse(path, message, offsetOf(node));
    return wrong;
  }
}

/** What an empty item of a list counts as, and a wrong one until the file is refused. */
function nothingOf(item: Shape): unknown {
  return item.kind === "record" ? Object.create(null) : "";
}

/** A value that nothing more is known about than its shape. */
function plain(shape: Shape): Property {
  return { shape, noEffect: undefined, example: undefined };
}

function readAs(scalar: Scalar, shape: Shape): boolean | number | undefined {
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
