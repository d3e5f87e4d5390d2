/**
 * Images of one repository that are decided on and wait to be copied, so that others can be looked at meanwhile: what
 * is missing then goes before what is only to be refreshed. No more than so many, or the first would be decided on long
 * before they are copied, and all of them be in memory.
 */
export class CopyLine {
  readonly #most: number;
  readonly #waiting = new Set<Promise<void>>();
  /** Of whoever finds the line full: one promise for all of them, since each that they wait for outlives many waits. */
  #room: PromiseWithResolvers<void> | undefined;

  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Begins work on an image, which says by its callback when it waits. Resolves when it does and the line has room, or
   * when it has ended before it had to wait. Rejects with what any work in the line rejects with.
   */
  async begin(work: (waits: () => void) => Promise<void>): Promise<void> {
    const waits = Promise.withResolvers<"waiting">();
    const ended = work(() => waits.resolve("waiting"));
    if ((await Promise.race([ended, waits.promise])) !== "waiting") return;
    this.#waiting.add(ended);
    ended.then(
      () => this.#leave(ended),
      (thrown: unknown) => this.#room?.reject(thrown), // stays in line, for `drained` to tell
    );
    while (this.#waiting.size >= this.#most) await this.#roomAgain();
  }

  /** Resolves when everything in line has ended. Rejects as `begin` does. */
  async drained(): Promise<void> {
    await Promise.all(this.#waiting);
  }

  #roomAgain(): Promise<void> {
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  #leave(ended: Promise<void>): void {
    this.#waiting.delete(ended);
    if (this.#waiting.size >= this.#most) return;
    this.#room?.resolve();
    this.#room = undefined;
  }
}
