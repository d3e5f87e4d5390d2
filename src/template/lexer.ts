import { type Bytes, runeAt } from "./bytes.ts";
import type { Token, TokenKind } from "./token.ts";

const leftDelimiter = "{{";
const rightDelimiter = "}}";
const commentStart = "/*";
const commentEnd = "*/";
const blank = /[ \t\r\n]/;
const leadingBlanks = /[ \t\r\n]*/y;
const asciiWord = /[A-Za-z0-9_]*/y;
const letterOrDigit = /[\p{L}\p{Nd}]/u;
const digitsOfNumber =
  /[+-]?(?:0[xX][0-9a-fA-F_]*\.?[0-9a-fA-F_]*(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*\.?[0-7_]*|0[bB][01_]*\.?[01_]*|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]*)?)i?/y;

const keywords = new Set(["block", "break", "continue", "define", "else", "end", "if", "range", "template", "with"]);

/** Cuts a template into its pieces, one at a time. After a `problem` or the `end` there is nothing more. */
export class Lexer {
  readonly #text: Bytes;
  /** Where the next piece starts. */
  #at = 0;
  #insideAction = false;
  #openParentheses = 0;
  #line = 1;
  /** Where the current line ends. */
  #nextBreak: number;

  constructor(text: Bytes) {
    this.#text = text;
    this.#nextBreak = this.#breakFrom(0);
  }

  next(): Token {
    return this.#insideAction ? this.#insideOfAction() : this.#textOrDelimiter();
  }

  #textOrDelimiter(): Token {
    for (;;) {
      const start = this.#at;
      const delimiter = this.#text.indexOf(leftDelimiter, start);
      if (delimiter < 0) {
        return start < this.#text.length ? this.#token("text", this.#text.length) : this.#token("end", start);
      }
      const inside = delimiter + leftDelimiter.length;
      const trims = this.#text[inside] === "-" && this.#isBlank(inside + 1);
      if (delimiter > start) {
        const end = trims ? this.#withoutTrailingBlanks(start, delimiter) : delimiter;
        const token = this.#token("text", end);
        this.#at = delimiter;
        if (end > start) return token;
      }
      const content = trims ? inside + 2 : inside;
      if (!this.#text.startsWith(commentStart, content)) {
        const token = this.#token("left delimiter", inside);
        this.#at = content;
        this.#insideAction = true;
        this.#openParentheses = 0;
        return token;
      }
      this.#at = content;
      const problem = this.#skipComment();
      if (problem !== undefined) return problem;
    }
  }

  #skipComment(): Token | undefined {
    const closing = this.#text.indexOf(commentEnd, this.#at + commentStart.length);
    if (closing < 0) return this.#problem("unclosed comment");
    const end = closing + commentEnd.length;
    const delimiter = this.#rightDelimiterAt(end);
    if (delimiter === undefined) return this.#problem("comment ends before closing delimiter");
    this.#at = delimiter.next;
    return undefined;
  }

  #insideOfAction(): Token {
    const start = this.#at;
    const delimiter = this.#rightDelimiterAt(start);
    if (delimiter !== undefined) {
      return this.#openParentheses === 0 ? this.#closeAction(delimiter) : this.#problem("unclosed left paren");
    }
    const first = this.#text[start];
    if (first === undefined) return this.#problem("unclosed action");
    switch (first) {
      case " ":
      case "\t":
      case "\r":
      case "\n":
        return this.#space();
      case "=":
        return this.#token("assign", start + 1);
      case ":":
        return this.#text[start + 1] === "=" ? this.#token("declare", start + 2) : this.#problem("expected :=");
      case "|":
        return this.#token("pipe", start + 1);
      case '"':
        return this.#quoted("string", '"', "unterminated quoted string");
      case "`":
        return this.#rawQuoted();
      case "'":
        return this.#quoted("character", "'", "unterminated character constant");
      case "$":
        return this.#fieldOrVariable("variable");
      case ".":
        return isDecimalDigit(this.#text[start + 1]) || start + 1 === this.#text.length
          ? this.#number()
          : this.#fieldOrVariable("field");
      case "(":
        this.#openParentheses += 1;
        return this.#token("left parenthesis", start + 1);
      case ")":
        this.#openParentheses -= 1;
        return this.#openParentheses < 0
          ? this.#problem("unexpected right paren")
          : this.#token("right parenthesis", start + 1);
    }
    if (first === "+" || first === "-" || isDecimalDigit(first)) return this.#number();
    if (this.#endOfWord(start) > start) return this.#word();
    return first >= " " && first <= "~"
      ? this.#token("punctuation", start + 1)
      : this.#problem(`unrecognized character in action: ${describeRune(this.#text, start)}`);
  }

  /** A run of blanks; but the last blank belongs to a ` -}}` that follows. */
  #space(): Token {
    const start = this.#at;
    leadingBlanks.lastIndex = start;
    leadingBlanks.test(this.#text);
    const end = leadingBlanks.lastIndex;
    const delimiter = this.#rightDelimiterAt(end - 1);
    if (delimiter === undefined) return this.#token("space", end);
    return end - 1 > start ? this.#token("space", end - 1) : this.#closeAction(delimiter);
  }

  #closeAction(delimiter: RightDelimiter): Token {
    this.#at = delimiter.at;
    const token = this.#token("right delimiter", delimiter.at + rightDelimiter.length);
    this.#at = delimiter.next;
    this.#insideAction = false;
    return token;
  }

  /** A loop and not a pattern, which would need memory for every character of a long text. */
  #quoted(kind: "string" | "character", quote: string, complaint: string): Token {
    for (let at = this.#at + 1; at < this.#text.length; at += 1) {
      if (this.#text[at] === quote) return this.#token(kind, at + 1);
      if (this.#text[at] === "\\") at += 1;
      if (this.#text[at] === "\n") break;
    }
    return this.#problem(complaint);
  }

  #rawQuoted(): Token {
    const end = this.#text.indexOf("`", this.#at + 1);
    return end < 0 ? this.#problem("unterminated raw quoted string") : this.#token("raw string", end + 1);
  }

  #fieldOrVariable(kind: "field" | "variable"): Token {
    const afterSign = this.#at + 1;
    if (this.#isTerminator(afterSign)) return this.#token(kind === "field" ? "dot" : "variable", afterSign);
    const end = this.#endOfWord(afterSign);
    return this.#isTerminator(end) ? this.#token(kind, end) : this.#badCharacter(end);
  }

  #word(): Token {
    const end = this.#endOfWord(this.#at);
    if (!this.#isTerminator(end)) return this.#badCharacter(end);
    const word = this.#text.slice(this.#at, end);
    if (keywords.has(word)) return this.#token("keyword", end);
    if (word === "nil") return this.#token("nil", end);
    return this.#token(word === "true" || word === "false" ? "bool" : "identifier", end);
  }

  #number(): Token {
    const end = this.#endOfNumber(this.#at);
    if (end === undefined) return this.#problem("bad number syntax");
    const sign = this.#text[end];
    if (sign !== "+" && sign !== "-") return this.#token("number", end);
    const endOfPair = this.#endOfNumber(end);
    return endOfPair === undefined || this.#text[endOfPair - 1] !== "i"
      ? this.#problem("bad number syntax")
      : this.#token("complex", endOfPair);
  }

  /** Where a number ends; `undefined` when a letter or a digit follows that cannot belong to it. */
  #endOfNumber(start: number): number | undefined {
    digitsOfNumber.lastIndex = start;
    digitsOfNumber.test(this.#text);
    const end = digitsOfNumber.lastIndex;
    return this.#endOfWord(end) > end ? undefined : end;
  }

  /** Where letters, digits and underscores end that begin at a place. */
  #endOfWord(start: number): number {
    let end = start;
    for (;;) {
      asciiWord.lastIndex = end;
      asciiWord.test(this.#text);
      end = asciiWord.lastIndex;
      if (!(this.#text.charCodeAt(end) >= 0x80)) return end;
      const { code, size } = runeAt(this.#text, end);
      if (!letterOrDigit.test(String.fromCodePoint(code))) return end;
      end += size;
    }
  }

  /** Whether a word may end here. */
  #isTerminator(at: number): boolean {
    const next = this.#text[at];
    return next === undefined || ".,|:)( \t\r\n".includes(next) || this.#text.startsWith(rightDelimiter, at);
  }

  #isBlank(at: number): boolean {
    return blank.test(this.#text[at] ?? "");
  }

  #withoutTrailingBlanks(start: number, end: number): number {
    let last = end;
    while (last > start && this.#isBlank(last - 1)) last -= 1;
    return last;
  }

  #rightDelimiterAt(at: number): RightDelimiter | undefined {
    const trims = this.#isBlank(at) && this.#text[at + 1] === "-";
    const delimiter = trims ? at + 2 : at;
    if (!this.#text.startsWith(rightDelimiter, delimiter)) return undefined;
    const next = delimiter + rightDelimiter.length;
    if (!trims) return { at: delimiter, next };
    leadingBlanks.lastIndex = next;
    leadingBlanks.test(this.#text);
    return { at: delimiter, next: leadingBlanks.lastIndex };
  }

  #badCharacter(at: number): Token {
    return this.#problem(`bad character ${describeRune(this.#text, at)}`);
  }

  #problem(complaint: string): Token {
    return { kind: "problem", text: complaint, at: this.#at, line: this.#lineOf(this.#at) };
  }

  #token(kind: TokenKind, end: number): Token {
    const at = this.#at;
    this.#at = end;
    return { kind, text: this.#text.slice(at, end), at, line: this.#lineOf(at) };
  }

  /** Pieces come in order, so every line break is looked for once. */
  #lineOf(at: number): number {
    while (this.#nextBreak < at) {
      this.#line += 1;
      this.#nextBreak = this.#breakFrom(this.#nextBreak + 1);
    }
    return this.#line;
  }

  #breakFrom(at: number): number {
    const found = this.#text.indexOf("\n", at);
    return found < 0 ? Number.POSITIVE_INFINITY : found;
  }
}

interface RightDelimiter {
  /** Where the `}}` itself stands. */
  readonly at: number;
  /** Where the text goes on, behind trimmed blanks. */
  readonly next: number;
}

function isDecimalDigit(text: string | undefined): boolean {
  return text !== undefined && text >= "0" && text <= "9";
}

function describeRune(text: Bytes, at: number): string {
  const { code } = runeAt(text, at);
  return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
}
