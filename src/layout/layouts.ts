import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { LRUCache } from "lru-cache";
import type { Clock } from "../base/clock.ts";
import type { KnownIndex } from "./folder.ts";
import { LayoutRepository } from "./repository.ts";

/** Texts of `index.json` files kept in memory, in bytes; what they say takes some five times as much. */
const knownBytes = 8 * 1024 * 1024;

/** What the layouts of a process need. */
export interface LayoutOptions {
  readonly clock: Clock;
  /** When images say they were listed, in epoch milliseconds; `undefined` is the time they are. */
  readonly createdMs: number | undefined;
}

/** Every OCI layout this process reads or writes: one object per folder, however its path is spelled. */
export class Layouts implements Disposable {
  readonly #options: LayoutOptions;
  readonly #known = new LRUCache<string, KnownIndex>({
    maxSize: knownBytes,
    sizeCalculation: ({ bytes }) => bytes.byteLength || 1,
  });
  readonly #byRoot = new Map<string, LayoutRepository>();

  constructor(options: LayoutOptions) {
    this.#options = options;
  }

  /** The layout in a folder, which need not exist. Relative paths start at the working directory. */
  repository(path: string): LayoutRepository {
    const root = realPath(resolve(path));
    const known = this.#byRoot.get(root);
    if (known !== undefined) return known;
    const fresh = new LayoutRepository(root, path, { ...this.#options, known: this.#known });
    this.#byRoot.set(root, fresh);
    return fresh;
  }

  /** Lets go of all layouts. What is still under way there stays noted for who goes on with it. */
  close(): void {
    for (const repository of this.#byRoot.values()) repository.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** The path without links, as far as there is anything. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(realPath(parent), basename(path));
  }
}
