import type { Path } from "./path.ts";

/** What stands in a YAML text, and what is wrong with it. */
export interface YamlDocument {
  /** `undefined` when the document is empty. */
  readonly root: YamlNode | undefined;
  /** Whether the tree reaches some node in several ways. */
  readonly hasAliases: boolean;
  readonly faults: readonly SyntaxFault[];
  /** Whether the tree is worth reading: every fault is inside one scalar. */
  readonly readable: boolean;
  /** Where a second document with content begins, which is not read; in characters. */
  readonly ignoredFrom: number | undefined;
}

/** One place where the text is not valid YAML. */
export interface SyntaxFault {
  /** In characters from the start of the text. */
  readonly offset: number;
  readonly message: string;
  /** The way to the value that it stands in, as far as the tree shows it. */
  readonly path: Path;
}

/** What the text says, without any meaning: scalars are texts, and nothing is merged or expanded. */
export type YamlNode = YamlContent | YamlAlias;

/** A node that stands for itself. */
export type YamlContent = YamlScalar | YamlSequence | YamlMapping;

/** A single value. */
export interface YamlScalar {
  readonly kind: "scalar";
  /** Without its quotes. */
  readonly text: string;
  /** Whether it was written without quotes, and not as a block of text. */
  readonly isPlain: boolean;
  /** Where it begins, and where it has ended, in characters from the start of the text. */
  readonly start: number;
  readonly end: number;
}

/** A list. */
export interface YamlSequence {
  readonly kind: "sequence";
  readonly items: readonly YamlNode[];
  readonly start: number;
}

/** Keys and values in the order of the text, equal keys and all. */
export interface YamlMapping {
  readonly kind: "mapping";
  readonly pairs: readonly YamlPair[];
  readonly start: number;
}

/** A key, which can be any node, and its value; `undefined` when nothing says that there is one. */
export interface YamlPair {
  readonly key: YamlNode;
  readonly value: YamlNode | undefined;
}

/** Another node once more. Takes no time to follow, however large that node is. */
export interface YamlAlias {
  readonly kind: "alias";
  /** `undefined` when there is none of this name, which is a fault. */
  readonly target: YamlContent | undefined;
  readonly start: number;
  readonly end: number;
}
