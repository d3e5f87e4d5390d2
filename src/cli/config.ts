import { printConfig } from "../config/print.ts";
import { levels } from "../observe/level.ts";
import { exitCode } from "./exit-code.ts";
import { printableLines } from "./failure-lines.ts";
import type { PrintFlags } from "./invocation.ts";
import { readConfig } from "./read-plan.ts";
import type { Session } from "./session.ts";

/**
 * `config`: the effective configuration on standard output, and everything wrong or doubtful in it on standard error,
 * in the form that editors and compilers have for it. Gives the exit status, which a refused entry does not change.
 *
 * Throws `CONFIG_UNREADABLE`, `CONFIG_INVALID`. Spec: regsync.md §1.1, §2.1.
 */
export async function config(flags: PrintFlags, { world, logFlags }: Session): Promise<number> {
  const { plan, effective, complaintTexts } = await readConfig(flags, world);
  for (const [at, text] of complaintTexts.entries()) {
    const level = plan.complaints[at]?.severity === "error" ? levels.error : levels.warn;
    if (level >= logFlags.level) world.stderr.write(`${printableLines(text)}\n`);
  }
  using _tight = world.keepHeapTight();
  const output = flags.output === "json" ? "json" : "yaml";
  for (const piece of printConfig(effective, { showSecrets: flags.showSecrets, output })) world.stdout.write(piece);
  return exitCode.fine;
}
