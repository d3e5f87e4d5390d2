import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";

/** What one run of a program cost. */
export interface Measured {
  /** `null` when a signal ended it. */
  readonly exit: number | null;
  readonly wallMs: number;
  /** Of the program and whatever it started, on all cores; the system counts in hundredths of a second. */
  readonly cpuSeconds: number;
  /** Most memory that was resident at one time, in bytes. */
  readonly peakBytes: number;
  /** Memory that was resident, sample by sample. */
  readonly resident: readonly ResidentSample[];
  /** Everything it printed. */
  readonly output: string;
}

/** How much memory a program had resident at one time. */
export interface ResidentSample {
  /** Since the program started. */
  readonly atMs: number;
  readonly bytes: number;
}

/** What is run. */
export interface ProgramCall {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** The last of a program's life is not seen: the shortest run takes several times this. */
const sampleMs = 5;
/** How far apart the samples are that are kept. */
const keptMs = 100;
/** Hundredths of a second in which Linux counts the time of processes, everywhere. */
const ticksPerSecond = 100;

/**
 * Runs a program to its end and measures it from outside, the same for every program. Linux only.
 *
 * CPU time is the system's own account of children that ended, so nothing else may be waited for meanwhile. A program
 * that takes longer than `limitMs` is ended.
 */
export async function measure(call: ProgramCall, limitMs: number): Promise<Measured> {
  const cpuBefore = cpuOfChildren();
  const startedMs = performance.now();
  const child = spawn(call.program, call.args, {
    stdio: ["ignore", "pipe", "pipe"],
    cwd: call.cwd,
    env: { PATH: process.env["PATH"], ...call.env },
  });
  let output = "";
  const listen = (chunk: string): void => {
    output += chunk;
  };
  child.stdout.setEncoding("utf8").on("data", listen);
  child.stderr.setEncoding("utf8").on("data", listen);
  const resident: ResidentSample[] = [];
  let peakBytes = 0;
  const sample = (): void => {
    const status = statusOf(child.pid);
    peakBytes = Math.max(peakBytes, kibibytes(status, "VmHWM"));
    const atMs = performance.now() - startedMs;
    if (atMs - (resident.at(-1)?.atMs ?? -keptMs) >= keptMs) resident.push({ atMs, bytes: kibibytes(status, "VmRSS") });
  };
  sample();
  const timer = setInterval(sample, sampleMs);
  const limit = setTimeout(() => child.kill("SIGKILL"), limitMs);
  try {
    const { exit, wallMs } = await new Promise<Pick<Measured, "exit" | "wallMs">>((resolve, reject) => {
      let endedMs = 0;
      child.once("exit", () => {
        endedMs = performance.now();
      });
      child.once("error", reject);
      child.once("close", (exit) => resolve({ exit, wallMs: endedMs - startedMs }));
    });
    return { exit, wallMs, cpuSeconds: cpuOfChildren() - cpuBefore, peakBytes, resident, output };
  } finally {
    clearInterval(timer);
    clearTimeout(limit);
  }
}

/** Seconds on the processor of all children that ended. Spec: proc_pid_stat(5), `cutime` and `cstime`. */
function cpuOfChildren(): number {
  const text = readFileSync("/proc/self/stat", "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" "); // the third field is the first behind the name
  return (Number(fields[13]) + Number(fields[14])) / ticksPerSecond;
}

function statusOf(pid: number | undefined): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return ""; // it has ended
  }
}

function kibibytes(status: string, field: string): number {
  return Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1] ?? 0) * 1024;
}
