import { setImmediate } from "node:timers/promises";

/** Lets everything go on that waits for nothing but other promises. */
export async function settled(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await setImmediate();
}
