import type { Bytes } from "../bytes.ts";
import { methodsOf } from "../methods.ts";
import { timeAsStruct } from "../time/instant.ts";
import { byteType, type GoType } from "../go-type.ts";
import {
  bytesOf,
  type CallContext,
  type IntegerValue,
  type ListValue,
  type MapValue,
  type PointerValue,
  type StructValue,
  type Value,
} from "../value.ts";
import { type Flags, noFlags, pad } from "./flags.ts";
import { formatFloat } from "./float.ts";
import { formatDigits, formatInteger } from "./integer.ts";
import { formatText } from "./text.ts";

/** Stands for every address: nothing should depend on one. */
const someAddress = 0xc000010000n;

/** Verbs that show what a value says of itself, where it has a method for that. */
const textVerbs = new Set(["v", "s", "x", "X", "q"]);
/** Verbs that take a list of bytes as a text. */
const byteListVerbs = new Set(["s", "x", "X", "q"]);
/** Verbs that show an address as a number. */
const addressVerbs = new Set(["b", "o", "d", "x", "X"]);
/** Verbs that complex numbers have in common with their parts. */
const complexVerbs = new Set(["v", "b", "g", "G", "x", "X", "f", "F", "e", "E"]);

/** Writes texts and values one after the other. Spec: Go `fmt`. */
export class Printer {
  readonly #context: CallContext;
  #text: Bytes = "";
  #flags: Flags = noFlags;
  /** Whether a complaint is being written: in it, no value speaks for itself. */
  #complaining = false;

  constructor(context: CallContext) {
    this.#context = context;
  }

  /** Everything written so far. */
  get text(): Bytes {
    return this.#text;
  }

  /** Writes a text as it is. Throws `CallRefused` when the template makes too much. */
  write(text: Bytes): void {
    this.#context.budget.spendBytes(text.length);
    this.#text += text;
  }

  /** Writes a value as a verb wants it, or a complaint that the verb is none for it. */
  print(value: Value, verb: Bytes, flags: Flags): void {
    this.#flags = flags;
    if (value.kind === "nil") this.#nil(verb);
    else if (verb === "T") this.write(formatText(value.type.name, "s", flags) ?? "");
    else if (verb === "p") this.#address(value, verb);
    else if (verb === "w" && !isByteList(value)) this.#complain(value, verb);
    else if (!this.#ownText(value, verb)) this.#value(value, verb, 0);
  }

  #nil(verb: Bytes): void {
    if (verb === "v" || verb === "T") this.write(pad("<nil>", this.#flags));
    else this.write(`%!${verb}(<nil>)`);
  }

  /** A part of a value: it may have a text of its own as well. */
  #part(value: Value, type: GoType, verb: Bytes, depth: number): void {
    if (value.kind === "nil") this.write(this.#flags.goSyntax ? `${type.name}(nil)` : "<nil>");
    else if (!this.#ownText(value, verb)) this.#value(value, verb, depth);
  }

  /** Writes the text a value has of its own. Gives whether there was one, and it suits the verb. */
  #ownText(value: Value, verb: Bytes): boolean {
    if (this.#complaining || (value.kind === "pointer" && value.to === undefined)) return false;
    const name = this.#flags.goSyntax ? "GoString" : "String";
    if (!this.#flags.goSyntax && !textVerbs.has(verb)) return false;
    const method = methodsOf(value.type).get(name);
    if (method === undefined) return false;
    const receiver = value.kind === "pointer" && value.to !== undefined ? value.to : value;
    const text = bytesOf(method.call([], receiver, this.#context));
    this.write(formatText(text, this.#flags.goSyntax ? "s" : verb, this.#flags) ?? "");
    return true;
  }

  #value(value: Value, verb: Bytes, depth: number): void {
    switch (value.kind) {
      case "nil":
        return this.write("<nil>");
      case "interface":
        return this.#part(value.holds, value.type, verb, depth);
      case "bool":
        return this.#simple(this.#bool(value.value, verb), value, verb);
      case "integer":
        return this.#simple(this.#integer(value, verb), value, verb);
      case "float":
        return this.#simple(formatFloat(value.value, value.type.bits, verb, this.#flags), value, verb);
      case "complex":
        return this.#simple(this.#complex(value.real, value.imaginary, verb), value, verb);
      case "string":
        return this.#simple(formatText(value.value, verb, this.#flags), value, verb);
      case "list":
        return this.#list(value, verb, depth);
      case "map":
        return this.#map(value, verb, depth);
      case "struct":
        return this.#struct(value, verb, depth);
      case "time":
        return this.#struct(timeAsStruct(value), verb, depth);
      case "pointer":
        return this.#pointer(value, verb, depth);
    }
  }

  #simple(text: Bytes | undefined, value: Value, verb: Bytes): void {
    if (text === undefined) this.#complain(value, verb);
    else this.write(text);
  }

  #bool(value: boolean, verb: Bytes): Bytes | undefined {
    return verb === "v" || verb === "t" ? pad(String(value), this.#flags) : undefined;
  }

  #integer({ type, value }: IntegerValue, verb: Bytes): Bytes | undefined {
    if (verb === "v" && this.#flags.goSyntax && !type.signed) {
      return formatDigits(value, "x", { ...this.#flags, sharp: true });
    }
    return formatInteger(value, verb, this.#flags);
  }

  #complex(real: number, imaginary: number, verb: Bytes): Bytes | undefined {
    if (!complexVerbs.has(verb)) return undefined;
    const first = formatFloat(real, 64, verb, this.#flags) ?? "";
    const second = formatFloat(imaginary, 64, verb, { ...this.#flags, plus: true }) ?? "";
    return `(${first}${second}i)`;
  }

  #list(list: ListValue, verb: Bytes, depth: number): void {
    const { type, items } = list;
    const isBytes = type.element.name === byteType.name;
    if (isBytes && byteListVerbs.has(verb)) {
      const bytes = (items ?? []).map((item) => (item.kind === "integer" ? Number(item.value) : 0));
      return this.write(formatText(Buffer.from(bytes).toString("latin1"), verb, this.#flags) ?? "");
    }
    if (this.#flags.goSyntax) {
      this.write(depth === 0 && verb === "v" && isByteList(list) ? "[]byte" : type.name);
      if (items === undefined && !type.fixed) return this.write("(nil)");
    }
    this.#between(this.#flags.goSyntax ? "{}" : "[]", items ?? [], (item) => {
      this.#part(item, type.element, verb, depth + 1);
    });
  }

  #map({ type, entries }: MapValue, verb: Bytes, depth: number): void {
    this.write(this.#flags.goSyntax ? type.name : "map");
    if (this.#flags.goSyntax && entries === undefined) return this.write("(nil)");
    this.#between(this.#flags.goSyntax ? "{}" : "[]", entries?.values() ?? [], ([key, element]) => {
      this.#part(key, type.key, verb, depth + 1);
      this.write(":");
      this.#part(element, type.element, verb, depth + 1);
    });
  }

  #struct({ type, values }: StructValue, verb: Bytes, depth: number): void {
    if (this.#flags.goSyntax) this.write(type.name);
    const isNamed = this.#flags.named || this.#flags.goSyntax;
    this.#between("{}", type.fields.entries(), ([index, field]) => {
      if (isNamed) this.write(`${field.name}:`);
      const value = values[index];
      if (value !== undefined) this.#part(value, field.type, verb, depth + 1);
    });
  }

  /** At the top, what a pointer leads to; deeper, only its address. */
  #pointer(pointer: PointerValue, verb: Bytes, depth: number): void {
    const { to } = pointer;
    if (to === undefined || depth > 0 || !hasParts(to)) return this.#address(pointer, verb);
    this.write("&");
    return this.#part(to, to.type, verb, depth + 1);
  }

  #address(value: Value, verb: Bytes): void {
    const address = addressOf(value);
    if (address === undefined) return this.#complain(value, verb);
    const hexadecimal = { ...this.#flags, sharp: !this.#flags.sharp };
    if (verb === "p") return this.write(formatDigits(address, "x", hexadecimal));
    if (addressVerbs.has(verb)) return this.write(formatDigits(address, verb, this.#flags));
    if (verb !== "v") return this.#complain(value, verb);
    const number = address === 0n ? undefined : formatDigits(address, "x", hexadecimal);
    if (this.#flags.goSyntax) return this.write(`(${value.type.name})(${number ?? "nil"})`);
    return this.write(number ?? pad("<nil>", this.#flags));
  }

  #between<Item>(brackets: string, items: Iterable<Item>, printItem: (item: Item) => void): void {
    this.write(brackets.slice(0, 1));
    let isFirst = true;
    for (const item of items) {
      if (!isFirst) this.write(this.#flags.goSyntax ? ", " : " ");
      isFirst = false;
      printItem(item);
    }
    this.write(brackets.slice(1));
  }

  #complain(value: Value, verb: Bytes): void {
    const wasComplaining = this.#complaining;
    this.#complaining = true;
    this.write(`%!${verb}(${value.type.name}=`);
    this.#value(value, "v", 0);
    this.write(")");
    this.#complaining = wasComplaining;
  }
}

function hasParts({ kind }: Value): boolean {
  return kind === "list" || kind === "map" || kind === "struct" || kind === "time";
}

function isByteList(value: Value): boolean {
  return value.kind === "list" && value.type.element.name === byteType.name && !value.type.fixed;
}

/** `undefined` for what has no address in Go. */
function addressOf(value: Value): bigint | undefined {
  if (value.kind === "pointer") return value.to === undefined ? 0n : someAddress;
  if (value.kind === "map") return value.entries === undefined ? 0n : someAddress;
  if (value.kind === "list" && !value.type.fixed) return value.items === undefined ? 0n : someAddress;
  return undefined;
}
