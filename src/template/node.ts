import type { Bytes } from "./bytes.ts";

/** A piece of a template that does something when it runs. `at` counts bytes from the start of the text. */
export type Node =
  | { readonly kind: "text"; readonly text: Bytes }
  | { readonly kind: "action"; readonly at: number; readonly pipeline: Pipeline }
  | BranchNode
  | { readonly kind: "template"; readonly at: number; readonly name: Bytes; readonly pipeline: Pipeline | undefined }
  | { readonly kind: "break" }
  | { readonly kind: "continue" };

/** `if`, `range` or `with`. */
export interface BranchNode {
  readonly kind: "if" | "range" | "with";
  readonly at: number;
  readonly pipeline: Pipeline;
  readonly body: NodeList;
  readonly otherwise: NodeList | undefined;
}

/** Nodes that run one after the other. */
export type NodeList = readonly Node[];

/** Commands of which each hands its result to the next, and the variables that take the last result. */
export interface Pipeline {
  readonly kind: "pipeline";
  readonly at: number;
  /** Names with their `$`. */
  readonly variables: readonly Bytes[];
  /** Whether the variables exist already (`=`), or begin here (`:=`). */
  readonly assigns: boolean;
  readonly commands: readonly Command[];
}

/** A function, method or field with its arguments, or a single operand. */
export interface Command {
  readonly at: number;
  readonly first: Operand;
  readonly rest: readonly Operand[];
}

/** A constant, or what gives a value: a field, a variable, a function, a pipeline in parentheses. */
export type Operand =
  | { readonly kind: "dot"; readonly at: number }
  | { readonly kind: "nil"; readonly at: number }
  | { readonly kind: "bool"; readonly at: number; readonly value: boolean }
  | NumberNode
  | { readonly kind: "string"; readonly at: number; readonly source: Bytes; readonly value: Bytes }
  | FieldNode
  | VariableNode
  | { readonly kind: "function"; readonly at: number; readonly name: Bytes }
  | ChainNode
  | Pipeline;

/** A constant without a type yet: the forms in which it fits are there. */
export interface NumberNode {
  readonly kind: "number";
  readonly at: number;
  readonly source: Bytes;
  readonly integer: bigint | undefined;
  readonly unsigned: bigint | undefined;
  readonly float: number | undefined;
  readonly complex: { readonly real: number; readonly imaginary: number } | undefined;
}

/** `.A.B`: fields of the current value. `at` is where the second name begins, when there is one, as Go reports it. */
export interface FieldNode {
  readonly kind: "field";
  readonly at: number;
  readonly names: readonly Bytes[];
}

/** `$x.A.B`. `at` is where the first field begins, when there is one. */
export interface VariableNode {
  readonly kind: "variable";
  readonly at: number;
  /** With its `$`. */
  readonly name: Bytes;
  readonly fields: readonly Bytes[];
}

/** `(pipeline).A.B` or `function.A.B`. `at` is where the first name begins. */
export interface ChainNode {
  readonly kind: "chain";
  readonly at: number;
  readonly base: Operand;
  readonly names: readonly Bytes[];
}
