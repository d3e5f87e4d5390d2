import { type ChildProcessByStdio, spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { makeTempFolder } from "./temp-folder.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** How a run of the program ended. */
export interface ProgramResult {
  /** `null` when a signal ended it. */
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How to run it. */
export interface ProgramOptions {
  /** Text of the configuration: written to a file of its own and given with `-c`. */
  readonly config?: string | undefined;
  /** Variables besides `PATH` and an empty `HOME`: the machine's own are not handed on. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Text on its standard input, which is empty otherwise. */
  readonly input?: string;
  /** What is run instead of the bundle, below the repository: `src/main.ts`. */
  readonly program?: string;
  /** Options of Node itself, before the program. */
  readonly nodeOptions?: readonly string[];
  /** After so long it is ended and the run fails. 60 seconds unless told. */
  readonly limitMs?: number;
}

/** The program while it runs. */
export interface RunningProgram extends AsyncDisposable {
  readonly pid: number;
  /** Resolves when it ended by itself or by a signal that was sent; rejects when it ran into the limit. */
  readonly ended: Promise<ProgramResult>;
  signal(name: NodeJS.Signals): void;
  /** Resolves with what the pattern finds once standard error has it; rejects when the program ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
}

/** What is run unless a test says otherwise: the bundle, as users run it, or what `REGSYNC_TEST_PROGRAM` names. */
const usualProgram = process.env["REGSYNC_TEST_PROGRAM"] ?? "dist/main.js";

/** Runs the real command to its end. */
export async function runProgram(args: readonly string[], options: ProgramOptions = {}): Promise<ProgramResult> {
  await using program = await startProgram(args, options);
  return await program.ended;
}

/** Starts the real command. Disposing ends it if it still runs, and removes its home folder. */
export async function startProgram(args: readonly string[], options: ProgramOptions = {}): Promise<RunningProgram> {
  const home = await makeTempFolder("home");
  const withConfig = options.config === undefined ? args : [...args, "-c", join(home.path, "regsync.yml")];
  if (options.config !== undefined) await writeFile(join(home.path, "regsync.yml"), options.config);
  const program = resolve(repository, options.program ?? usualProgram);
  const child = spawn(process.execPath, [...(options.nodeOptions ?? []), program, ...withConfig], {
    stdio: ["pipe", "pipe", "pipe"],
    cwd: options.cwd ?? home.path,
    env: { PATH: process.env["PATH"], HOME: home.path, TZ: "UTC", ...options.env },
  });
  child.stdin.on("error", () => undefined); // a program that does not read its input is no fault of the run
  child.stdin.end(options.input ?? "");
  const ended = endOf(child, options.limitMs ?? 60_000);
  const said = listenTo(child.stderr);
  ended.catch(() => undefined); // reported to whoever awaits it
  return {
    pid: child.pid ?? expectPid(),
    ended,
    signal: (name) => void child.kill(name),
    said,
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended.catch(() => undefined);
      await home[Symbol.asyncDispose]();
    },
  };
}

/** Waits for what a stream says, from its beginning on. */
function listenTo(stream: Readable): RunningProgram["said"] {
  let text = "";
  const checks = new Set<() => void>();
  stream.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
    for (const check of checks) check();
  });
  return (pattern) =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = pattern.exec(text);
        if (found === null) return;
        checks.delete(check);
        resolve(found);
      };
      checks.add(check);
      stream.once("close", () => reject(new Error(`the program ended without saying ${pattern}; it said:\n${text}`)));
      check();
    });
}

function expectPid(): never {
  throw new Error("the program did not start");
}

function endOf(child: ChildProcessByStdio<Writable, Readable, Readable>, limitMs: number): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const limit = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`the program still ran after ${limitMs} ms; it said:\n${stdout}${stderr}`));
    }, limitMs);
    child.once("error", reject);
    child.once("close", (exit) => {
      clearTimeout(limit);
      resolve({ exit, stdout, stderr });
    });
  });
}
