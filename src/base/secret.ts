import { inspect } from "node:util";

/** What a secret looks like wherever it is printed. */
export const secretMask = "[secret]";

/** A text that never shows itself: printing, logging, serialising and inspecting it all give `[secret]`. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself. Called only where it is written to a header, a helper or a TLS context. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return secretMask;
  }

  toJSON(): string {
    return secretMask;
  }

  [inspect.custom](): string {
    return secretMask;
  }
}
