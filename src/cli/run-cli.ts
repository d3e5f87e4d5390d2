import { Failure, type FailureCode, Interrupted, messageOf, systemCodeOf } from "../base/failure.ts";
import { levels } from "../observe/level.ts";
import { exitCode, interruptedExit } from "./exit-code.ts";
import { printableLines } from "./failure-lines.ts";
import { type Invocation, readInvocation, type Request } from "./invocation.ts";
import { openLog, type Session } from "./session.ts";
import { version } from "./version.ts";
import type { World } from "./world.ts";

/** What the person who typed the command, or wrote the file, can put right. */
const refusals: ReadonlySet<FailureCode> = new Set(["CONFIG_INVALID", "CONFIG_UNREADABLE", "USAGE_INVALID"]);

/**
 * The whole program, but for the process it runs in: follows a command line to its end and gives the exit status.
 *
 * Never rejects: what goes wrong is said on standard error. Spec: regsync.md §1.
 */
export async function runCli(world: World): Promise<number> {
  let invocation: Invocation;
  try {
    invocation = readInvocation(world.argv, world.stdout.size()?.columns ?? 80);
  } catch (thrown) {
    return report(thrown, { world, logFlags: { format: "text", level: levels.info } });
  }
  const session: Session = { world, logFlags: invocation.log };
  try {
    const exit = await follow(invocation.request, session);
    // A defect elsewhere stopped the work, which then ended in good order.
    if (world.signal.aborted && !(world.signal.reason instanceof Interrupted)) throw world.signal.reason;
    return exit;
  } catch (thrown) {
    return report(thrown, session);
  }
}

/** Every command is loaded only when it is asked for: the program starts in the time of its smallest one. */
async function follow(request: Request, session: Session): Promise<number> {
  switch (request.kind) {
    case "help":
      session.world.stdout.write(request.text);
      return exitCode.fine;
    case "once":
      return await (await import("./once.ts")).once(request.flags, session);
    case "check":
      return await (await import("./check.ts")).check(request.flags, session);
    case "config":
      return await (await import("./config.ts")).config(request.flags, session);
    case "health":
      return await (await import("./health.ts")).health(request.flags, session);
    case "version":
      return await version(request.flags, session);
    case "completion":
      (await import("./completion.ts")).printCompletion(request.shell, request.descriptions, session.world);
      return exitCode.fine;
    case "complete":
      (await import("./completion.ts")).complete(request.words, request.descriptions, session.world);
      return exitCode.fine;
    case "server":
      return await (await import("./server.ts")).server(request.flags, session);
  }
}

/** Says why a command could not be followed, as plain text behind the logs, and gives the exit status. */
function report(thrown: unknown, session: Session): number {
  const { stderr, signal } = session.world;
  if (signal.aborted && thrown instanceof Interrupted) {
    return signal.reason instanceof Interrupted ? interruptedExit(signal.reason) : defect(signal.reason, session);
  }
  if (!(thrown instanceof Failure)) return defect(thrown, session);
  stderr.write(`${printableLines(thrown.message)}\n`);
  return refusals.has(thrown.code) ? exitCode.refused : exitCode.failed;
}

/** What is no `Failure` is a fault of this program: one line for everybody, and the stack for who looks for it. */
function defect(thrown: unknown, session: Session): number {
  const log = openLog(session);
  const code = systemCodeOf(thrown);
  const facts = { error: messageOf(thrown), ...(code === undefined ? {} : { code }) };
  log.error("Unexpected failure, a defect of this program", facts);
  if (thrown instanceof Error && thrown.stack !== undefined) log.debug("Where it happened", { stack: thrown.stack });
  return exitCode.failed;
}
