import type { Findings } from "./findings.ts";
import type { Path } from "./path.ts";
import type { YamlContent, YamlDocument, YamlMapping, YamlNode, YamlScalar } from "./yaml-document.ts";

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
  readonly key: YamlScalar;
  readonly value: YamlNode;
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
export const unknown: YamlScalar = { kind: "scalar", text: "", isPlain: false, start: 0, end: 0 };

/**
 * Reads mappings: the last of equal keys counts, and what `<<` brings in never replaces a key that is written out.
 * Spec: regsync.md §0.11, §2.1.
 */
export class Mappings {
  readonly #findings: Findings;
  /** What was read before; `undefined` when nothing is read twice. */
  readonly #read: Map<YamlMapping, Mapping> | undefined;
  #size = 0;
  #mergeDepth = 0;

  constructor({ hasAliases }: YamlDocument, findings: Findings) {
    this.#findings = findings;
    this.#read = hasAliases ? new Map() : undefined;
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
  read(map: YamlMapping, path: Path): Mapping {
    const known = this.#read?.get(map);
    if (known !== undefined) return known;
    const items = new Map<string, MappingItem>();
    const merges: YamlNode[] = [];
    for (const pair of map.pairs) {
      const key = follow(pair.key);
      if (key.kind !== "scalar") {
        this.#findings.refuse(path, "a list or mapping cannot be a key; put the key in quotes", key.start);
        continue;
      }
      const value = pair.value ?? emptyBehind(key);
      if (key.text === "<<" && key.isPlain) {
        if (merges.length > 0) this.#findings.warn([...path, key.text], secondMerge, key.start);
        merges.push(value);
        continue;
      }
      if (items.has(key.text)) this.#findings.warn([...path, key.text], writtenTwice, key.start);
      items.set(key.text, { key, value });
    }
    const mapping = { items, incomplete: merges.length > 0 && !this.#mergeAll(merges, items, path) };
    this.#read?.set(map, mapping);
    return mapping;
  }

  /** Adds what the `<<` of a mapping bring in, the last first. Tells whether all of them could be read. */
  #mergeAll(merges: readonly YamlNode[], items: Map<string, MappingItem>, path: Path): boolean {
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
  #sourcesOf(merge: YamlNode, path: Path): (YamlMapping | undefined)[] {
    const node = follow(merge);
    const sources = node.kind === "sequence" ? node.items.map(follow) : [node];
    return sources.map((source) => {
      if (source.kind === "mapping" && this.#mergeDepth <= deepestMerge) return source;
      if (source.kind === "mapping") this.#findings.refuse([...path, "<<"], tooDeepMerge, merge.start);
      else if (source !== unknown) this.#findings.refuse([...path, "<<"], wrongMerge, merge.start);
      return undefined;
    });
  }
}

/** The node that is meant: an alias gives what it stands for. */
export function follow(node: YamlNode): YamlContent {
  return node.kind === "alias" ? (node.target ?? unknown) : node;
}

/** Nothing, where nothing is written behind a key. */
function emptyBehind({ end }: YamlScalar): YamlScalar {
  return { kind: "scalar", text: "", isPlain: true, start: end, end };
}
