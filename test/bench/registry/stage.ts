import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { SideCounts } from "./counts.ts";
import type { Command, Ready, RegistryOptions, Reply, SideName } from "./protocol.ts";

const program = fileURLToPath(new URL("registry-process.ts", import.meta.url));

/**
 * Bytes that are only counted lie in memory that Node lets go when it collects young objects. The sooner that is, the
 * less there is of it: this halves what a sink costs.
 */
const lightSink = ["--max-semi-space-size=1"];

/** What one run came to on the other side. */
export interface StageCounts {
  readonly sides: Readonly<Record<SideName, SideCounts>>;
  readonly cpuSeconds: number;
}

/** The registries of one measurement, in a process of their own. Disposing ends it. */
export class Stage implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly ready: Ready;

  private constructor(process: ChildProcess, ready: Ready) {
    this.#process = process;
    this.ready = ready;
  }

  /** Starts them. Resolves when the source has everything that the recipe makes, and the targets nothing. */
  static async start(options: RegistryOptions): Promise<Stage> {
    const execArgv = options.countsOnly ? lightSink : [];
    const child = fork(program, [JSON.stringify(options)], {
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv,
    });
    return new Stage(child, (await answerOf(child)) as Ready); // the first thing it says
  }

  /** Gives every target all images. */
  async fill(): Promise<void> {
    await this.#ask("fill");
  }

  /** Takes everything from every target. */
  async empty(): Promise<void> {
    await this.#ask("empty");
  }

  /** Counts from nothing again. */
  async forget(): Promise<void> {
    await this.#ask("forget");
  }

  /** What was asked since, and what the registries needed of the processor for it. */
  async counts(): Promise<StageCounts> {
    const { counts, cpuSeconds } = await this.#ask("counts");
    if (counts === undefined || cpuSeconds === undefined) throw new Error("the registries do not count");
    return { sides: counts, cpuSeconds };
  }

  /** How many tags a side has that name what they should. */
  async matching(side: SideName): Promise<number> {
    return (await this.#ask("matching")).matching?.[side] ?? 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return;
    const gone = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await gone;
  }

  async #ask(command: Command): Promise<Reply> {
    const answer = answerOf(this.#process);
    this.#process.send(command);
    return (await answer) as Reply; // it answers every command with one
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  const ended = once(child, "exit", { signal: gone.signal }).then(() => {
    throw new Error("the process with the registries ended");
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
