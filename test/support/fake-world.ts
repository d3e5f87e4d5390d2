import { Readable } from "node:stream";
import type { RunOnce, RunRequest, RunServer } from "../../src/cli/run.ts";
import type { Output, TerminalSize, World } from "../../src/cli/world.ts";
import type { Plan } from "../../src/config/plan.ts";
import type { RunReport } from "../../src/sync/outcome.ts";
import { FakeClock } from "./fake-clock.ts";

/** An output that keeps what was written to it. */
class FakeOutput implements Output {
  #text = "";
  terminal: TerminalSize | undefined;

  constructor(terminal?: TerminalSize) {
    this.terminal = terminal;
  }

  get text(): string {
    return this.#text;
  }

  get lines(): string[] {
    return this.#text.split("\n").slice(0, -1);
  }

  write(text: string): void {
    this.#text += text;
  }

  size(): TerminalSize | undefined {
    return this.terminal;
  }

  /** What was written since the last time it was taken. */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }
}

/** One call of the engine. */
export interface EngineCall {
  readonly plan: Plan;
  readonly request: RunRequest;
}

/** A world of plain values: outputs that remember, an engine that answers what it is told to. */
export class FakeWorld implements World {
  readonly argv: readonly string[];
  readonly env: Record<string, string> = {};
  readonly stdout = new FakeOutput();
  stderr: Output & { readonly text: string; readonly lines: readonly string[] } = new FakeOutput();
  readonly clock = new FakeClock();
  readonly stopping = new AbortController();
  readonly signal = this.stopping.signal;
  readonly machine = {
    system: "linux",
    architecture: "x64",
    nodeVersion: "24.21.0",
    v8Version: "13.6.233",
    timeZone: () => "UTC",
  };
  /** Text on standard input. */
  input = "";
  /** What was asked of the engine. */
  readonly calls: EngineCall[] = [];
  /** The pass itself; the one of `reporting` unless a test puts in its own. */
  engine: RunOnce = () => Promise.reject(new Error("the engine was not to be asked"));

  /** The server, unless a test puts in its own. */
  server: RunServer = () => Promise.reject(new Error("no server was to be started"));
  /** How long the program may take to its end, in milliseconds. */
  allowedMs: number | undefined;

  constructor(...argv: readonly string[]) {
    this.argv = argv;
  }

  /** Makes the engine answer with this report. */
  reporting(report: Partial<RunReport>): this {
    this.engine = () =>
      Promise.resolve({ images: [], unlisted: 0, failures: [], durationMs: 1_234, interrupted: false, ...report });
    return this;
  }

  stdin = (): AsyncIterable<Uint8Array> => Readable.from([Buffer.from(this.input)]);

  readonly loadEngine = (): Promise<RunOnce> =>
    Promise.resolve((plan, request, surroundings) => {
      this.calls.push({ plan, request });
      return this.engine(plan, request, surroundings);
    });

  readonly loadServer = (): Promise<RunServer> => Promise.resolve(this.server);
  readonly onSignal = (): Disposable => ({ [Symbol.dispose]: () => undefined });
  readonly stayAwake = (): Disposable => ({ [Symbol.dispose]: () => undefined });
  readonly keepHeapTight = (): Disposable => ({ [Symbol.dispose]: () => undefined });
  readonly mayTakeToEnd = (ms: number): void => {
    this.allowedMs = ms;
  };
}
