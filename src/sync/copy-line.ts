/**
 * Images of one repository that are decided on and wait to be copied, so that others can be looked at meanwhile: what
 * is missing then goes before what is only to be refreshed. No more than so many, or the first would be decided on long
 * before they are copied, and all of them be in memory.
 */
export class CopyLine {
  readonly #most: number;
  readonly #waiting = new Set<Promise<void>>();

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Begins work on an image, which says by its callback when it waits. Resolves when it does, or has ended, and the line
   * has room. Rejects with what any work in it rejects with.
   */
  async begin(work: (waits: () => void) => Promise<void>): Promise<void> {
    const waits = Promise.withResolvers<"waiting">();
    const ended = work(() => waits.resolve("waiting"));
    if ((await Promise.race([ended, waits.promise])) !== "waiting") return;
    const waiting = ended.finally(() => this.#waiting.delete(waiting));
    waiting.catch(() => undefined); // told to whoever comes next, or to `drained`
    this.#waiting.add(waiting);
    while (this.#waiting.size >= this.#most) await Promise.race(this.#waiting);
  }

  /** Resolves when everything in line has ended. */
  async drained(): Promise<void> {
    await Promise.all(this.#waiting);
  }
}
