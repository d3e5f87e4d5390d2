import { type Bytes, fromBytes, toBytes } from "./bytes.ts";
import { evaluate } from "./evaluator.ts";
import { templateFunctions } from "./functions/registry.ts";
import { type Definitions, mainTemplateName, parseDefinitions } from "./parser.ts";
import { printDefinition, printNodes } from "./print-node.ts";
import type { Value } from "./value.ts";
import type { TemplateWorld } from "./world.ts";

/** A text that was read as a template and can be run any number of times. Spec: regsync.md §3. */
export interface Template {
  /**
   * What the template gives for this data; bytes that are not UTF-8 come out as U+FFFD.
   *
   * Throws `TEMPLATE_EXECUTION`, and then gives nothing of what it had written.
   */
  execute(data: Value, world: TemplateWorld): string;
  /** The same, one character per byte. Throws `TEMPLATE_EXECUTION`. */
  executeToBytes(data: Value, world: TemplateWorld): Bytes;
  /** A text that reads as the same template, without its comments and trim marks. */
  toString(): string;
}

/** Reads a template. Text without `{{` costs next to nothing. Throws `TEMPLATE_PARSE`. Spec: regsync.md §3.2. */
export function parseTemplate(text: string): Template {
  return text.includes("{{") ? new ParsedTemplate(toBytes(text)) : new PlainText(text);
}

/** A text that says nothing but itself. */
class PlainText implements Template {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  execute(): string {
    return this.#text;
  }

  executeToBytes(): Bytes {
    return toBytes(this.#text);
  }

  toString(): string {
    return this.#text;
  }
}

class ParsedTemplate implements Template {
  readonly #source: Bytes;
  readonly #definitions: Definitions;

  constructor(source: Bytes) {
    this.#source = source;
    this.#definitions = parseDefinitions(source, (name) => templateFunctions.has(name));
  }

  execute(data: Value, world: TemplateWorld): string {
    return fromBytes(this.executeToBytes(data, world));
  }

  executeToBytes(data: Value, world: TemplateWorld): Bytes {
    return evaluate(this.#source, this.#definitions, data, world);
  }

  toString(): string {
    const named = [...this.#definitions].filter(([name]) => name !== mainTemplateName);
    const definitions = named.map(([name, nodes]) => printDefinition(name, nodes)).join("");
    return fromBytes(definitions + printNodes(this.#definitions.get(mainTemplateName) ?? []));
  }
}
