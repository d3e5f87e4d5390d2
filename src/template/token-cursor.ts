import { type Bytes, fromBytes } from "./bytes.ts";
import { TemplateParse } from "./failure.ts";
import type { Lexer } from "./lexer.ts";
import type { Token, TokenKind } from "./token.ts";

/** Tokens that are words of the language or names. Constants are never shown: they may be secrets. */
const shownKinds: ReadonlySet<TokenKind> = new Set<TokenKind>([
  "field",
  "identifier",
  "keyword",
  "punctuation",
  "variable",
]);

/** Walks over the tokens of a lexer with as much lookahead as is given back to it. */
export class TokenCursor {
  readonly #lexer: Lexer;
  /** Tokens that were given back; the next one last. */
  readonly #returned: Token[] = [];
  /** The line of the latest token that this cursor took from the lexer, for complaints. */
  #line = 1;

  constructor(lexer: Lexer) {
    this.#lexer = lexer;
  }

  next(): Token {
    const returned = this.#returned.pop();
    if (returned !== undefined) return returned;
    const token = this.#lexer.next();
    this.#line = token.line;
    return token;
  }

  /** Gives a token back: it is the next one again. */
  giveBack(token: Token): void {
    this.#returned.push(token);
  }

  peek(): Token {
    const token = this.next();
    this.giveBack(token);
    return token;
  }

  nextNonSpace(): Token {
    for (;;) {
      const token = this.next();
      if (token.kind !== "space") return token;
    }
  }

  /** Looks behind blanks, which are gone afterwards. */
  peekNonSpace(): Token {
    const token = this.nextNonSpace();
    this.giveBack(token);
    return token;
  }

  /** Takes a token of this kind, behind blanks. Throws `TEMPLATE_PARSE` for any other. */
  expect(kind: TokenKind, context: string): void {
    const token = this.nextNonSpace();
    if (token.kind !== kind) throw this.unexpected(token, context);
  }

  /** The complaint about a token. */
  unexpected(token: Token, context: string): TemplateParse {
    return this.failure(token.kind === "problem" ? token.text : `unexpected ${describe(token)} in ${context}`);
  }

  failure(reason: Bytes): TemplateParse {
    return new TemplateParse(this.#line, fromBytes(reason));
  }
}

function describe({ kind, text }: Token): Bytes {
  return shownKinds.has(kind) ? `${kind} ${text}` : kind;
}
