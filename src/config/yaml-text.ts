import { stringify } from "yaml";

/** What needs no quotes beyond doubt, unless it is one of the words below. */
const plainText = /^[A-Za-z_](?:[A-Za-z0-9_./:@+-]*[A-Za-z0-9_./@+-])?$/;
/** What would be read as something else than a text. */
const word = /^(?:null|true|false)$/i;
/** Characters; a longer key is written in another way. */
const longestKey = 1_000;
/** Indentation of each level. */
const step = "  ";

/**
 * Writes values (texts, numbers, booleans, `null`, lists and objects of them) to the letter as the package `yaml` does
 * with lines of any length and without aliases, and asks it only for what is not plain: the package builds a tree first,
 * and takes twenty times as long.
 */
export class YamlText {
  /** What the package makes of texts of one line. */
  readonly #known = new Map<string, string>([["", '""']]);

  /** The keys of an object with their values, in lines that begin with `indent`. Keys of `undefined` are left out. */
  pairs(object: object, indent = ""): string {
    let text = "";
    for (const [key, value] of Object.entries(object) as [string, unknown][]) {
      if (value === undefined) continue;
      const written = isPlain(key) && key.length <= longestKey ? this.#value(value, indent) : undefined;
      text += written === undefined ? byPackage({ [key]: value }, indent) : `${indent}${key}:${written}`;
    }
    return text;
  }

  /** Items of a list, in lines that begin with `indent`. */
  items(list: readonly unknown[], indent = ""): string {
    let text = "";
    for (const item of list) {
      const written = this.#value(item, indent);
      if (written === undefined) text += byPackage([item], indent);
      else
        text += `${indent}-${written.startsWith("\n") ? ` ${written.slice(1 + indent.length + step.length)}` : written}`;
    }
    return text;
  }

  /** What stands behind a colon, to the end of the last line; `undefined` for texts of several lines. */
  #value(value: unknown, indent: string): string | undefined {
    if (typeof value === "string") return this.#text(value);
    if (typeof value !== "object" || value === null) return ` ${String(value)}\n`;
    const isList = Array.isArray(value);
    const lines = isList ? this.items(value, indent + step) : this.pairs(value, indent + step);
    if (lines === "") return isList ? " []\n" : " {}\n";
    return `\n${lines}`;
  }

  #text(text: string): string | undefined {
    if (isPlain(text)) return ` ${text}\n`;
    if (text.includes("\n")) return undefined;
    let known = this.#known.get(text);
    if (known === undefined) {
      known = byPackage([text], "").slice("- ".length, -1);
      this.#known.set(text, known);
    }
    return ` ${known}\n`;
  }
}

function isPlain(text: string): boolean {
  return plainText.test(text) && !word.test(text);
}

/** The lines of a value that stands at this indentation. */
function byPackage(value: object, indent: string): string {
  let [around, head] = [value, 0];
  for (let depth = indent.length; depth > 0; depth -= step.length) {
    around = { a: around };
    head += depth + 1; // the line "a:", with an indentation of two less
  }
  return stringify(around, { aliasDuplicateObjects: false, lineWidth: 0 }).slice(head);
}
