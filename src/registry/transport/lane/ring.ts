/**
 * Bytes of one slab. The largest piece that is handed out, and what the system is asked for at once: what is done for
 * each piece costs a fifth of a transfer with a quarter of this, and nothing that could be measured with more.
 */
const slabBytes = 1024 * 1024;
/** Two slabs are with the reader or wait for it, and one is filled, or kept free. */
const slabCount = 3;
/** Rings that are kept for the next transfer. */
const mostSpares = 4;

/**
 * Memory that a transfer goes through: filled at one end by a connection, taken from the other in pieces.
 *
 * A piece is valid until the second one after it is asked for: its memory is filled anew then. One slab is always
 * kept free, since TLS goes on giving what it has decrypted already after it was told to stop.
 */
export class Ring {
  readonly #slabs: Uint8Array[] = [];
  /** Bytes since the beginning: filled, handed out, and not needed any more. */
  #filled = 0;
  #taken = 0;
  #released = 0;
  /** Where the last piece that was handed out begins. */
  #lastPiece = 0;

  /** Where the next bytes go. */
  get inlet(): Uint8Array {
    return this.#slabAt(this.#filled).subarray(this.#filled % slabBytes);
  }

  /** Bytes that were filled in and not handed out. */
  get waitingBytes(): number {
    return this.#filled - this.#taken;
  }

  /** Whether more may be asked of the connection. */
  get hasRoom(): boolean {
    return this.#slabsInUse < slabCount;
  }

  /** So many bytes were written into the inlet. Throws when there is no memory left for the next. */
  fill(bytes: number): void {
    this.#filled += bytes;
    if (this.#slabsInUse > slabCount) throw new RangeError("more was received than there is memory for");
  }

  /** Copies bytes in that came before the connection knew of the ring. */
  copyIn(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.byteLength; ) {
      const part = bytes.subarray(at, at + this.inlet.byteLength);
      this.inlet.set(part);
      this.fill(part.byteLength);
      at += part.byteLength;
    }
  }

  /** The next piece, `undefined` when nothing waits. The one before the last is given back. */
  take(): Uint8Array | undefined {
    this.#released = this.#lastPiece;
    if (this.waitingBytes === 0) return undefined;
    const start = this.#taken % slabBytes;
    const piece = this.#slabAt(this.#taken).subarray(start, Math.min(slabBytes, start + this.waitingBytes));
    this.#lastPiece = this.#taken;
    this.#taken += piece.byteLength;
    return piece;
  }

  /** As new. */
  clear(): void {
    this.#filled = 0;
    this.#taken = 0;
    this.#released = 0;
    this.#lastPiece = 0;
  }

  /** Counts the slab that is filled next. */
  get #slabsInUse(): number {
    return Math.floor(this.#filled / slabBytes) - Math.floor(this.#released / slabBytes) + 1;
  }

  #slabAt(place: number): Uint8Array {
    const number = Math.floor(place / slabBytes) % slabCount;
    const known = this.#slabs[number];
    if (known !== undefined) return known;
    const made = Buffer.allocUnsafeSlow(slabBytes);
    this.#slabs[number] = made;
    return made;
  }
}

/** Rings that are used again: fresh ones for each transfer would leave megabytes lying around. */
export class Rings {
  readonly #spare: Ring[] = [];

  take(): Ring {
    return this.#spare.pop() ?? new Ring();
  }

  /** Nobody may look at its pieces any more. */
  giveBack(ring: Ring): void {
    ring.clear();
    if (this.#spare.length < mostSpares) this.#spare.push(ring);
  }
}
