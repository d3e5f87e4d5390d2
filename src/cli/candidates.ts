import type { Command, Option } from "commander";
import { buildProgram, commandsOf, flagShapes } from "./program.ts";

/** One way in which a word that is being typed could go on. */
interface Candidate {
  readonly text: string;
  readonly description: string;
}

/** What fits where the cursor is. */
export interface Candidates {
  readonly candidates: readonly Candidate[];
  /** Whether the name of a file is wanted. */
  readonly files: boolean;
}

/**
 * What may be typed next. The last word is the one under the cursor, and may be empty.
 *
 * Bash hands over `--name=value` as three words; both forms are understood.
 */
export function candidatesFor(words: readonly string[]): Candidates {
  const program = buildProgram();
  const typed = words.at(-1) ?? "";
  const command = commandIn(words.slice(0, -1), program);
  const everyOption = commandsOf(program).flatMap(({ options }) => options);
  const valueOf = (word: string | undefined): Option | undefined =>
    everyOption.find((option) => option.required && word !== undefined && [option.long, option.short].includes(word));

  const [beforeLast, last] = [words.at(-3), words.at(-2)];
  const threeWords = typed === "=" ? valueOf(last) : last === "=" ? valueOf(beforeLast) : undefined;
  if (threeWords !== undefined) return valuesOf(threeWords, typed === "=" ? "" : typed, "");
  const twoWords = valueOf(last);
  if (twoWords !== undefined) return valuesOf(twoWords, typed, "");
  const equals = typed.indexOf("=");
  const oneWord = equals < 0 ? undefined : valueOf(typed.slice(0, equals));
  if (oneWord !== undefined) return valuesOf(oneWord, typed.slice(equals + 1), typed.slice(0, equals + 1));
  if (!typed.startsWith("-")) return starting(typed, operands(command));
  return starting(typed, optionsAsCandidates([...command.options, ...(command === program ? [] : program.options)]));
}

/** The command that the words before the cursor name, as far as they do. */
function commandIn(words: readonly string[], program: Command): Command {
  const takesValue = flagShapes(program).filter((shape) => shape.takesValue);
  let command = program;
  for (const [at, word] of words.entries()) {
    const before = words[at - 1];
    if (word.startsWith("-") || takesValue.some(({ long, short }) => long === before || short === before)) continue;
    command = command.commands.find((child) => child.name() === word) ?? command;
  }
  return command;
}

function operands(command: Command): Candidate[] {
  const parent = command.name() === "help" ? (command.parent ?? command) : command;
  return parent
    .createHelp()
    .visibleCommands(parent)
    .map((child) => ({ text: child.name(), description: child.description() }));
}

function optionsAsCandidates(options: readonly Option[]): Candidate[] {
  const all = options.map((option) => ({ text: option.long ?? "", description: option.description }));
  return [...all, { text: "--help", description: "show help" }];
}

function valuesOf(option: Option, typed: string, prefix: string): Candidates {
  if (option.long === "--config") return { candidates: [], files: true };
  const texts = option.argChoices ?? knownValues.get(option.long ?? "") ?? [];
  return starting(
    prefix + typed,
    texts.map((text) => ({ text: prefix + text, description: "" })),
  );
}

const knownValues: ReadonlyMap<string, readonly string[]> = new Map([
  ["--logopt", ["json"]],
  ["--verbosity", ["trace", "debug", "info", "warn", "error"]],
]);

function starting(typed: string, candidates: readonly Candidate[]): Candidates {
  return { candidates: candidates.filter(({ text }) => text.startsWith(typed)), files: false };
}
