import type { Clock } from "../base/clock.ts";
import { Failure, Interrupted } from "../base/failure.ts";
import { onAbort } from "../base/on-abort.ts";
import { orAborted } from "../base/together.ts";
import type { Download, OpenContent } from "../oci/store.ts";
import { PieceMemory, slabBytes } from "./piece-memory.ts";

/** What the fastest reader may be ahead of the slowest, in bytes, and so what is held in memory. */
const aheadBytes = 1024 * 1024;
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
  /** The number of the next chunk, from 0. */
  next: number;
  /** The number of the first chunk that it may still look at: each is lent until the second one after it is asked for. */
  lent: number;
  /** Why it gets nothing more. */
  lost: Failure | undefined;
}

type SourceState =
  | { readonly kind: "closed" }
  | { readonly kind: "reading"; readonly chunks: AsyncIterator<Uint8Array>; readonly download: Download }
  | { readonly kind: "ended" }
  | { readonly kind: "failed"; readonly thrown: unknown };

/**
 * Content that is read once and given to several readers, each at its own pace within bounds: the source is held back
 * by the slowest reader once that is `aheadBytes` behind the fastest, and goes on without one that takes nothing while
 * the others wait. A reader that leaves or fails does not disturb the others; when the last has left, the source ends.
 *
 * Reading begins when every seat is taken or given up. Whoever comes later gets nothing.
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
  /** Chunks that some reader has not taken yet, the first of them by its number, and their bytes. */
  readonly #held: Uint8Array[] = [];
  #firstHeld = 0;
  #heldBytes = 0;
  readonly #memory = new PieceMemory();
  /** The number of the first chunk whose memory is not free for another. */
  #firstKept = 0;
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

  /** Bytes that some reader has not taken yet. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Takes a seat; `undefined` when the transfer has begun. Throws what opening the source throws, or `INTERRUPTED`. */
  async join(signal: AbortSignal): Promise<Download | undefined> {
    if (this.#hasBegun) return undefined;
    const reader: Reader = { next: 0, lent: 0, lost: undefined };
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
      reader.lent = Math.max(0, reader.next - 1);
      const chunk = this.#held[reader.next - this.#firstHeld];
      if (chunk !== undefined) {
        reader.next += 1;
        this.#trim();
        yield chunk;
        continue;
      }
      if (this.#source.kind === "failed") throw this.#source.thrown;
      if (this.#source.kind === "ended") return;
      if (this.#heldBytes < aheadBytes) void this.#pull();
      else this.#alarm ??= this.#clock.after(patienceMs, () => this.#loseTheSlowest());
      await this.#changed.promise;
    }
  }

  async #pull(): Promise<void> {
    const source = this.#source;
    if (this.#isPulling || source.kind !== "reading") return;
    this.#isPulling = true;
    try {
      const { done = false, value } = await source.chunks.next();
      if (done) {
        await this.#endSource({ kind: "ended" });
      } else {
        // The piece is only lent, and readers may be many pieces apart.
        this.#letGo();
        for (let at = 0; at < value.byteLength; at += slabBytes) {
          this.#held.push(this.#memory.keep(value.subarray(at, at + slabBytes)));
        }
        this.#heldBytes += value.byteLength;
        this.#onMoved();
      }
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

  /** Lets go of what every reader has taken. */
  #trim(): void {
    const slowest = Math.min(...[...this.#readers].map(({ next }) => next));
    if (slowest <= this.#firstHeld) return;
    for (const chunk of this.#held.splice(0, slowest - this.#firstHeld)) this.#heldBytes -= chunk.byteLength;
    this.#firstHeld = slowest;
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    this.#wake();
  }

  /** Frees the memory of what nobody looks at any more. */
  #letGo(): void {
    const firstLent = Math.min(...[...this.#readers].map(({ lent }) => lent));
    for (; this.#firstKept < Math.min(firstLent, this.#firstHeld); this.#firstKept += 1) this.#memory.letGo();
  }

  #loseTheSlowest(): void {
    this.#alarm = undefined;
    for (const reader of this.#readers) if (reader.next === this.#firstHeld) this.#lose(reader, new FellBehind());
  }

  #lose(reader: Reader, why: Failure): void {
    if (!this.#readers.delete(reader)) return;
    reader.lost = why;
    // Its last piece may be under way still.
    this.#memory.leaveAlone();
    if (this.#readers.size > 0) this.#trim();
    else if (this.#hasBegun) this.#end(why);
    else this.#forgetBoarding();
    this.#wake();
  }

  #end(why: Failure): void {
    this.#alarm?.[Symbol.dispose]();
    this.#stop.abort(why);
    void this.#endSource({ kind: "ended" });
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
