import {
  type Alias,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLParseError,
} from "yaml";
import type { Position } from "./findings.ts";
import type { Path } from "./path.ts";
import { explainSyntax, isLocal } from "./yaml-syntax.ts";

/** Steps of a path that are shown; no value of ours is deeper. */
const deepestPath = 6;

/** What the text itself says, without any meaning: scalars are texts, and nothing is merged or expanded. */
export interface YamlDocument {
  /** `undefined` when the document is empty. */
  readonly root: Node | undefined;
  readonly faults: readonly SyntaxFault[];
  /** Whether the tree is worth reading: every fault is inside one scalar. */
  readonly readable: boolean;
  /** Where a second document with content begins, which is not read; in characters. */
  readonly ignoredFrom: number | undefined;
  positionOf(offset: number): Position;
  /** The way to the value that something stands in, as far as the tree shows it. */
  pathAt(offset: number): Path;
  /** The node that an alias stands for; `undefined` when there is none, which is among the faults. */
  targetOf(alias: Alias): Node | undefined;
}

/** One place where the text is not valid YAML. */
interface SyntaxFault {
  /** In characters from the start of the text. */
  readonly offset: number;
  readonly message: string;
}

/**
 * Reads the tree of a YAML text. Takes time linear in the text, whatever it holds: an alias is a pointer here.
 * Spec: regsync.md §2.1.
 */
export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, {
    lineCounter: lines,
    prettyErrors: false,
    schema: "failsafe",
    uniqueKeys: false,
    logLevel: "silent",
  });
  const documents = "empty" in parsed ? [] : parsed;
  const [first, ...others] = documents;
  const root = contentOf(first?.contents);
  const aliases = new AliasReader();
  if (root !== undefined) aliases.read(root);
  const errors = documents.flatMap((document) => document.errors);
  const faults = documents.flatMap(({ contents, errors }) =>
    errors.map((error) => ({ offset: placeOf(error, contentOf(contents)), message: explainSyntax(error) })),
  );
  return {
    root,
    faults: firstOfEachLine([...faults, ...aliases.faults], lines),
    readable: errors.every(isLocal),
    ignoredFrom: others.map(({ contents }) => contentOf(contents)).find((node) => node !== undefined)?.range?.[0],
    positionOf: (offset) => positionOf(lines, offset),
    pathAt: (offset) => (root === undefined ? [] : walkTo(root, offset).path.slice(0, deepestPath)),
    targetOf: (alias) => aliases.targets.get(alias),
  };
}

/** Where people look for a fault: a quotation mark that is never closed is reported where the text ends. */
function placeOf(error: YAMLParseError, root: Node | undefined): number {
  const [offset] = error.pos;
  if (root === undefined || !error.message.startsWith("Missing closing")) return offset;
  return walkTo(root, offset - 1).node.range?.[0] ?? offset;
}

/** The innermost node around a place, and the way to it. */
function walkTo(root: Node, offset: number): { readonly node: Node; readonly path: Path } {
  let node = root;
  const path: (string | number)[] = [];
  for (;;) {
    const child = childrenOf(node).find(([, { range }]) => range != null && range[0] <= offset && offset < range[2]);
    if (child === undefined) return { node, path };
    path.push(child[0]);
    node = child[1];
  }
}

function childrenOf(node: Node): (readonly [step: string | number, child: Node])[] {
  if (isSeq(node)) return node.items.filter(isNode).map((item, position) => [position, item] as const);
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) =>
    isScalar(key) && isNode(value) ? [[String(key.value), value] as const] : [],
  );
}

/** Nothing at all may be an empty scalar, where a `---` or a comment stands. */
function contentOf(contents: Node | null | undefined): Node | undefined {
  const isEmpty = isScalar(contents) && contents.type === Scalar.PLAIN && contents.value === "";
  return isEmpty ? undefined : (contents ?? undefined);
}

/** Finds what each alias stands for: the nearest node of its name that ended before it. */
class AliasReader {
  readonly targets = new Map<Alias, Node>();
  readonly faults: SyntaxFault[] = [];
  readonly #anchored = new Map<string, Node>();

  read(node: Node): void {
    if (isAlias(node)) {
      const target = this.#anchored.get(node.source);
      if (target !== undefined) this.targets.set(node, target);
      else if (node.source !== "")
        this.faults.push({ offset: node.range?.[0] ?? 0, message: unknownAlias(node.source) });
      return;
    }
    if (isMap(node)) {
      for (const { key, value } of node.items) {
        if (isNode(key)) this.read(key);
        if (isNode(value)) this.read(value);
      }
    }
    if (isSeq(node)) for (const item of node.items) if (isNode(item)) this.read(item);
    const name = "anchor" in node ? node.anchor : undefined;
    if (name !== undefined) this.#anchored.set(name, node);
  }
}

function unknownAlias(name: string): string {
  return `*${name} is an alias, and no &${name} stands before it; put the value in quotes if it is meant as text`;
}

/** Whatever follows a fault on the same line is mostly its consequence. */
function firstOfEachLine(faults: readonly SyntaxFault[], lines: LineCounter): SyntaxFault[] {
  const seen = new Set<number>();
  return faults
    .toSorted((a, b) => a.offset - b.offset)
    .filter(({ offset }) => {
      const { line } = positionOf(lines, offset);
      return !seen.has(line) && seen.add(line);
    });
}

function positionOf(lines: LineCounter, offset: number): Position {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}
