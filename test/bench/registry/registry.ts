import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Command, ProcessOptions, Ready, Reply } from "./protocol.ts";

const program = fileURLToPath(new URL("registry-process.ts", import.meta.url));

/**
 * Bytes that are only counted lie in memory that Node lets go when it collects young objects. The sooner that is, the
 * less there is of it: this halves what a sink costs.
 */
const lightSink = ["--max-semi-space-size=1"];

/** One registry, in a process of its own. Disposing ends it. */
export class Registry implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly ready: Ready;

  private constructor(process: ChildProcess, ready: Ready) {
    this.#process = process;
    this.ready = ready;
  }

  /** Starts it, with nothing in it. */
  static async start(options: ProcessOptions): Promise<Registry> {
    const execArgv = options.countsOnly ? lightSink : [];
    const child = fork(program, [JSON.stringify(options)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv,
    });
    return new Registry(child, (await answerOf(child)) as Ready); // the first thing it says
  }

  /** Has it do something, and gives what it says of that. */
  async ask(command: Command): Promise<Reply> {
    const answer = answerOf(this.#process);
    this.#process.send(command);
    return (await answer) as Reply; // it answers every command with one
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  const ended = once(child, "exit", { signal: gone.signal }).then(() => {
    throw new Error("the process of a registry ended");
  });
  const answered = once(child, "message", { signal: gone.signal });
  ended.catch(() => undefined);
  try {
    const [message] = await Promise.race([answered, ended]);
    return message;
  } finally {
    answered.catch(() => undefined);
    gone.abort();
  }
}
