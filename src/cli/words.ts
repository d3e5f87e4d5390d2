import { UsageInvalid } from "./usage.ts";

/** What a flag looks like. A name means the same in every command, so that it may stand before the command. */
export interface FlagShape {
  /** `--config` */
  readonly long: string;
  /** `-c`, or `""` when there is none. */
  readonly short: string;
  readonly takesValue: boolean;
}

/** A command line sorted into what it is made of. */
interface SortedWords {
  readonly flags: string[];
  /** The last word on every flag that is true or false. */
  readonly switches: Map<string, boolean>;
  /** Everything else: the command first. */
  readonly operands: string[];
}

/**
 * Rewrites a command line so that no word can be read in two ways: the command and what else is no flag, then flags as
 * `--name=value` or `--name`, and behind `--` what only looks like a flag.
 *
 * The grammar is that of Go's pflag, which people's scripts are written for: `-cvalue`, `-c=value`, `--flag=false`,
 * flags anywhere, `--` ends them. Unknown flags are handed on as they are.
 * Throws `USAGE_INVALID` for a flag without its value, and for one that is neither true nor false.
 * Spec: regsync.md §1.2.
 */
export function sortWords(argv: readonly string[], shapes: readonly FlagShape[]): string[] {
  const sorted: SortedWords = { flags: [], switches: new Map(), operands: [] };
  const rest = [...argv];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") sorted.operands.push(...rest.splice(0));
    else if (word.startsWith("--")) readLong(word, rest, shapes, sorted);
    else if (word.startsWith("-") && word !== "-") readShorts(word.slice(1), rest, shapes, sorted);
    else sorted.operands.push(word);
  }
  const dashed = sorted.operands.findIndex((word) => word.startsWith("-"));
  const plain = dashed < 0 ? sorted.operands : sorted.operands.slice(0, dashed);
  const behind = dashed < 0 ? [] : ["--", ...sorted.operands.slice(dashed)];
  const on = [...sorted.switches].filter(([, isOn]) => isOn).map(([long]) => long);
  return [...plain, ...sorted.flags, ...on, ...behind];
}

/** `--name`, `--name value` or `--name=value`. */
function readLong(word: string, rest: string[], shapes: readonly FlagShape[], sorted: SortedWords): void {
  const equals = word.indexOf("=");
  const name = equals < 0 ? word : word.slice(0, equals);
  const shape = shapes.find(({ long }) => long === name);
  if (shape === undefined) sorted.flags.push(name);
  else take(shape, equals < 0 ? undefined : word.slice(equals + 1), rest, sorted);
}

/** The letters of `-c`, `-cvalue`, `-c=value`, or of several switches in one word. */
function readShorts(letters: string, rest: string[], shapes: readonly FlagShape[], sorted: SortedWords): void {
  const shape = shapes.find(({ short }) => short === `-${letters.charAt(0)}`);
  const behind = letters.slice(1);
  if (shape === undefined) {
    sorted.flags.push(`-${letters.charAt(0)}`);
  } else if (behind.length > 1 && behind.startsWith("=")) {
    take(shape, behind.slice(1), rest, sorted);
  } else if (shape.takesValue) {
    take(shape, behind === "" ? undefined : behind, rest, sorted);
  } else {
    take(shape, undefined, rest, sorted);
    if (behind !== "") readShorts(behind, rest, shapes, sorted);
  }
}

function take(shape: FlagShape, attached: string | undefined, rest: string[], sorted: SortedWords): void {
  if (!shape.takesValue) {
    sorted.switches.set(shape.long, readBoolean(shape.long, attached ?? "true"));
    return;
  }
  const value = attached ?? rest.shift();
  if (value === undefined) throw new UsageInvalid(`option ${shape.long} needs a value`);
  sorted.flags.push(`${shape.long}=${value}`);
}

/** The words that Go's `strconv.ParseBool` takes. */
function readBoolean(flag: string, text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw new UsageInvalid(`option ${flag} is true or false, and not ${JSON.stringify(text)}`);
}
