import type { Bytes } from "./bytes.ts";

/** What a piece of a template is. `problem` carries a complaint instead of a piece. */
export type TokenKind =
  | "assign"
  | "bool"
  | "character"
  | "complex"
  | "declare"
  | "dot"
  | "end"
  | "field"
  | "identifier"
  | "keyword"
  | "left delimiter"
  | "left parenthesis"
  | "nil"
  | "number"
  | "pipe"
  | "problem"
  | "punctuation"
  | "raw string"
  | "right delimiter"
  | "right parenthesis"
  | "space"
  | "string"
  | "text"
  | "variable";

/** A piece of a template, or a complaint about one. */
export interface Token {
  readonly kind: TokenKind;
  /** The piece as it stands, or the complaint. */
  readonly text: Bytes;
  /** Where it starts, in bytes. */
  readonly at: number;
  /** The line where it starts, from 1. */
  readonly line: number;
}
