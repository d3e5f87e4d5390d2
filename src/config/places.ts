import type { Path } from "./path.ts";

/** Where a value stands in the text, in characters from its start. */
export interface Place {
  readonly offset: number;
  /** Whether what is written there could not be read, so that the value is missing or stands in for another. */
  readonly wrong: boolean;
}

/**
 * Where the values of a decoded document stand. Kept by the object that holds a value, since one object may be
 * reached in several ways when the file has aliases.
 */
export class Places {
  readonly #known = new WeakMap<object, Map<string | number, Place>>();
  readonly #incomplete = new WeakSet<object>();

  note(holder: object, step: string | number, place: Place): void {
    let steps = this.#known.get(holder);
    if (steps === undefined) {
      steps = new Map();
      this.#known.set(holder, steps);
    }
    steps.set(step, place);
  }

  /** Says that keys may be missing from an object, since what it takes them from could not be read. */
  markIncomplete(holder: object): void {
    this.#incomplete.add(holder);
  }

  isIncomplete(holder: object): boolean {
    return this.#incomplete.has(holder);
  }

  /** Whether something is written there that could not be read. */
  isWrong(holder: object, step: string | number): boolean {
    return this.#known.get(holder)?.get(step)?.wrong ?? false;
  }

  /** Where a value begins; when it is not there, what is nearest around it; `undefined` for the whole document. */
  offsetOf(root: object, path: Path): number | undefined {
    let nearest: number | undefined;
    let holder: unknown = root;
    for (const step of path) {
      if (typeof holder !== "object" || holder === null) break;
      const place = this.#known.get(holder)?.get(step);
      if (place === undefined) break;
      nearest = place.offset;
      holder = Reflect.get(holder, step);
    }
    return nearest;
  }
}
