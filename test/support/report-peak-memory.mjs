import { readFileSync, writeFileSync } from "node:fs";

/**
 * Loaded into a program with `--import`: when it ends, writes how much memory it had resident at most, in KiB, to the
 * file that `PEAK_MEMORY_FILE` names. The system's own account of this process alone; Linux only. Not TypeScript:
 * what Node reads that with would be measured too, and is some 20 MB.
 */
process.once("exit", () => {
  const file = process.env.PEAK_MEMORY_FILE;
  const peak = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1];
  if (file !== undefined && peak !== undefined) writeFileSync(file, peak);
});
