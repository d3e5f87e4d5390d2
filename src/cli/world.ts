import type { Clock } from "../base/clock.ts";
import type { RunOnce, RunServer } from "./run.ts";

/** Where text goes. */
export interface Output {
  write(text: string): void;
  /** How many characters fit on it now, or `undefined` when it is not a terminal. */
  size(): TerminalSize | undefined;
}

/** The size of a terminal, in cells. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** What the program runs on. */
export interface Machine {
  /** As Node names them: `linux`, `x64`. */
  readonly system: string;
  readonly architecture: string;
  readonly nodeVersion: string;
  readonly v8Version: string;
  /**
   * The IANA name of the local zone, given the variable `TZ`. Asking wakes up a large library, which most commands need
   * nothing of.
   */
  readonly timeZone: (variable: string | undefined) => string;
}

/** Everything outside of the program that a command touches: of the real process, or of a test. */
export interface World {
  /** The words behind the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened by who reads it: a program that does not must not hold it. */
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Results. */
  readonly stdout: Output;
  /** Logs, errors, the live view. */
  readonly stderr: Output;
  readonly clock: Clock;
  readonly machine: Machine;
  /** Aborted when the program is to stop, by `stoppedBy` or by a failure that nobody caught. */
  readonly signal: AbortSignal;
  /** Loads what copies images, which the commands that only answer do without. */
  readonly loadEngine: () => Promise<RunOnce>;
  /** Loads what mirrors on schedules. */
  readonly loadServer: () => Promise<RunServer>;
  /** Calls `act` at each such signal of the operating system, until disposed; before and after, it does what it did. */
  readonly onSignal: (name: "SIGHUP" | "SIGUSR1", act: () => void) => Disposable;
  /** Keeps the process from ending for want of work, until disposed: a server waits for the time alone. */
  readonly stayAwake: () => Disposable;
  /** Keeps the heap from growing more than it must, until disposed: for work in one piece whose objects stay. */
  readonly keepHeapTight: () => Disposable;
  /** Says how long the program may take to its end once it was told to stop, in milliseconds; it is ended then. */
  readonly mayTakeToEnd: (ms: number) => void;
}
