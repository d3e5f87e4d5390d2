import { LineCursor } from "./line-cursor.ts";
import type {
  YamlAlias,
  YamlContent,
  YamlDocument,
  YamlMapping,
  YamlNode,
  YamlPair,
  YamlScalar,
  YamlSequence,
} from "./yaml-document.ts";

/** Any other character can have a meaning of its own: tabs, carriage returns, byte order marks. */
const unusual = /[^\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
/** A key without quotes, and the colon behind it. */
const plainKey = /^[A-Za-z0-9_<][A-Za-z0-9_./<-]*:(?![^ ])/;
/** What begins something else than a plain value, at least with some of what may follow. */
const indicator = /^[-?:,[\]{}#&*!|>'"%@`]/;
/** Where a plain value ends before its line does, or is none. */
const doubtful = / #|: |[ :]$/;
/** The same inside brackets and braces. */
const doubtfulInBrackets = /[[{}#]|:(?![^ ])/;
const item = /^-(?![^ ])/;
const anchor = /^&([A-Za-z0-9_-]+)(?: +|$)/;
const alias = /^\*([A-Za-z0-9_-]+)/;
const singleQuoted = /^'[^']*(?:''[^']*)*'/;
const doubleQuoted = /^"[^"\\]*(?:\\["\\][^"\\]*)*"/;
/** What may stand between a value and the end of its line. */
const comment = /^ *(?: #.*)?$/;

/** Lists and mappings in one another; those that mean something are half as deep. */
const deepest = 30;
/** Characters of a key, and of a line with quotes. */
const longestKey = 1_000;
const longestQuoted = 10_000;

/** Something that is left to the reader of the whole language. */
class Unfamiliar extends Error {
  override readonly name = "Unfamiliar";
}

/**
 * Reads YAML as most people write it: mappings and lists with a line for each key and item, values of one line (with
 * quotes or without, in brackets or braces), anchors, aliases and comments. That takes a tenth of the time that the
 * whole language takes.
 *
 * Gives the very tree that `readWholeYaml` gives. `undefined` for a text with anything else in it, right or wrong:
 * whatever is doubtful here is for that one to judge.
 */
export function readPlainYaml(text: string): YamlDocument | undefined {
  if (unusual.test(text)) return undefined;
  try {
    const reader = new PlainReader(text);
    const root = reader.read();
    return { root, hasAliases: reader.hasAliases, faults: [], readable: true, ignoredFrom: undefined };
  } catch (thrown) {
    if (thrown instanceof Unfamiliar) return undefined;
    throw thrown;
  }
}

class PlainReader {
  hasAliases = false;
  readonly #here: LineCursor;
  readonly #anchored = new Map<string, YamlContent>();
  #depth = 0;

  constructor(text: string) {
    this.#here = new LineCursor(text);
  }

  read(): YamlContent {
    if (this.#here.column === 0 && this.#here.rest === "---") this.#here.enterNextLine();
    if (this.#here.column !== 0) throw new Unfamiliar();
    const root = this.#readBlock();
    if (this.#here.column >= 0) throw new Unfamiliar(); // no list or mapping is aligned with this line
    return root;
  }

  /** A list or a mapping, and goes to the line behind it. */
  #readBlock(): YamlContent {
    this.#descend();
    const block = item.test(this.#here.rest) ? this.#readSequence() : this.#readMapping();
    this.#depth -= 1;
    return block;
  }

  #readMapping(): YamlMapping {
    const column = this.#here.column;
    const start = this.#here.at;
    const pairs: YamlPair[] = [];
    do {
      const key = this.#readKey();
      pairs.push({ key, value: this.#readValue(column, true) });
    } while (this.#here.column === column && !item.test(this.#here.rest));
    return { kind: "mapping", pairs, start };
  }

  #readSequence(): YamlSequence {
    const column = this.#here.column;
    const start = this.#here.at;
    const items: YamlNode[] = [];
    do {
      this.#here.at += 1;
      items.push(this.#readValue(column, false));
    } while (this.#here.column === column && item.test(this.#here.rest));
    return { kind: "sequence", items, start };
  }

  /** A key, and the colon behind it. */
  #readKey(): YamlScalar {
    const rest = this.#here.rest;
    const isPlain = plainKey.test(rest);
    const key = isPlain ? this.#take(rest.slice(0, rest.indexOf(":"))) : this.#readQuoted(rest);
    const isKey = isPlain || /^:(?![^ ])/.test(this.#here.rest);
    if (!isKey || key.end - key.start > longestKey) throw new Unfamiliar();
    this.#here.at += 1;
    return key;
  }

  /** What is behind a colon or a dash, there or below, and goes to the line behind it. `column` is of the key or dash. */
  #readValue(column: number, isBehindKey: boolean): YamlNode {
    this.#here.skipSpaces();
    const { at: start, rest } = this.#here;
    const name = anchor.exec(rest);
    if (name !== null) return this.#readAnchored(name, column);
    if (this.#here.isLineOver) {
      this.#here.enterNextLine();
      const isBelow =
        this.#here.column > column || (isBehindKey && this.#here.column === column && item.test(this.#here.rest));
      return isBelow ? this.#readBlock() : { kind: "scalar", text: "", isPlain: true, start, end: start };
    }
    if (!isBehindKey && plainKey.test(rest)) {
      this.#here.align();
      return this.#readBlock();
    }
    return this.#readLine();
  }

  /** The same, when it has a name that aliases of it can use. */
  #readAnchored([mark, name = ""]: readonly string[], column: number): YamlContent {
    this.#here.at += mark?.length ?? 0;
    const isBelow = this.#here.isLineOver;
    if (isBelow) this.#here.enterNextLine();
    if (isBelow && this.#here.column <= column) throw new Unfamiliar();
    const value = isBelow ? this.#readBlock() : this.#readLine();
    if (value.kind === "alias") throw new Unfamiliar();
    this.#anchored.set(name, value);
    return value;
  }

  /** The value in the rest of the line, and goes to the line behind it. */
  #readLine(): YamlNode {
    const value = this.#readMarked() ?? this.#readPlain();
    if (!comment.test(this.#here.rest)) throw new Unfamiliar();
    this.#here.enterNextLine();
    return value;
  }

  /** A value whose first character says what it is; `undefined` when it is none. */
  #readMarked(): YamlNode | undefined {
    const start = this.#here.at;
    switch (this.#here.character) {
      case "'":
      case '"':
        return this.#readQuoted(this.#here.rest);
      case "*":
        return this.#readAlias(this.#here.rest);
      case "[":
        return { kind: "sequence", items: this.#readWithin("]", () => this.#readBracketed()), start };
      case "{":
        return { kind: "mapping", pairs: this.#readWithin("}", () => this.#readPair()), start };
      default:
        return undefined;
    }
  }

  #readPlain(): YamlScalar {
    const rest = this.#here.rest;
    if (indicator.test(rest)) throw new Unfamiliar();
    if (!doubtful.test(rest)) return this.#take(rest);
    const behind = rest.indexOf(" #");
    const text = withoutSpaces(behind < 0 ? rest : rest.slice(0, behind));
    if (text.endsWith(":") || text.includes(": ")) throw new Unfamiliar();
    return this.#take(text);
  }

  #readAlias(rest: string): YamlAlias {
    const [mark = "", name = ""] = alias.exec(rest) ?? [];
    const target = this.#anchored.get(name);
    if (target === undefined) throw new Unfamiliar();
    const start = this.#here.at;
    this.#here.at += mark.length;
    this.hasAliases = true;
    return { kind: "alias", target, start, end: this.#here.at };
  }

  /** What stands between brackets or braces, with commas between. */
  #readWithin<T>(end: "]" | "}", readOne: () => T): T[] {
    const all: T[] = [];
    this.#descend();
    this.#here.at += 1;
    this.#here.skipSpaces();
    if (!this.#here.skip(end)) {
      do {
        this.#here.skipSpaces();
        all.push(readOne());
        this.#here.skipSpaces();
      } while (this.#here.skip(","));
      if (!this.#here.skip(end)) throw new Unfamiliar();
    }
    this.#depth -= 1;
    return all;
  }

  #readPair(): YamlPair {
    const key = this.#readKey();
    this.#here.skipSpaces();
    return { key, value: this.#readBracketed() };
  }

  #readBracketed(): YamlNode {
    const marked = this.#readMarked();
    if (marked !== undefined) return marked;
    const rest = this.#here.rest;
    const text = withoutSpaces(rest.slice(0, Math.max(rest.search(/[,\]}]/), 0)));
    if (text === "" || indicator.test(text) || doubtfulInBrackets.test(text)) throw new Unfamiliar();
    return this.#take(text);
  }

  #readQuoted(rest: string): YamlScalar {
    const isDouble = rest.startsWith('"');
    const quoted = rest.length > longestQuoted ? undefined : (isDouble ? doubleQuoted : singleQuoted).exec(rest)?.[0];
    if (quoted === undefined) throw new Unfamiliar();
    const inside = quoted.slice(1, -1);
    const start = this.#here.at;
    this.#here.at += quoted.length;
    const text = isDouble ? inside.replace(/\\(.)/g, "$1") : inside.replaceAll("''", "'");
    return { kind: "scalar", text, isPlain: false, start, end: this.#here.at };
  }

  /** The plain scalar of this text, which stands here. */
  #take(text: string): YamlScalar {
    const start = this.#here.at;
    this.#here.at += text.length;
    return { kind: "scalar", text, isPlain: true, start, end: this.#here.at };
  }

  #descend(): void {
    this.#depth += 1;
    if (this.#depth > deepest) throw new Unfamiliar();
  }
}

/** A text without the spaces at its end. */
function withoutSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === " ") end -= 1;
  return text.slice(0, end);
}
