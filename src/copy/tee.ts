import type { Clock } from "../base/clock.ts";
import { Failure, Interrupted } from "../base/failure.ts";
import { onAbort } from "../base/on-abort.ts";
import { orAborted } from "../base/together.ts";
import type { Download, OpenContent } from "../oci/store.ts";

/** The others wait so long for readers that have not come, or for one that takes nothing any more, in milliseconds. */
const patienceMs = 10_000;

/** The transfer went on without this reader, which took nothing for too long. */
export class FellBehind extends Failure {
  readonly code = "INTERRUPTED";

  constructor() {
    super("this target took nothing for so long that the transfer to the others went on without it");
  }
}

interface Reader {
  /** Whether it is done with what it was given. */
  isWaiting: boolean;
  /** Why it gets nothing more. */
  lost: Failure | undefined;
  /** Called when the others go on without it. */
  readonly onGivenUp: () => void;
}

type SourceState =
  | { readonly kind: "closed" }
  | { readonly kind: "reading"; readonly chunks: AsyncIterator<Uint8Array>; readonly download: Download }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly thrown: unknown };

/**
 * Content that is read once and given to several readers, piece by piece: the next one is asked for when every reader is
 * done with the last, so that nothing is copied or held here. How far targets are apart is for the system's own buffers
 * to even out. It goes on without a reader that takes nothing while the others wait; a reader that leaves or fails does
 * not disturb the others; when the last has left, the source ends.
 *
 * Reading begins when every seat is taken or given up. Whoever comes later gets nothing. A piece is valid for a reader
 * until it asks for the next, or is given up.
 */
export class Tee {
  readonly #open: OpenContent;
  readonly #clock: Clock;
  readonly #onMoved: () => void;
  readonly #stop = new AbortController();
  readonly #readers = new Set<Reader>();
  readonly #begun = Promise.withResolvers<void>();
  #seats: number;
  #hasBegun = false;
  #boarding: Disposable | undefined;
  #source: SourceState = { kind: "closed" };
  /** What is given out at present. */
  #piece: Uint8Array | undefined;
  #isPulling = false;
  #changed = Promise.withResolvers<void>();
  /** Rings when the slowest reader has held up the others for too long. */
  #alarm: Disposable | undefined;

  /** `onMoved` is told whenever something came from the source. */
  constructor(open: OpenContent, seats: number, clock: Clock, onMoved: () => void) {
    this.#open = open;
    this.#seats = seats;
    this.#clock = clock;
    this.#onMoved = onMoved;
  }

  /**
   * Takes a seat; `undefined` when the transfer has begun. `onGivenUp` is called when the others go on without this
   * reader: what it still looks at changes from then on. Throws what opening the source throws, or `INTERRUPTED`.
   */
  async join(signal: AbortSignal, onGivenUp: () => void): Promise<Download | undefined> {
    if (this.#hasBegun) return undefined;
    const reader: Reader = { isWaiting: true, lost: undefined, onGivenUp };
    this.#readers.add(reader);
    const listening = onAbort(signal, () => this.#lose(reader, new Interrupted(signal.reason)));
    const leave = (): void => {
      listening[Symbol.dispose]();
      this.#lose(reader, new Interrupted("the reader has left"));
    };
    this.#boarding ??= this.#clock.after(patienceMs, () => this.#begin());
    this.giveUpSeat();
    try {
      await orAborted(this.#begun.promise, signal);
      if (this.#source.kind === "failed") throw this.#source.thrown;
    } catch (thrown) {
      leave();
      throw thrown;
    }
    return { chunks: this.#chunksFor(reader), [Symbol.asyncDispose]: async () => leave() };
  }

  /** One reader less is waited for. */
  giveUpSeat(): void {
    this.#seats -= 1;
    if (this.#seats <= 0) this.#begin();
  }

  #begin(): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#forgetBoarding();
    void this.#openSource();
  }

  async #openSource(): Promise<void> {
    try {
      if (this.#readers.size > 0) {
        const download = await this.#open(this.#stop.signal);
        this.#source = { kind: "reading", chunks: download.chunks[Symbol.asyncIterator](), download };
        if (this.#readers.size === 0) await this.#endSource({ kind: "ended" });
      }
    } catch (thrown) {
      this.#source = { kind: "failed", thrown };
    }
    this.#begun.resolve();
  }

  async *#chunksFor(reader: Reader): AsyncGenerator<Uint8Array, void> {
    for (;;) {
      if (reader.lost !== undefined) throw reader.lost;
      if (this.#source.kind === "failed") throw this.#source.thrown;
      if (this.#source.kind === "ended") return;
      if (this.#piece !== undefined && !reader.isWaiting) {
        yield this.#piece;
        reader.isWaiting = true;
      } else {
        this.#goOn();
        await this.#changed.promise;
      }
    }
  }

  /** Asks for the next piece when everybody is done with the last, and otherwise watches who is not. */
  #goOn(): void {
    if (this.#isPulling) return;
    const busy = [...this.#readers].filter(({ isWaiting }) => !isWaiting).length;
    if (busy === 0) void this.#pull();
    else if (busy < this.#readers.size) this.#alarm ??= this.#clock.after(patienceMs, () => this.#loseTheSlow());
  }

  async #pull(): Promise<void> {
    const source = this.#source;
    if (source.kind !== "reading") return;
    this.#restAlarm();
    this.#isPulling = true;
    try {
      const { done = false, value } = await source.chunks.next();
      this.#piece = value ?? undefined;
      for (const reader of this.#readers) reader.isWaiting = false;
      if (done) await this.#endSource({ kind: "ended" });
      else this.#onMoved();
    } catch (thrown) {
      await this.#endSource({ kind: "failed", thrown });
    } finally {
      this.#isPulling = false;
      this.#wake();
    }
  }

  async #endSource(state: SourceState): Promise<void> {
    const before = this.#source;
    this.#source = state;
    if (before.kind !== "reading") return;
    try {
      await before.download[Symbol.asyncDispose]();
    } catch {
      // What it gave was verified, or its failure is known already.
    }
  }

  #loseTheSlow(): void {
    this.#alarm = undefined;
    for (const reader of this.#readers) {
      if (reader.isWaiting) continue;
      reader.onGivenUp();
      this.#lose(reader, new FellBehind());
    }
  }

  #lose(reader: Reader, why: Failure): void {
    if (!this.#readers.delete(reader)) return;
    reader.lost = why;
    if (this.#readers.size > 0) this.#goOn();
    else if (this.#hasBegun) this.#end(why);
    else this.#forgetBoarding();
    this.#wake();
  }

  #end(why: Failure): void {
    this.#restAlarm();
    this.#stop.abort(why);
    void this.#endSource({ kind: "ended" });
  }

  #restAlarm(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
  }

  #forgetBoarding(): void {
    this.#boarding?.[Symbol.dispose]();
    this.#boarding = undefined;
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}
