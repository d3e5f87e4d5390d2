import { dirname } from "node:path";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/failure.ts";
import type { Log } from "../observe/log.ts";

/** From the first sign of a change to the look at it, in milliseconds: changes come in several steps. */
const settleMs = 2_000;
/** Between two looks that nobody asked for, in milliseconds: not every file system tells of changes. */
const pollMs = 60_000;
/** Which files are looked at: those that are not known yet, all but the configuration itself, or all. */
type Which = "unknown" | "others" | "all";

/** How long a look at the files before a run is good for the runs after it, in milliseconds. */
const freshMs = 1_000;

/** The files of the machine, as far as watching them goes. */
export interface WatchedFiles {
  /** The SHA-256 of a file's content, hexadecimal; a file that cannot be read counts as empty. */
  hash(path: string): Promise<string>;
  /** Calls `act` whenever something in the folder changes, until disposed; `onLost` when that cannot be told any more. */
  watch(folder: string, act: () => void, onLost: (failure: unknown) => void): Disposable;
}

/** What is watched. */
export interface ConfigWatchParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly files: WatchedFiles;
  /** The configuration, and the hash of what was read of it; `undefined` when it came from standard input. */
  readonly main: { readonly path: string; readonly hash: string } | undefined;
  /** Files that the configuration was made from besides, at the moment: what its templates read, logins of Docker. */
  readonly others: () => readonly string[];
  /** Reads everything again. Never rejects. */
  readonly reload: () => Promise<unknown>;
}

/**
 * Notices that the configuration or a file it depends on has other content, and has it read again, once for each change.
 *
 * It watches the folder of the file and not the file: a mounted ConfigMap is a folder in which a symbolic link is
 * replaced, and editors put a new file in the old one's place. It also looks every minute, and before a run at all other
 * files.
 * Spec: operations.md §6.
 */
export class ConfigWatch implements Disposable {
  readonly #parts: ConfigWatchParts;
  #watching: Disposable | undefined;
  #saidLost = false;
  #settling: Disposable | undefined;
  #polling: Disposable | undefined;
  /** What was in the files when they were looked at last. */
  #seen = new Map<string, string>();
  #looking: Promise<void> | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #ended = false;

  constructor(parts: ConfigWatchParts) {
    this.#parts = parts;
    const { main } = parts;
    if (main !== undefined) this.#seen.set(main.path, main.hash);
  }

  /** Takes note of what the files are now, and watches from then on. */
  async start(): Promise<void> {
    this.#watch();
    this.#poll();
    // What changed since it was read is found at once.
    await this.look();
  }

  /**
   * Looks at the other files unless somebody just did, and waits for a reload when they changed. The configuration itself
   * is left to who may be writing it. Never rejects.
   */
  async freshen(): Promise<void> {
    const { clock } = this.#parts;
    if (this.#looking === undefined && clock.monotonic() - this.#lookedAt < freshMs) return;
    await (this.#looking ?? this.#queue("others"));
  }

  /** Looks at the files now. Never rejects. */
  look(): Promise<void> {
    return this.#queue("all");
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    for (const each of [this.#watching, this.#settling, this.#polling]) each?.[Symbol.dispose]();
  }

  /** Looks once the looks before have ended. */
  #queue(which: Which): Promise<void> {
    const looking = (this.#looking ?? Promise.resolve())
      .then(() => this.#look(which))
      .finally(() => {
        if (this.#looking === looking) this.#looking = undefined;
      });
    this.#looking = looking;
    return looking;
  }

  async #look(which: Which): Promise<void> {
    const { clock, log, reload } = this.#parts;
    this.#lookedAt = clock.monotonic();
    if (this.#ended) return;
    try {
      if (!(await this.#findChanges(which))) return;
      await reload();
      // It may be made from other files now: those are known from here on.
      await this.#findChanges("unknown");
    } catch (failure) {
      log.warn("Configuration cannot be watched", { error: messageOf(failure) });
    }
  }

  /** Whether a file has other content than it had. */
  async #findChanges(which: Which): Promise<boolean> {
    const { files, main, others } = this.#parts;
    const paths = new Set([...(main === undefined ? [] : [main.path]), ...others()]);
    const found = new Map<string, string>();
    let changed = false;
    for (const path of paths) {
      const seen = this.#seen.get(path);
      const isLookedAt = which === "all" || (which === "others" && path !== main?.path);
      const hash = seen === undefined || isLookedAt ? await files.hash(path) : seen;
      if (seen !== undefined && seen !== hash) changed = true;
      found.set(path, hash);
    }
    this.#seen = found;
    return changed;
  }

  #watch(): void {
    const { files, main, log } = this.#parts;
    if (main === undefined) return;
    const onLost = (failure: unknown): void => {
      this.#watching = undefined;
      if (this.#saidLost) return; // it is tried again every minute
      this.#saidLost = true;
      log.warn("Changes of the configuration are found by looking once a minute", { error: messageOf(failure) });
    };
    try {
      this.#watching = files.watch(dirname(main.path), () => this.#settle(), onLost);
      this.#saidLost = false;
    } catch (failure) {
      onLost(failure);
    }
  }

  #settle(): void {
    this.#settling ??= this.#parts.clock.after(settleMs, () => {
      this.#settling = undefined;
      void this.look();
    });
  }

  #poll(): void {
    if (this.#ended) return;
    this.#polling = this.#parts.clock.after(pollMs, () => {
      if (this.#watching === undefined) this.#watch();
      void this.look();
      this.#poll();
    });
  }
}
