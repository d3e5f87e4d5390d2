import type { MemoryFlags } from "./invocation.ts";

/** Where memory is kept: as the command line says, or else the environment, or else the file; `""` for nowhere. */
export function stateDirOf(
  { stateDir }: MemoryFlags,
  env: Readonly<Record<string, string | undefined>>,
  plan: { readonly stateDir: string },
): string {
  return stateDir ?? (env["REGSYNC_STATE_DIR"] || plan.stateDir);
}
