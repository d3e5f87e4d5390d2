import { isAlias, isMap, isNode, isScalar, isSeq, type Node, Scalar, type YAMLMap } from "yaml";
import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import { textOf } from "./scalar.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** Values that one file may have after its aliases and merges are followed; a large real file has 50,000. */
const largestExpansion = 2_000_000;

/** Mappings that may be merged into one another; people write two. */
const deepestMerge = 100;

/** The aliases of a file multiply it beyond all reason. */
export class ExpansionTooLarge extends Error {
  override readonly name = "ExpansionTooLarge";
}

/** One key of a mapping in effect. */
export interface MappingItem {
  readonly key: Node;
  readonly value: Node;
}

/** A mapping in effect. */
export interface Mapping {
  readonly items: ReadonlyMap<string, MappingItem>;
  /** Whether a `<<` could not be read, so that keys are missing. */
  readonly incomplete: boolean;
}

const writtenTwice = "is written twice in one mapping, and this later one counts; remove the other";
const secondMerge =
  "a second << in one mapping, whose keys replace those of the first; write one: <<: [*second, *first]";
const tooDeepMerge = `mappings are merged into one another more than ${deepestMerge} times; write fewer`;
const wrongMerge = "<< takes a mapping or a list of mappings; name an anchor that stands on a mapping";

/** What an alias without an anchor stands for. It was complained about. */
export const unknown = new Scalar(null);

/**
 * Reads mappings: the last of equal keys counts, and what `<<` brings in never replaces a key that is written out.
 * Spec: regsync.md §0.11, §2.1.
 */
export class Mappings {
  readonly #yaml: YamlDocument;
  readonly #findings: Findings;
  readonly #read = new Map<YAMLMap, Mapping>();
  #size = 0;
  #mergeDepth = 0;

  constructor(yaml: YamlDocument, findings: Findings) {
    this.#yaml = yaml;
    this.#findings = findings;
  }

  /** The node that is meant: an alias gives what it stands for. */
  follow(node: Node): Node {
    return isAlias(node) ? (this.#yaml.targetOf(node) ?? unknown) : node;
  }

  /** Values that came out of the file so far. */
  get size(): number {
    return this.#size;
  }

  /** Counts values that came out of the file. Throws `ExpansionTooLarge`. */
  spend(values: number): void {
    this.#size += values;
    if (this.#size > largestExpansion) throw new ExpansionTooLarge();
  }

  /** The keys of a mapping with their values. Throws `ExpansionTooLarge`. */
  read(map: YAMLMap, path: Path): Mapping {
    const known = this.#read.get(map);
    if (known !== undefined) return known;
    const items = new Map<string, MappingItem>();
    const merges: Node[] = [];
    for (const pair of map.items) {
      const key = isNode(pair.key) ? this.follow(pair.key) : new Scalar(null);
      const value = isNode(pair.value) ? pair.value : emptyBehind(key);
      if (!isScalar(key)) {
        this.#findings.refuse(path, "a list or mapping cannot be a key; put the key in quotes", offsetOf(key));
        continue;
      }
      const name = textOf(key);
      if (name === "<<" && key.type === Scalar.PLAIN) {
        if (merges.length > 0) this.#findings.warn([...path, name], secondMerge, offsetOf(key));
        merges.push(value);
        continue;
      }
      if (items.has(name)) this.#findings.warn([...path, name], writtenTwice, offsetOf(key));
      items.set(name, { key, value });
    }
    const mapping = { items, incomplete: merges.length > 0 && !this.#mergeAll(merges, items, path) };
    this.#read.set(map, mapping);
    return mapping;
  }

  /** Adds what the `<<` of a mapping bring in, the last first. Tells whether all of them could be read. */
  #mergeAll(merges: readonly Node[], items: Map<string, MappingItem>, path: Path): boolean {
    this.#mergeDepth += 1;
    let complete = true;
    for (const source of new Set(merges.toReversed().flatMap((merge) => this.#sourcesOf(merge, path)))) {
      if (source === undefined) {
        complete = false;
        continue;
      }
      const merged = this.read(source, path);
      complete &&= !merged.incomplete;
      this.spend(merged.items.size);
      for (const [name, item] of merged.items) if (!items.has(name)) items.set(name, item);
    }
    this.#mergeDepth -= 1;
    return complete;
  }

  /** The mappings of one `<<`, those that count most first; `undefined` for what is none, after a complaint. */
  #sourcesOf(merge: Node, path: Path): (YAMLMap | undefined)[] {
    const node = this.follow(merge);
    const sources = isSeq(node) ? node.items.filter(isNode).map((item) => this.follow(item)) : [node];
    return sources.map((source) => {
      if (isMap(source) && this.#mergeDepth <= deepestMerge) return source;
      if (isMap(source)) this.#findings.refuse([...path, "<<"], tooDeepMerge, offsetOf(merge));
      else if (source !== unknown) this.#findings.refuse([...path, "<<"], wrongMerge, offsetOf(merge));
      return undefined;
    });
  }
}

/** Where a node begins, in characters from the start of the text. */
export function offsetOf(node: Node): number {
  return node.range?.[0] ?? 0;
}

/** Nothing, where nothing is written behind a key. */
function emptyBehind(key: Node): Scalar {
  const empty = new Scalar("");
  empty.type = Scalar.PLAIN;
  const end = key.range?.[1] ?? 0;
  empty.range = [end, end, end];
  return empty;
}
