import type { Bytes } from "./bytes.ts";
import type { Command, NumberNode, Operand, Pipeline } from "./node.ts";
import { formsOfCharacter, readNumber } from "./number.ts";
import { unquote, unquoteCharacter } from "./quote.ts";
import type { Token, TokenKind } from "./token.ts";
import type { TokenCursor } from "./token-cursor.ts";

/** How deep blocks and parentheses may stand in each other, so that no template exhausts the stack. */
const maxNesting = 300;

type OperandKind =
  | "bool"
  | "character"
  | "complex"
  | "dot"
  | "field"
  | "identifier"
  | "left parenthesis"
  | "nil"
  | "number"
  | "raw string"
  | "string"
  | "variable";

type OperandToken = Token & { readonly kind: OperandKind };

const operandKinds: ReadonlySet<OperandKind> = new Set<OperandKind>([
  "bool",
  "character",
  "complex",
  "dot",
  "field",
  "identifier",
  "left parenthesis",
  "nil",
  "number",
  "raw string",
  "string",
  "variable",
]);

/** How deep the reading of one text stands in blocks and parentheses. */
export class Nesting {
  #depth = 0;

  /** Throws `TEMPLATE_PARSE` when it gets too deep. */
  enter(tokens: TokenCursor): void {
    this.#depth += 1;
    if (this.#depth > maxNesting) throw tokens.failure(`nested more than ${maxNesting} levels deep`);
  }

  leave(): void {
    this.#depth -= 1;
  }
}

/** Reads what stands inside actions, and knows the variables of the template it is in. */
export class PipelineParser {
  readonly #tokens: TokenCursor;
  readonly #isFunction: (name: Bytes) => boolean;
  readonly #nesting: Nesting;
  readonly #variables = ["$"];

  constructor(tokens: TokenCursor, isFunction: (name: Bytes) => boolean, nesting: Nesting) {
    this.#tokens = tokens;
    this.#isFunction = isFunction;
    this.#nesting = nesting;
  }

  /** How many variables there are: a mark to return to with `forgetVariables`. */
  get variableCount(): number {
    return this.#variables.length;
  }

  /** Ends the variables that began after a mark. */
  forgetVariables(mark: number): void {
    this.#variables.length = mark;
  }

  /** Reads up to and with the `end` token. Throws `TEMPLATE_PARSE`; `context` says in it where that was. */
  parse(context: string, end: TokenKind): Pipeline {
    const { at } = this.#tokens.peekNonSpace();
    const variables: Bytes[] = [];
    const assigns = this.#declarations(context, variables);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#tokens.nextNonSpace();
      if (token.kind === end) break;
      if (!startsOperand(token)) throw this.#tokens.unexpected(token, context);
      this.#tokens.giveBack(token);
      commands.push(this.#command());
    }
    if (commands.length === 0) throw this.#tokens.failure(`missing value for ${context}`);
    const constant = commands.findIndex(({ first }, index) => index > 0 && isConstant(first));
    if (constant > 0) throw this.#tokens.failure(`non executable command in pipeline stage ${constant + 1}`);
    return { kind: "pipeline", at, variables, assigns, commands };
  }

  /** Reads `$x :=`, `$x =`, and in a range `$x, $y :=` too. Gives whether the variables exist already. */
  #declarations(context: string, variables: Bytes[]): boolean {
    while (this.#tokens.peekNonSpace().kind === "variable") {
      const variable = this.#tokens.next();
      const after = this.#tokens.peek();
      const sign = this.#tokens.peekNonSpace();
      const isComma = sign.kind === "punctuation" && sign.text === ",";
      if (sign.kind !== "assign" && sign.kind !== "declare" && !isComma) {
        if (after.kind === "space") this.#tokens.giveBack(after);
        this.#tokens.giveBack(variable);
        return false;
      }
      this.#tokens.nextNonSpace();
      variables.push(variable.text);
      this.#variables.push(variable.text);
      if (!isComma) return sign.kind === "assign";
      if (context !== "range" || variables.length > 1)
        throw this.#tokens.failure(`too many declarations in ${context}`);
      const { kind } = this.#tokens.peekNonSpace();
      if (kind !== "variable" && kind !== "right delimiter" && kind !== "right parenthesis") {
        throw this.#tokens.failure("range can only initialize variables");
      }
    }
    return false;
  }

  #command(): Command {
    const { at } = this.#tokens.peekNonSpace();
    const operands: Operand[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand !== undefined) operands.push(operand);
      const token = this.#tokens.next();
      if (token.kind === "space") continue;
      if (token.kind === "right delimiter" || token.kind === "right parenthesis") this.#tokens.giveBack(token);
      else if (token.kind !== "pipe") throw this.#tokens.unexpected(token, "operand");
      break;
    }
    const [first, ...rest] = operands;
    if (first === undefined) throw this.#tokens.failure("empty command");
    return { at, first, rest };
  }

  /** A term and the fields behind it; `undefined` when there is no term. */
  #operand(): Operand | undefined {
    const token = this.#tokens.nextNonSpace();
    if (!startsOperand(token)) {
      this.#tokens.giveBack(token);
      return undefined;
    }
    const term = this.#term(token);
    if (this.#tokens.peek().kind !== "field") return term;
    const { at } = this.#tokens.peek();
    const names: Bytes[] = [];
    while (this.#tokens.peek().kind === "field") names.push(this.#tokens.next().text.slice(1));
    return this.#withFields(term, at, names);
  }

  #withFields(base: Operand, at: number, names: readonly Bytes[]): Operand {
    switch (base.kind) {
      case "field":
        return { kind: "field", at, names: [...base.names, ...names] };
      case "variable":
        return { ...base, at, fields: [...base.fields, ...names] };
      case "bool":
      case "dot":
      case "nil":
      case "number":
      case "string":
        throw this.#tokens.failure(`unexpected . after a ${base.kind}`);
      case "chain":
      case "function":
      case "pipeline":
        return { kind: "chain", at, base, names };
    }
  }

  #term(token: OperandToken): Operand {
    const { at, text } = token;
    switch (token.kind) {
      case "identifier":
        if (!this.#isFunction(text)) throw this.#tokens.failure(`function ${text} not defined`);
        return { kind: "function", at, name: text };
      case "dot":
        return { kind: "dot", at };
      case "nil":
        return { kind: "nil", at };
      case "variable":
        if (!this.#variables.includes(text)) throw this.#tokens.failure(`undefined variable ${text}`);
        return { kind: "variable", at, name: text, fields: [] };
      case "field":
        return { kind: "field", at, names: [text.slice(1)] };
      case "bool":
        return { kind: "bool", at, value: text === "true" };
      case "character":
      case "complex":
      case "number":
        return this.#number(token);
      case "left parenthesis":
        return this.#parenthesized();
      case "string":
      case "raw string":
        return { kind: "string", at, source: text, value: this.unquote(token) };
    }
  }

  #parenthesized(): Pipeline {
    this.#nesting.enter(this.#tokens);
    const pipeline = this.parse("parenthesized pipeline", "right parenthesis");
    this.#nesting.leave();
    return pipeline;
  }

  #number({ kind, at, text }: Token): NumberNode {
    const code = kind === "character" ? unquoteCharacter(text) : undefined;
    if (kind === "character" && code === undefined) throw this.#tokens.failure("malformed character constant");
    const forms = code === undefined ? readNumber(text) : formsOfCharacter(code);
    if (typeof forms === "string") throw this.#tokens.failure(forms);
    return { kind: "number", at, source: text, ...forms };
  }

  /** What a string token stands for. Throws `TEMPLATE_PARSE`. */
  unquote(token: Token): Bytes {
    const value = unquote(token.text);
    if (value === undefined) throw this.#tokens.failure("invalid escape in a quoted string");
    return value;
  }
}

function startsOperand(token: Token): token is OperandToken {
  const kinds: ReadonlySet<TokenKind> = operandKinds;
  return kinds.has(token.kind);
}

/** Whether an operand cannot take the result of the command before it. */
function isConstant({ kind }: Operand): boolean {
  return kind === "bool" || kind === "dot" || kind === "nil" || kind === "number" || kind === "string";
}
