import { Limiter } from "../base/limiter.ts";
import type { LayoutFolder } from "./folder.ts";
import type { LockFile } from "./lock.ts";

/** Who is at work in one layout: those of this process among themselves, and together towards other processes. */
export class Presence {
  readonly #folder: LayoutFolder;
  readonly #lock: LockFile;
  /** Changing the list, taking the mark and tidying: one at a time. */
  readonly #turn = new Limiter(1);
  #pins = 0;
  /** What shows other processes that content is being written; held from the first pin to the last. */
  #mark: Disposable | undefined;

  constructor(folder: LayoutFolder, lock: LockFile) {
    this.#folder = folder;
    this.#lock = lock;
  }

  /**
   * Keeps everybody from tidying until the answer is disposed. Where there is no folder yet there is nothing to keep;
   * see `join`. Throws what taking a lock throws.
   */
  async pin(signal: AbortSignal): Promise<Disposable> {
    if (this.#mark === undefined) {
      using _turn = await this.#turn.take(signal);
      if (await this.#folder.exists()) this.#mark ??= await this.#lock.take("writing", signal);
      this.#pins += 1;
    } else {
      this.#pins += 1;
    }
    const pinned = new DisposableStack();
    pinned.defer(() => this.#unpin());
    return pinned;
  }

  /** For who relies on what is there: makes pins that were taken before there was a folder count from now on. */
  async join(signal: AbortSignal): Promise<void> {
    if (this.#pins === 0 || this.#mark !== undefined) return;
    using _again = await this.pin(signal);
  }

  /** The right to change the list of the layout, until disposed. */
  async list(signal: AbortSignal): Promise<Disposable> {
    using held = new DisposableStack();
    held.use(await this.#turn.take(signal));
    held.use(await this.#lock.take("listing", signal));
    return held.move();
  }

  /** The layout for oneself until disposed; `undefined` when anybody else is at work in it. Waits for no process. */
  async alone(signal: AbortSignal): Promise<Disposable | undefined> {
    using held = new DisposableStack();
    held.use(await this.#turn.take(signal));
    const lock = this.#pins > 0 ? undefined : this.#lock.tryTake("tidying");
    if (lock === undefined) return undefined;
    held.use(lock);
    return held.move();
  }

  /** Gives back what other processes see, also of pins that nobody disposed. */
  leave(): void {
    this.#mark?.[Symbol.dispose]();
    this.#mark = undefined;
  }

  #unpin(): void {
    this.#pins -= 1;
    if (this.#pins === 0) this.leave();
  }
}
