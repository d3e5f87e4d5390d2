import { Command, Option } from "commander";
import { blobLanes } from "./blob-lane.ts";
import type { FlagShape } from "./words.ts";

/** Shells that `completion` knows. */
export const shells = ["bash", "zsh", "fish", "powershell"] as const;
/** One of them. */
export type Shell = (typeof shells)[number];

/** The hidden command that completion scripts ask for what may be typed next. */
export const completeCommand = "__complete";

/** Stands for the command of that name, wherever it stands. */
export const versionFlag = "--version";

const summary = "Keeps container images mirrored between registries and OCI layouts.";
const footer = `
Options may stand before or after the command. Logs go to standard error, results to standard output.
Exit status: 0 fine, 1 something failed, 2 "check --exit-code" found images to copy, 3 the configuration or the
command line is wrong, 130 or 143 interrupted; a server that a signal ends in good order exits with 0.`;

/**
 * The commands and their flags, as help, parsing and completion see them. Spec: regsync.md §1.1, §1.2.
 *
 * Nothing is attached to them: `readInvocation` says what was asked for.
 */
export function buildProgram(): Command {
  const program = new Command("regsync")
    .description(summary)
    .usage("<command> [options]")
    .option("-v, --verbosity <level>", "log level: trace, debug, info, warn, error; info+2 is between two", "INFO")
    .option("--logopt <option>", "log option, may be repeated: json writes one JSON object per line", collect)
    .option(versionFlag, "print what this program was built from, as the command version does")
    .helpOption("-h, --help", "show help")
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .addHelpText("after", footer);

  const server = program.command("server").description("mirror every entry at its own times, until a signal ends it");
  addConfigFlags(server);
  addMemoryFlags(server);
  addTransferFlag(server);
  server.option("--abort-on-error", "end at the first failure");
  server.option(
    "--listen <address>",
    "address and port for health, metrics and the API; off does not listen (default: REGSYNC_LISTEN, the file, :9090)",
  );

  const once = program.command("once").description("mirror everything in the file once, and end");
  addConfigFlags(once);
  once.option("--abort-on-error", "stop at the first failure");
  once.option("--missing", "copy only tags that the target does not have");
  addMemoryFlags(once);
  addTransferFlag(once);
  addOutputFlag(once, "what became of each image");

  const check = program.command("check").description("say what once would copy and why, and write nothing");
  addConfigFlags(check);
  check.option("--abort-on-error", "stop at the first failure");
  check.option("--exit-code", "exit with 2 when there are images to copy");
  addMemoryFlags(check);
  addOutputFlag(check, "what would become of each image");

  const config = program
    .command("config")
    .description("print the effective configuration: defaults filled in, templates expanded");
  addConfigFlags(config);
  config.option("--show-secrets", "print passwords and keys instead of a mask");
  addOutputFlag(config, "the configuration");

  const health = program.command("health").description("ask the server on this machine whether it is alive");
  health.option("--listen <address>", "where the server listens; REGSYNC_LISTEN without the flag, or :9090");
  health.option("--ready", "ask whether it is ready for work instead");

  const version = program.command("version").description("print what this program was built from");
  version.option("--format <template>", "Go template: {{ .VCSTag }} or {{ json . }}, for example");
  addOutputFlag(version, "the same");

  const completion = program
    .command("completion")
    .description("print a completion script for your shell")
    .helpCommand(false);
  for (const shell of shells) {
    completion
      .command(shell)
      .description(`print the completion script for ${shell}`)
      .option("--no-descriptions", "complete without descriptions");
  }

  program.command("help").argument("[command...]").description("show help for a command");
  return program;
}

/** Every flag of every command. */
export function flagShapes(program: Command): FlagShape[] {
  const shapes = commandsOf(program).flatMap((command) =>
    command.options.map((option) => ({
      long: option.long ?? "",
      short: option.short ?? "",
      takesValue: option.required,
    })),
  );
  return [...shapes, { long: "--help", short: "-h", takesValue: false }];
}

/** The program, its commands, and theirs. */
export function commandsOf(program: Command): Command[] {
  return [program, ...program.commands.flatMap(commandsOf)];
}

function addConfigFlags(command: Command): void {
  command.option("-c, --config <file>", "required: the configuration file, - for standard input");
  command.option("--strict", "refuse the configuration for what is otherwise a warning");
}

function addMemoryFlags(command: Command): void {
  command.option(
    "--state-dir <directory>",
    "what is remembered between starts (also REGSYNC_STATE_DIR); empty for none",
  );
  command.option("--full", "ask for every tag on both sides, whatever is remembered or listed");
}

function addTransferFlag(command: Command): void {
  const lane = new Option(
    "--blob-lane <lane>",
    "what large blobs and HEAD requests travel on (also REGSYNC_BLOB_LANE, default own)",
  );
  command.addOption(lane.choices(blobLanes));
}

function addOutputFlag(command: Command, what: string): void {
  const output = new Option("--output <form>", `json prints ${what}, for machines`);
  command.addOption(output.choices(["text", "json"]).default("text"));
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
