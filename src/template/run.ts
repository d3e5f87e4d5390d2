import type { Bytes } from "./bytes.ts";
import { CallRefused } from "./failure.ts";
import type { Definitions } from "./parser.ts";
import type { CallContext } from "./value.ts";

/** How deep templates, blocks and parentheses may stand in each other while they run, so that the stack lasts. */
const maxDepth = 900;

/** One execution of a text's templates: what it has, where it stands, and what it wrote. */
export class Run {
  readonly definitions: Definitions;
  readonly context: CallContext;
  /** The place in the text, for complaints. */
  at = 0;
  #depth = 0;
  #output: Bytes = "";

  constructor(definitions: Definitions, context: CallContext) {
    this.definitions = definitions;
    this.context = context;
  }

  get output(): Bytes {
    return this.#output;
  }

  /** Throws `CallRefused` when the output gets too long. */
  write(text: Bytes): void {
    this.context.budget.spendBytes(text.length);
    this.#output += text;
  }

  /** Counts one level down. Throws `CallRefused` when that is too deep. */
  enter(): void {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new CallRefused(`templates, blocks and parentheses more than ${maxDepth} deep`);
  }

  leave(): void {
    this.#depth -= 1;
  }
}
