import type { Failure } from "../base/failure.ts";
import { TemplateExecution, TemplateParse } from "../template/failure.ts";
import { parseTemplate } from "../template/template.ts";
import type { Value } from "../template/value.ts";
import type { TemplateWorld } from "../template/world.ts";
import type { Findings } from "./findings.ts";
import { explainForeignNotation } from "./foreign-notation.ts";
import type { Path } from "./path.ts";

/** Runs the templates of one file. */
export class Expander {
  readonly #world: TemplateWorld;
  readonly #findings: Findings;
  readonly #source: string;

  /** `source` is the text of the file, to find places inside a value. */
  constructor(world: TemplateWorld, findings: Findings, source: string) {
    this.#world = world;
    this.#findings = findings;
    this.#source = source;
  }

  /** What a text comes to; `undefined` when it does not work, after a complaint that refuses the file. */
  expand(text: string, data: () => Value, path: Path, isSecret = false): string | undefined {
    if (!hasActions(text)) return this.literal(text, path, isSecret);
    try {
      const expanded = parseTemplate(text).execute(data(), this.#world);
      this.#warnOfForeignNotation(text, path, isSecret);
      return expanded;
    } catch (thrown) {
      if (!(thrown instanceof TemplateParse || thrown instanceof TemplateExecution)) throw thrown;
      this.#findings.refuse(path, explainTemplate(thrown, text, isSecret), this.#offsetOf(thrown, text, path));
      return undefined;
    }
  }

  /** A text of a key that is never expanded, after a warning when somebody seems to expect it. */
  literal(text: string, path: Path, isSecret = false): string {
    if (hasActions(text)) this.#findings.warn(path, "templates are not expanded in this key; write the value itself");
    else this.#warnOfForeignNotation(text, path, isSecret);
    return text;
  }

  #warnOfForeignNotation(text: string, path: Path, isSecret: boolean): void {
    const foreign = explainForeignNotation(text, isSecret);
    if (foreign !== undefined) this.#findings.warn(path, foreign);
  }

  /** The very place inside a value that stands in the file as it is, on one line; else where the value begins. */
  #offsetOf(failure: TemplateParse | TemplateExecution, text: string, path: Path): number | undefined {
    const start = this.#findings.offsetOf(path);
    if (start === undefined || failure instanceof TemplateParse || failure.line !== 1) return start;
    const quoteLengths = [0, 1];
    const value = quoteLengths.map((length) => start + length).find((offset) => this.#source.startsWith(text, offset));
    if (value === undefined) return start;
    return value + Buffer.from(text, "utf8").subarray(0, failure.column).toString("utf8").length;
  }
}

/** Whether `expand` has anything to do or to say: most texts are nothing but themselves. */
export function saysMore(text: string): boolean {
  return hasActions(text) || text.includes("${");
}

/** Whether a text has to be run to know what it says. */
export function hasActions(text: string): boolean {
  return text.includes("{{");
}

/** Why a template does not work, and what to write instead. Of a secret nothing is shown. */
export function explainTemplate(failure: Failure, text: string, isSecret = false): string {
  const foreign = text.includes("${{") ? explainForeignNotation(text, isSecret) : undefined;
  if (foreign !== undefined) return foreign;
  if (isSecret) return `the template does not work; write '{{env "NAME"}}' or '{{file "/path"}}'`;
  const reason = failure.message.replace(/^template: out:[0-9:]+ /, "").replace(/^executing "out" at /, "");
  return `the template does not work: ${reason}`;
}
