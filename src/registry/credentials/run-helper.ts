import { spawn } from "node:child_process";
import type { Clock } from "../../base/clock.ts";
import { Failure, Interrupted, messageOf, systemCodeOf } from "../../base/failure.ts";
import { onAbort } from "../../base/on-abort.ts";

/** A credential helper could not be run, or did not do what it should. Its output is never part of the message. */
export class HelperFailed extends Failure {
  readonly code = "LOGIN_FAILED";
  readonly program: string;

  constructor(program: string, reason: string, cause?: unknown) {
    super(`the credential helper ${program} ${reason}`, { cause });
    this.program = program;
  }
}

/** What a helper is asked to do. */
export type HelperAction = "get" | "list";

/** How helpers are run. */
export interface HelperRules {
  /** What the program sees of the environment; its `PATH` finds it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
}

/** What a helper printed, and how it ended. */
export interface HelperOutput {
  readonly text: string;
  /** Exit status. */
  readonly status: number;
}

/** A helper that takes longer waits for something that never comes: a password prompt, a locked keychain. */
const limitMs = 60_000;
/** A list of a few thousand logins fits. */
const limitBytes = 1024 * 1024;

/**
 * Runs a credential helper: `program action` with `input` on its standard input, never through a shell.
 *
 * Throws `HelperFailed` when it cannot be started, is ended by a signal, takes longer than 60 seconds or prints more
 * than 1 MiB, and `INTERRUPTED`. Spec: regsync.md §7.4, registry-protocol.md §5.3.
 */
export async function runHelper(
  program: string,
  action: HelperAction,
  input: string,
  rules: HelperRules,
  signal: AbortSignal,
): Promise<HelperOutput> {
  if (signal.aborted) throw new Interrupted(signal.reason);
  const child = spawn(program, [action], { env: { ...rules.environment }, stdio: ["pipe", "pipe", "ignore"] });
  const { promise, resolve, reject } = Promise.withResolvers<HelperOutput>();
  const giveUp = (failure: Failure): void => {
    reject(failure);
    child.kill("SIGKILL");
    // What it started may live on, and write to whoever reads.
    child.stdout.destroy();
  };
  using _limit = rules.clock.after(limitMs, () =>
    giveUp(new HelperFailed(program, `has not answered for ${limitMs / 1_000} s`)),
  );
  using _listening = onAbort(signal, () => giveUp(new Interrupted(signal.reason)));
  const chunks: Buffer[] = [];
  let length = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    length += chunk.byteLength;
    if (length > limitBytes) giveUp(new HelperFailed(program, "prints without end"));
    else chunks.push(chunk);
  });
  child.on("error", (error) => reject(new HelperFailed(program, explain(error), error)));
  child.on("close", (status, killedBy) => {
    if (status === null) reject(new HelperFailed(program, `was ended by ${killedBy ?? "a signal"}`));
    else resolve({ text: Buffer.concat(chunks).toString("utf8"), status });
  });
  // A helper that needs no input may be gone before it is written.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return await promise;
}

function explain(error: unknown): string {
  const code = systemCodeOf(error);
  if (code === "ENOENT") return "is not installed";
  return code === "EACCES" ? "may not be executed" : `cannot be run: ${messageOf(error)}`;
}
