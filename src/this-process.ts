import v8 from "node:v8";
import { longestTimerMs, systemClock } from "./base/clock.ts";
import { Interrupted, messageOf } from "./base/failure.ts";
import { exitCode, interruptedExit, stoppedBy } from "./cli/exit-code.ts";
import { runCli } from "./cli/run-cli.ts";
import type { Output } from "./cli/world.ts";
import { thisMachine } from "./this-machine.ts";
import { YoungSpace } from "./young-space.ts";

/** How long the work has, once told to stop, to cancel uploads and remove temporary files, unless it asks for more. */
const usualGraceMs = 10_000;
/** Takes a live view off a terminal. */
const clearBelow = "\x1b[J";

/** Runs the program in this process: its arguments, streams, signals and exit status. Ends the process. */
export async function runHere(): Promise<never> {
  // Stays when everything waits for what never comes, and Node ends for want of work.
  process.exitCode = exitCode.failed;
  const youngSpace = new YoungSpace(systemClock);
  const stopping = new AbortController();
  let outputLost = false;
  let graceMs = usualGraceMs;

  const stop = (reason: unknown, exit: number): void => {
    const endNow = (): never => {
      if (process.stderr.isTTY) process.stderr.write(clearBelow);
      process.exit(exit);
    };
    if (stopping.signal.aborted) endNow();
    stopping.abort(reason);
    systemClock.after(graceMs, endNow);
  };
  const onSignal = (name: NodeJS.Signals): void => stop(stoppedBy(name), interruptedExit(stoppedBy(name)));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  process.on("uncaughtException", (thrown) => {
    if (!stopping.signal.aborted) stop(thrown, exitCode.failed);
    else if (!(thrown instanceof Interrupted)) process.stderr.write(`${messageOf(thrown)}\n`);
  });

  const onStdoutFailure = (error: Error): void => {
    if ("code" in error && error.code === "EPIPE") return; // nobody reads the results, which is theirs to decide
    if (!outputLost) process.stderr.write(`standard output cannot be written: ${error.message}\n`); // of each piece
    outputLost = true;
  };
  const exit = await runCli({
    argv: process.argv.slice(2),
    env: process.env,
    stdin: () => process.stdin,
    stdout: outputTo(process.stdout, onStdoutFailure),
    stderr: outputTo(process.stderr, () => undefined), // nowhere is left to say it
    clock: systemClock,
    machine: thisMachine,
    signal: stopping.signal,
    loadEngine: async () => (await loadApp(youngSpace)).runOnce,
    loadServer: async () => (await loadApp(youngSpace)).runServer,
    // Node keeps SIGUSR1 for its debugger, which nobody can wake up while somebody listens here.
    onSignal: (name, act) => {
      process.on(name, act);
      return { [Symbol.dispose]: () => void process.off(name, act) };
    },
    stayAwake,
    keepHeapTight: () => youngSpace.hold(),
    mayTakeToEnd: (ms) => {
      graceMs = ms;
    },
  });
  await Promise.all([drained(process.stdout), drained(process.stderr)]);
  process.exit(exit === exitCode.fine && outputLost ? exitCode.failed : exit);
}

/** A promise that is waited for does not keep Node alive, and neither do timers of the clock's `after`. */
function stayAwake(): Disposable {
  const end = new AbortController();
  const sleep = (): Promise<void> => systemClock.sleep(longestTimerMs, end.signal).then(sleep, () => undefined);
  void sleep();
  return { [Symbol.dispose]: () => end.abort() };
}

/** Failures to write arrive with each piece of text; the event that says the same once more must have a listener. */
function outputTo(stream: NodeJS.WriteStream, onFailure: (error: Error) => void): Output {
  stream.on("error", () => undefined);
  return {
    write: (text) =>
      void stream.write(text, (error) => {
        if (error) onFailure(error);
      }),
    size: () => (stream.isTTY ? { columns: stream.columns || 80, rows: stream.rows || 24 } : undefined),
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}

/** Loads what does the work, and sets V8 up for it. */
async function loadApp(youngSpace: YoungSpace) {
  keepParserSmall();
  collectOldSooner();
  youngSpace.growOnce();
  return await import("./app.ts");
}

/**
 * The HTTP parser of undici is WebAssembly. V8 compiles it twice, the second time for speed after a few answers, and that
 * takes 20 MB that never come back, and more time than it ever saves here. On the command line the first of these flags
 * brings the others with it; once Node runs, each counts for itself.
 */
function keepParserSmall(): void {
  v8.setFlagsFromString("--liftoff-only --no-wasm-tier-up --no-wasm-dynamic-tiering");
}

/**
 * V8 lets old objects become several times as many before it looks which of them are garbage. Of every tag a few hundred
 * bytes come among them: over 100,000 tags that was 20 MB. When it looks each time they have grown by a fifth, or by the
 * few megabytes that it always waits for, memory stays as it is.
 */
function collectOldSooner(): void {
  v8.setFlagsFromString("--heap-growing-percent=20");
}
