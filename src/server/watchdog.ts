import type { Clock } from "../base/clock.ts";
import type { Log } from "../observe/log.ts";
import type { EntryRunner } from "./entry-runner.ts";

/** Between two looks at all entries, in milliseconds. */
const lookMs = 5_000;

/** What a watchdog watches over. */
export interface WatchdogParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly runners: () => Iterable<EntryRunner>;
}

/** Says it in the log, once each time, when an entry is overdue or a copy stands still, and when that is over. */
export class Watchdog implements Disposable {
  readonly #parts: WatchdogParts;
  /** What was said of an entry and still holds. */
  readonly #said = new WeakMap<EntryRunner, Set<"overdue" | "stalled">>();
  #timer: Disposable;

  constructor(parts: WatchdogParts) {
    this.#parts = parts;
    this.#timer = this.#wait();
  }

  [Symbol.dispose](): void {
    this.#timer[Symbol.dispose]();
  }

  #wait(): Disposable {
    return this.#parts.clock.after(lookMs, () => {
      this.#timer = this.#wait();
      for (const runner of this.#parts.runners()) this.#look(runner);
    });
  }

  #look(runner: EntryRunner): void {
    const { overdue, stalled } = runner.troubles();
    this.#compare(runner, "overdue", overdue);
    this.#compare(runner, "stalled", stalled);
  }

  #compare(runner: EntryRunner, kind: "overdue" | "stalled", trouble: string | undefined): void {
    const said = this.#said.get(runner) ?? new Set();
    this.#said.set(runner, said);
    const { log } = this.#parts;
    if (trouble !== undefined && !said.has(kind)) {
      said.add(kind);
      log.warn("Entry is in trouble", { entry: runner.name, reason: trouble });
    } else if (trouble === undefined && said.delete(kind)) {
      log.info("Entry is out of trouble", { entry: runner.name, reason: kind });
    }
  }
}
