import {
  type Alias,
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  type Node,
  parseAllDocuments,
  Scalar,
  type YAMLParseError,
} from "yaml";
import type { Lines } from "./lines.ts";
import type { Path } from "./path.ts";
import { explainSyntax, isForgiven, isLocal, isOutOfPlace } from "./yaml-syntax.ts";
import type {
  SyntaxFault,
  YamlAlias,
  YamlContent,
  YamlDocument,
  YamlNode,
  YamlPair,
  YamlScalar,
} from "./yaml-document.ts";

/** Steps of a path that are shown; no value of ours is deeper. */
const deepestPath = 6;

/** Reads any YAML text, in time linear in it. Spec: regsync.md §2.1. */
export function readWholeYaml(text: string, lines: Lines): YamlDocument {
  const parsed = parseAllDocuments(text, {
    prettyErrors: false,
    schema: "failsafe",
    resolveKnownTags: false,
    uniqueKeys: false,
    logLevel: "silent",
  });
  const documents = ("empty" in parsed ? [] : parsed).map(({ contents, errors }) => ({
    contents,
    errors: errors.filter((error) => !isForgiven(error)),
  }));
  const [first, ...others] = documents;
  const root = contentOf(first?.contents);
  const tree = new Tree(text);
  const copied = root && tree.copy(root);
  const errors = documents.flatMap((document) => document.errors);
  const faults = documents.flatMap(({ contents, errors }) =>
    withoutConsequences(errors).map((error) => ({
      offset: placeOf(error, contentOf(contents)),
      message: explainSyntax(error),
    })),
  );
  return {
    root: copied,
    hasAliases: tree.hasAliases,
    faults: firstOfEachLine([...faults, ...tree.faults], lines).map((fault) => ({
      ...fault,
      path: root === undefined ? [] : walkTo(root, fault.offset).path.slice(0, deepestPath),
    })),
    readable: errors.every(isLocal),
    ignoredFrom: others.map(({ contents }) => contentOf(contents)).find((node) => node !== undefined)?.range?.[0],
  };
}

/** Behind the first fault of its structure nothing of a document is in its place any more, down to the last line. */
function withoutConsequences(errors: readonly YAMLParseError[]): readonly YAMLParseError[] {
  const inOrder = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  const first = inOrder.find((error) => !isLocal(error));
  return inOrder.filter((error) => error === first || !isOutOfPlace(error));
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
    const child = childAt(node, offset);
    if (child === undefined) return { node, path };
    path.push(child[0]);
    node = child[1];
  }
}

function childAt(node: Node, offset: number): readonly [step: string | number, child: Node] | undefined {
  const items: readonly unknown[] = isCollection(node) ? node.items : [];
  const at = lastStartingBy(items, offset);
  const item = items[at];
  const child = isPair(item) ? item.value : item;
  if (!isNode(child) || child.range == null || child.range[0] > offset || offset >= child.range[2]) return undefined;
  if (!isPair(item)) return [at, child];
  return isScalar(item.key) ? [String(item.key.value), child] : undefined;
}

/** Which item is the last that does not begin behind a place; they are in the order of the text, and may be thousands. */
function lastStartingBy(items: readonly unknown[], offset: number): number {
  let [before, after] = [-1, items.length];
  while (after - before > 1) {
    const middle = (before + after) >> 1;
    const item = items[middle];
    const start = isPair(item) ? item.key : item;
    if (isNode(start) && (start.range?.[0] ?? 0) <= offset) before = middle;
    else after = middle;
  }
  return before;
}

/** Nothing at all may be an empty scalar, where a `---` or a comment stands. */
function contentOf(contents: Node | null | undefined): Node | undefined {
  const isEmpty = isScalar(contents) && contents.type === Scalar.PLAIN && contents.value === "";
  return isEmpty ? undefined : (contents ?? undefined);
}

/** What stands where a key is missing. */
const nothing: YamlContent = { kind: "scalar", text: "", isPlain: false, start: 0, end: 0 };

/** Without the name, which may be a password: it is on the line that is shown, if that may be shown. */
const unknownAlias =
  "a * at the start of a value means an alias, and no anchor of its name (&…) stands before it; put the value in quotes if it is meant as text";

const binary = "tag:yaml.org,2002:binary";
const lonelyTag = "a ! at the start of a value means a tag of YAML, and no value follows; put the value in quotes";

/** A fault, and not yet where it is in the tree. */
type Fault = Omit<SyntaxFault, "path">;

/** Copies nodes of the library to ours. An alias stands for the nearest node of its name that ended before it. */
class Tree {
  readonly #source: string;
  hasAliases = false;
  readonly faults: Fault[] = [];
  readonly #anchored = new Map<string, YamlContent>();

  constructor(source: string) {
    this.#source = source;
  }

  copy(node: Node): YamlNode {
    if (isAlias(node)) return this.#copyAlias(node);
    const copied = this.#copyContent(node);
    const name = "anchor" in node ? node.anchor : undefined;
    if (name !== undefined) this.#anchored.set(name, copied);
    return copied;
  }

  #copyAlias({ source, range }: Alias): YamlAlias {
    this.hasAliases = true;
    const target = this.#anchored.get(source);
    const [start, end] = range ?? [0, 0];
    if (target === undefined && source !== "") this.faults.push({ offset: start, message: unknownAlias });
    return { kind: "alias", target, start, end };
  }

  /** Goes deeper by itself and in loops: what the package had enough of the stack for must not be too deep here. */
  #copyContent(node: Exclude<Node, Alias>): YamlContent {
    const [start, end] = node.range ?? [0, 0];
    if (isMap(node)) {
      const pairs: YamlPair[] = [];
      for (const { key, value } of node.items) {
        const copied = isNode(key) ? this.copy(key) : nothing;
        pairs.push({ key: copied, value: isNode(value) ? this.copy(value) : undefined });
      }
      return { kind: "mapping", pairs, start };
    }
    if (isSeq(node)) {
      const items: YamlNode[] = [];
      for (const item of node.items) if (isNode(item)) items.push(this.copy(item));
      return { kind: "sequence", items, start };
    }
    return this.#copyScalar(node, start, end);
  }

  #copyScalar({ tag = "", type, value }: Scalar, start: number, end: number): YamlScalar {
    const text = typeof value === "string" ? value : "";
    const isPlain = type === Scalar.PLAIN;
    if (tag === binary) {
      return { kind: "scalar", text: Buffer.from(text, "base64").toString("utf8"), isPlain: false, start, end };
    }
    if (isPlain && text === "" && tag.startsWith("!")) {
      this.faults.push({ offset: this.#source.lastIndexOf(tag, start), message: lonelyTag });
    }
    const isBlock = type === Scalar.BLOCK_LITERAL || type === Scalar.BLOCK_FOLDED;
    const isCutOff = isBlock && end === this.#source.length && !/\n[ \t]*$/.test(this.#source);
    return { kind: "scalar", text: isCutOff ? text.replace(/\n$/, "") : text, isPlain, start, end };
  }
}

/** Whatever follows a fault on the same line is mostly its consequence. */
function firstOfEachLine(faults: readonly Fault[], lines: Lines): Fault[] {
  const seen = new Set<number>();
  return faults
    .toSorted((a, b) => a.offset - b.offset)
    .filter(({ offset }) => {
      const { line } = lines.positionOf(offset);
      return !seen.has(line) && seen.add(line);
    });
}
