import type { Labels } from "./metrics.ts";

/** Keeps all families together below a number of series. */
export class SeriesLimit {
  readonly #most: number;
  readonly #onRefused: () => void;
  #taken = 0;

  constructor(most: number, onRefused: () => void) {
    this.#most = most;
    this.#onRefused = onRefused;
  }

  /** The series of one family, each of which counts for `weight`. */
  of<Name extends string>(names: readonly Name[], weight = 1): FamilySeries<Name> {
    return new FamilySeries(names, (isNew) => this.#take(isNew ? weight : -weight));
  }

  #take(weight: number): boolean {
    if (weight > 0 && this.#taken + weight > this.#most) {
      this.#onRefused();
      return false;
    }
    this.#taken += weight;
    return true;
  }
}

/** Which series of a family there are. */
export class FamilySeries<Name extends string> {
  readonly #names: readonly Name[];
  readonly #take: (isNew: boolean) => boolean;
  readonly #shown = new Set<string>();

  constructor(names: readonly Name[], take: (isNew: boolean) => boolean) {
    this.#names = names;
    this.#take = take;
  }

  has(labels: Labels<Name>): boolean {
    return this.#shown.has(this.#keyOf(labels));
  }

  /** Whether the series is one of those that are shown; a new one becomes so when there is room. */
  admits(labels: Labels<Name>): boolean {
    const key = this.#keyOf(labels);
    if (this.#shown.has(key)) return true;
    if (!this.#take(true)) return false;
    this.#shown.add(key);
    return true;
  }

  forget(labels: Labels<Name>): void {
    if (this.#shown.delete(this.#keyOf(labels))) this.#take(false);
  }

  #keyOf(labels: Labels<Name>): string {
    return this.#names.map((name) => labels[name]).join("\0");
  }
}
