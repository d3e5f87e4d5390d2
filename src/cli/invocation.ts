import { type Command, CommanderError } from "commander";
import type { LogFormat } from "../observe/create-log.ts";
import { levels, parseLevel } from "../observe/level.ts";
import type { BlobLane } from "./blob-lane.ts";
import { buildProgram, commandsOf, completeCommand, flagShapes, type Shell, versionFlag } from "./program.ts";
import { UsageInvalid } from "./usage.ts";
import { sortWords } from "./words.ts";

/** In which form results are printed. */
type OutputForm = "text" | "json";

/** What every command that reads the configuration is told. */
export interface ConfigFlags {
  /** A path, or `-` for standard input. */
  readonly config: string;
  /** Refuse the configuration for what is otherwise a warning. */
  readonly strict: boolean;
}

/** What a pass is told about what is known from before. */
export interface MemoryFlags {
  /** `undefined` leaves it to the environment and the file; `""` is none. */
  readonly stateDir: string | undefined;
  /** Whether every tag is asked for, whatever is known. */
  readonly full: boolean;
}

/** What a pass is told about how blobs travel. */
export interface TransferFlags {
  /** `undefined` leaves it to the environment. */
  readonly blobLane: BlobLane | undefined;
}

/** What `once` is told. */
export interface OnceFlags extends ConfigFlags, MemoryFlags, TransferFlags {
  readonly abortOnError: boolean;
  readonly missing: boolean;
  readonly output: OutputForm;
}

/** What `check` is told. */
export interface CheckFlags extends ConfigFlags, MemoryFlags {
  readonly abortOnError: boolean;
  /** Whether images to copy change the exit status. */
  readonly exitCode: boolean;
  readonly output: OutputForm;
}

/** What `config` is told. */
export interface PrintFlags extends ConfigFlags {
  readonly showSecrets: boolean;
  readonly output: OutputForm;
}

/** What `health` is told. */
export interface HealthFlags {
  /** Where the server listens; `undefined` leaves it to the environment. */
  readonly listen: string | undefined;
  /** Ask whether it is ready, and not only alive. */
  readonly ready: boolean;
}

/** What `server` is told. */
export interface ServerFlags extends ConfigFlags, MemoryFlags, TransferFlags {
  readonly abortOnError: boolean;
  /** Where to listen; `undefined` leaves it to the environment and the file. */
  readonly listen: string | undefined;
}

/** What `version` is told. */
export interface VersionFlags {
  /** A Go template; `undefined` prints all lines. */
  readonly format: string | undefined;
  readonly output: OutputForm;
}

/** What is asked for. */
export type Request =
  | { readonly kind: "help"; readonly text: string }
  | { readonly kind: "once"; readonly flags: OnceFlags }
  | { readonly kind: "check"; readonly flags: CheckFlags }
  | { readonly kind: "config"; readonly flags: PrintFlags }
  | { readonly kind: "health"; readonly flags: HealthFlags }
  | { readonly kind: "version"; readonly flags: VersionFlags }
  | { readonly kind: "completion"; readonly shell: Shell; readonly descriptions: boolean }
  | { readonly kind: "complete"; readonly words: readonly string[]; readonly descriptions: boolean }
  | { readonly kind: "server"; readonly flags: ServerFlags };

/** How to write the log. */
export interface LogFlags {
  readonly format: LogFormat;
  /** See `parseLevel`. */
  readonly level: number;
}

/** A command line that was understood. */
export interface Invocation {
  readonly request: Request;
  readonly log: LogFlags;
}

/** The names under which commander keeps what was given; a flag that was not given is absent. */
interface GivenFlags {
  readonly verbosity: string;
  readonly logopt?: readonly string[];
  readonly config?: string;
  readonly strict?: boolean;
  readonly abortOnError?: boolean;
  readonly missing?: boolean;
  readonly stateDir?: string;
  readonly full?: boolean;
  readonly blobLane?: BlobLane;
  readonly exitCode?: boolean;
  readonly showSecrets?: boolean;
  readonly listen?: string;
  readonly ready?: boolean;
  readonly format?: string;
  readonly output?: OutputForm;
  readonly descriptions?: boolean;
}

const silentLog: LogFlags = { format: "text", level: levels.error };

const noCommand = "a command is missing: server, once, check, config or version; see regsync --help";

/**
 * What a command line asks for. `columns` is the width that help is written for.
 *
 * Throws `USAGE_INVALID`. Spec: regsync.md §1.1, §1.2.
 */
export function readInvocation(argv: readonly string[], columns: number): Invocation {
  if (argv[0] === completeCommand) return { request: completeRequest(argv.slice(1)), log: silentLog };
  const program = buildProgram();
  const words = withCommand(sortWords(argv, flagShapes(program)), program);
  const shown: string[] = [];
  let matched = program;
  for (const command of commandsOf(program)) {
    const show = (text: string): void => void shown.push(text);
    command.exitOverride().configureOutput({
      writeOut: show,
      writeErr: show,
      outputError: () => undefined, // said by whoever catches what is thrown here
      getOutHelpWidth: () => columns,
      getErrHelpWidth: () => columns,
    });
    if (command.commands.length === 0) command.action(() => void (matched = command));
  }
  try {
    program.parse(words, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (!thrown.code.startsWith("commander.help")) throw new UsageInvalid(usageMessage(thrown), { cause: thrown });
    return { request: { kind: "help", text: shown.join("") }, log: silentLog };
  }
  const given = matched.optsWithGlobals<GivenFlags>();
  return { request: requestOf(matched, given), log: logFlags(given) };
}

/**
 * `help once` is `once --help`, and `--version` is `version`; a command that does not exist is complained about before
 * any of its options.
 */
function withCommand(words: readonly string[], program: Command): readonly string[] {
  const isHelp = words[0] === "help" || words.includes("--help");
  if (!isHelp && words.includes(versionFlag)) return ["version", ...versionOptions(words)];
  const ordered = words[0] === "help" ? [...words.slice(1).filter((word) => !word.startsWith("-")), "--help"] : words;
  const [name] = ordered;
  if (name === undefined || program.commands.some((command) => command.name() === name)) return ordered;
  if (!name.startsWith("-")) return [name];
  const ofCommands = new Set(program.commands.flatMap((command) => command.options.map(({ long }) => long)));
  const misplaced = ordered.find((word) => ofCommands.has(word.replace(/=.*$/s, "")));
  if (misplaced !== undefined && !ordered.includes("--help")) throw new UsageInvalid(noCommand);
  return ordered;
}

/** What is left of a command line that asks for the version: its own options, unless they belong to another command. */
function versionOptions(words: readonly string[]): readonly string[] {
  const isAlone = words[0] === "version" || words[0]?.startsWith("-") === true;
  return isAlone ? words.filter((word) => word !== versionFlag && word !== "version") : [];
}

function completeRequest(words: readonly string[]): Request {
  const descriptions = words[0] !== "--no-descriptions";
  return { kind: "complete", words: descriptions ? words : words.slice(1), descriptions };
}

/** One sentence of what commander says in one line or two. */
function usageMessage(error: CommanderError): string {
  const sentence = error.message.replace(/^error: |\.$/g, "").replaceAll("\n", " ");
  return `${sentence.replace(/^(unknown option '[^=']+)=.*'/s, "$1'")}; see regsync --help`;
}

function requestOf(command: Command, given: GivenFlags): Request {
  const { abortOnError = false, output = "text" } = given;
  const name = command.parent?.name() === "completion" ? "completion" : command.name();
  switch (name) {
    case "once":
      return {
        kind: "once",
        flags: {
          ...configFlags(given),
          ...memoryFlags(given),
          blobLane: given.blobLane,
          abortOnError,
          missing: given.missing ?? false,
          output,
        },
      };
    case "check":
      return {
        kind: "check",
        flags: {
          ...configFlags(given),
          ...memoryFlags(given),
          abortOnError,
          exitCode: given.exitCode ?? false,
          output,
        },
      };
    case "config":
      return { kind: "config", flags: { ...configFlags(given), showSecrets: given.showSecrets ?? false, output } };
    case "health":
      return { kind: "health", flags: { listen: given.listen, ready: given.ready ?? false } };
    case "version":
      if (given.format !== undefined && output === "json") {
        throw new UsageInvalid("--format and --output json exclude each other");
      }
      return { kind: "version", flags: { format: given.format, output } };
    case "completion":
      return { kind: "completion", shell: command.name() as Shell, descriptions: given.descriptions ?? true }; // its sub-commands are the shells
    default:
      return {
        kind: "server",
        flags: {
          ...configFlags(given),
          ...memoryFlags(given),
          blobLane: given.blobLane,
          abortOnError,
          listen: given.listen,
        },
      };
  }
}

function configFlags(given: GivenFlags): ConfigFlags {
  const { config, strict = false } = given;
  if (config === undefined || config === "") {
    const what = config === undefined ? "missing" : "empty";
    throw new UsageInvalid(`option --config is ${what}: it names the configuration file, or - for standard input`);
  }
  return { config, strict };
}

function memoryFlags({ stateDir, full = false }: GivenFlags): MemoryFlags {
  return { stateDir, full };
}

function logFlags({ verbosity, logopt = [] }: GivenFlags): LogFlags {
  const level = parseLevel(verbosity);
  if (level === undefined) {
    throw new UsageInvalid(
      `${JSON.stringify(verbosity)} is no log level: it is trace, debug, info, warn or error, with an offset like info+2 if wanted`,
    );
  }
  return { format: logopt.includes("json") ? "json" : "text", level };
}
