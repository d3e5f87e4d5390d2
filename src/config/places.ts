import type { Path } from "./path.ts";

/**
 * Where the values of one list or record begin, in characters from the start of the text, by their steps: those that
 * could not be read (so that they are missing, or something stands in for them) as `~offset`, which is below zero.
 */
export type Offsets = Readonly<Record<string, number>> | readonly number[];

/**
 * Where the values of a decoded document stand. Kept by the object that holds a value, since one object may be
 * reached in several ways when the file has aliases.
 */
export class Places {
  readonly #known = new Map<object, Offsets>();
  readonly #incomplete = new Set<object>();

  /** Says where the values of an object stand. */
  note(holder: object, offsets: Offsets): void {
    this.#known.set(holder, offsets);
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
    return (this.#noted(holder, step) ?? 0) < 0;
  }

  /** Where a value begins; when it is not there, what is nearest around it; `undefined` for the whole document. */
  offsetOf(root: object, path: Path): number | undefined {
    let nearest: number | undefined;
    let holder: unknown = root;
    for (const step of path) {
      if (typeof holder !== "object" || holder === null) break;
      const noted = this.#noted(holder, step);
      if (noted === undefined) break;
      nearest = noted < 0 ? ~noted : noted;
      holder = Reflect.get(holder, step);
    }
    return nearest;
  }

  #noted(holder: object, step: string | number): number | undefined {
    const offsets = this.#known.get(holder);
    const noted: unknown = offsets !== undefined && Object.hasOwn(offsets, step) && Reflect.get(offsets, step);
    return typeof noted === "number" ? noted : undefined;
  }
}
