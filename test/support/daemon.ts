import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout } from "node:timers/promises";

/** A server program of somebody else, running. Disposing ends it, and waits until it is gone. */
export interface Daemon extends AsyncDisposable {
  /** What the readiness pattern captured, or `""` when there is neither. */
  readonly captured: string;
  /** Everything it printed so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
}

/** How long a server may take to get ready, and to go after it was asked to. */
const limitMs = 20_000;

/**
 * Starts a program and waits until it prints what `ready` matches; without a pattern, only until it exists.
 *
 * Rejects with its whole output when it ends before that, or takes longer than 20 seconds.
 */
export async function startDaemon(
  program: string,
  args: readonly string[],
  ready: RegExp | undefined,
  environment: Readonly<Record<string, string>> = {},
): Promise<Daemon> {
  const child = spawn(program, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"], ...environment },
  });
  const gone = new Promise<void>((resolve) => child.once("close", () => resolve()));
  let output = "";
  const matched = new Promise<string>((resolve, reject) => {
    const listen = (chunk: string): void => {
      output += chunk;
      const match = ready?.exec(output);
      if (match) resolve(match[1] ?? "");
    };
    if (ready === undefined) child.once("spawn", () => resolve(""));
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    child.once("error", reject);
    child.once("close", () => reject(new Error(`${program} ended before it was ready:\n${output}`)));
    AbortSignal.timeout(limitMs).addEventListener("abort", () => {
      reject(new Error(`${program} was not ready after ${limitMs} ms:\n${output}`));
    });
  });
  const dispose = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    const patience = AbortSignal.timeout(limitMs);
    patience.addEventListener("abort", () => child.kill("SIGKILL"));
    await gone;
  };
  try {
    const captured = await matched;
    const signal = (name: NodeJS.Signals): void => void child.kill(name);
    return { captured, output: () => output, signal, [Symbol.asyncDispose]: dispose };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

/**
 * Waits until something answers HTTP at `url`, for servers that do not say when they listen.
 *
 * Rejects after 200 attempts, 50 milliseconds apart.
 */
export async function waitForAnswer(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const answered = await fetch(url).then(
      async (answer) => {
        await answer.body?.cancel();
        return true;
      },
      () => false,
    );
    if (answered) return;
    await setTimeout(50);
  }
  throw new Error(`nothing answered at ${url}`);
}

/** A port of 127.0.0.1 that nobody listens on now, for servers that cannot choose one themselves. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("no port was given");
  return address.port;
}
