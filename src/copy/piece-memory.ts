/** Bytes that are asked of the system at once. Memory for a larger piece is not used again. */
export const slabBytes = 256 * 1024;

interface Slab {
  readonly bytes: Uint8Array;
  filled: number;
  /** Pieces in it that are still looked at. */
  pieces: number;
  /** Whether somebody may look at it for nobody knows how long. */
  isLeftAlone: boolean;
}

/**
 * Copies of pieces, in memory that is used again: fresh memory for each of them would lie around by the ten megabytes
 * until it is collected. They are let go in the order they were kept.
 */
export class PieceMemory {
  /** Oldest first; the last one is being filled. */
  readonly #slabs: Slab[] = [];
  readonly #spare: Uint8Array[] = [];
  #hasBegun = false;

  /** A copy of the piece, valid until it is let go. */
  keep(piece: Uint8Array): Uint8Array {
    const last = this.#slabs.at(-1);
    const hasRoom = last !== undefined && last.bytes.byteLength - last.filled >= piece.byteLength;
    const slab = hasRoom ? last : this.#begin(piece.byteLength);
    const start = slab.filled;
    slab.filled += piece.byteLength;
    slab.pieces += 1;
    const copy = slab.bytes.subarray(start, slab.filled);
    copy.set(piece);
    return copy;
  }

  /** Nobody looks at the oldest piece any more. */
  letGo(): void {
    const [oldest] = this.#slabs;
    if (oldest === undefined) return;
    oldest.pieces -= 1;
    if (oldest.pieces > 0) return;
    this.#slabs.shift();
    if (!oldest.isLeftAlone && oldest.bytes.byteLength === slabBytes) this.#spare.push(oldest.bytes);
  }

  /** Somebody may go on looking at what is kept now after it was let go: its memory is not used again. */
  leaveAlone(): void {
    for (const slab of this.#slabs) slab.isLeftAlone = true;
  }

  /** The first piece may be the only one: it gets what it needs. */
  #begin(bytes: number): Slab {
    const size = this.#hasBegun ? Math.max(bytes, slabBytes) : bytes;
    this.#hasBegun = true;
    const memory = size === slabBytes ? this.#spare.pop() : undefined;
    const slab = { bytes: memory ?? Buffer.allocUnsafeSlow(size), filled: 0, pieces: 0, isLeftAlone: false };
    this.#slabs.push(slab);
    return slab;
  }
}
