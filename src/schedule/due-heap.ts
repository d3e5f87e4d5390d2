/** Something that is due at a time. */
export interface Due {
  /** Epoch milliseconds. */
  dueMs: number;
}

/** Keeps what is due in such order that the earliest is at hand, for thousands of items. */
export class DueHeap<Item extends Due> {
  #items: Item[] = [];

  /** The earliest item, which stays; `undefined` when there is none. */
  get earliest(): Item | undefined {
    return this.#items[0];
  }

  get size(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    this.#items.push(item);
    this.#rise(this.#items.length - 1);
  }

  /** Puts the earliest item where it belongs after its time was changed. */
  sinkEarliest(): void {
    this.#sink(0);
  }

  /** Keeps what is still wanted, and puts it in order whatever its times are now. */
  rebuild(isWanted: (item: Item) => boolean): void {
    // What is sorted is a heap.
    this.#items = this.#items.filter(isWanted).sort((a, b) => a.dueMs - b.dueMs);
  }

  [Symbol.iterator](): Iterator<Item> {
    return this.#items[Symbol.iterator]();
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = this.#dueAt(right) < this.#dueAt(left) ? right : left;
      if (child >= this.#items.length || !this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #dueAt(position: number): number {
    return this.#items[position]?.dueMs ?? Number.POSITIVE_INFINITY;
  }

  #swapIfEarlier(one: number, other: number): boolean {
    const [a, b] = [this.#items[one], this.#items[other]];
    if (a === undefined || b === undefined || a.dueMs >= b.dueMs) return false;
    this.#items[one] = b;
    this.#items[other] = a;
    return true;
  }
}
