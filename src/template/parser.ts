import type { Bytes } from "./bytes.ts";
import { Lexer } from "./lexer.ts";
import type { BranchNode, Node, NodeList } from "./node.ts";
import { Nesting, PipelineParser } from "./pipeline-parser.ts";
import { trimSpace } from "./spaces.ts";
import type { Token } from "./token.ts";
import { TokenCursor } from "./token-cursor.ts";

/** The name of the template that a text as a whole is, as Go reports it. */
export const mainTemplateName = "out";

/** The named templates of a text, the text itself among them under `mainTemplateName`. */
export type Definitions = ReadonlyMap<Bytes, NodeList>;

/**
 * Reads a template into its nodes.
 *
 * Throws `TEMPLATE_PARSE` with the line the reading had reached. Spec: regsync.md §3.2; Go `text/template/parse`.
 */
export function parseDefinitions(text: Bytes, isFunction: (name: Bytes) => boolean): Definitions {
  const shared: Shared = { lexer: new Lexer(text), isFunction, definitions: new Map(), nesting: new Nesting() };
  new Parser(shared).parseMain();
  return shared.definitions;
}

/** What the parsers of the templates of one text have in common. */
interface Shared {
  readonly lexer: Lexer;
  readonly isFunction: (name: Bytes) => boolean;
  readonly definitions: Map<Bytes, NodeList>;
  readonly nesting: Nesting;
}

/** What ends a list of nodes. */
interface ListEnd {
  readonly kind: "end" | "else";
}

/** Reads one template, the main one or a named one inside. Each has variables and lookahead of its own. */
class Parser {
  readonly #shared: Shared;
  readonly #tokens: TokenCursor;
  readonly #pipelines: PipelineParser;
  #rangeDepth = 0;

  constructor(shared: Shared) {
    this.#shared = shared;
    this.#tokens = new TokenCursor(shared.lexer);
    this.#pipelines = new PipelineParser(this.#tokens, shared.isFunction, shared.nesting);
  }

  parseMain(): void {
    const nodes: Node[] = [];
    while (this.#tokens.peek().kind !== "end") {
      const delimiter = this.#tokens.next();
      if (delimiter.kind === "left delimiter" && isKeyword(this.#tokens.peekNonSpace(), "define")) {
        this.#tokens.nextNonSpace();
        new Parser(this.#shared).#parseDefinition();
        continue;
      }
      this.#tokens.giveBack(delimiter);
      const node = this.#textOrAction();
      if (isListEnd(node)) throw this.#tokens.failure(`unexpected {{${node.kind}}}`);
      nodes.push(node);
    }
    this.#define(mainTemplateName, nodes);
  }

  #parseDefinition(): void {
    const name = this.#templateName("define clause");
    this.#tokens.expect("right delimiter", "define clause");
    const { nodes, end } = this.#list();
    if (end.kind !== "end") throw this.#tokens.failure("unexpected {{else}} in define clause");
    this.#define(name, nodes);
  }

  /** An empty definition gives way to any other; two that say something are a mistake. */
  #define(name: Bytes, nodes: NodeList): void {
    const present = this.#shared.definitions.get(name);
    if (present === undefined || isEmpty(present)) this.#shared.definitions.set(name, nodes);
    else if (!isEmpty(nodes)) throw this.#tokens.failure(`more than one definition of template ${name}`);
  }

  #list(): { nodes: NodeList; end: ListEnd } {
    this.#shared.nesting.enter(this.#tokens);
    const nodes: Node[] = [];
    while (this.#tokens.peekNonSpace().kind !== "end") {
      const node = this.#textOrAction();
      if (isListEnd(node)) {
        this.#shared.nesting.leave();
        return { nodes, end: node };
      }
      nodes.push(node);
    }
    throw this.#tokens.failure("unexpected EOF");
  }

  #textOrAction(): Node | ListEnd {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === "text") return { kind: "text", text: token.text };
    if (token.kind === "left delimiter") return this.#action();
    throw this.#tokens.unexpected(token, "input");
  }

  #action(): Node | ListEnd {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === "keyword") {
      switch (token.text) {
        case "block":
          return this.#block();
        case "break":
        case "continue":
          return this.#jump(token.text);
        case "else":
          return this.#else();
        case "end":
          this.#tokens.expect("right delimiter", "end");
          return { kind: "end" };
        case "if":
        case "range":
        case "with":
          return this.#branch(token.text);
        case "template":
          return this.#template();
      }
    }
    this.#tokens.giveBack(token);
    return { kind: "action", at: token.at, pipeline: this.#pipelines.parse("command", "right delimiter") };
  }

  #jump(kind: "break" | "continue"): Node {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== "right delimiter") throw this.#tokens.unexpected(token, `{{${kind}}}`);
    if (this.#rangeDepth === 0) throw this.#tokens.failure(`{{${kind}}} outside {{range}}`);
    return { kind };
  }

  /** `else if` and `else with` leave their second word for the branch they belong to. */
  #else(): ListEnd {
    const token = this.#tokens.peekNonSpace();
    const goesOn = isKeyword(token, "if") || isKeyword(token, "with");
    if (!goesOn) this.#tokens.expect("right delimiter", "else");
    return { kind: "else" };
  }

  #branch(kind: BranchNode["kind"]): BranchNode {
    const outerVariables = this.#pipelines.variableCount;
    const pipeline = this.#pipelines.parse(kind, "right delimiter");
    if (kind === "range") this.#rangeDepth += 1;
    const { nodes: body, end } = this.#list();
    if (kind === "range") this.#rangeDepth -= 1;
    const otherwise = end.kind === "else" ? this.#otherwise(kind) : undefined;
    this.#pipelines.forgetVariables(outerVariables);
    return { kind, at: pipeline.at, pipeline, body, otherwise };
  }

  #otherwise(kind: BranchNode["kind"]): NodeList {
    if (kind !== "range" && isKeyword(this.#tokens.peek(), kind)) {
      this.#tokens.next();
      this.#shared.nesting.enter(this.#tokens);
      const nodes = [this.#branch(kind)];
      this.#shared.nesting.leave();
      return nodes;
    }
    const { nodes, end } = this.#list();
    if (end.kind !== "end") throw this.#tokens.failure("expected end; found {{else}}");
    return nodes;
  }

  #template(): Node {
    const { at } = this.#tokens.peekNonSpace();
    const name = this.#templateName("template clause");
    if (this.#tokens.peekNonSpace().kind === "right delimiter") {
      this.#tokens.nextNonSpace();
      return { kind: "template", at, name, pipeline: undefined };
    }
    return { kind: "template", at, name, pipeline: this.#pipelines.parse("template clause", "right delimiter") };
  }

  /** A block is a definition and its use in one. */
  #block(): Node {
    const { at } = this.#tokens.peekNonSpace();
    const name = this.#templateName("block clause");
    const pipeline = this.#pipelines.parse("block clause", "right delimiter");
    const inner = new Parser(this.#shared);
    const { nodes, end } = inner.#list();
    if (end.kind !== "end") throw this.#tokens.failure("unexpected {{else}} in block clause");
    inner.#define(name, nodes);
    return { kind: "template", at, name, pipeline };
  }

  #templateName(context: string): Bytes {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== "string" && token.kind !== "raw string") throw this.#tokens.unexpected(token, context);
    return this.#pipelines.unquote(token);
  }
}

function isKeyword({ kind, text }: Token, word: string): boolean {
  return kind === "keyword" && text === word;
}

function isListEnd(node: Node | ListEnd): node is ListEnd {
  return node.kind === "end" || node.kind === "else";
}

/** Whether a template says nothing: blanks and comments only. */
function isEmpty(nodes: NodeList): boolean {
  return nodes.every((node) => node.kind === "text" && trimSpace(node.text) === "");
}
