import type { runHere } from "./this-process.ts";

/** Loads everything but the beginning. The bundle has what runs its other file in the place of this one. */
export async function loadProgram(): Promise<{ readonly runHere: typeof runHere }> {
  return await import("./this-process.ts");
}
