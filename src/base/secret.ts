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

/** A login as it stands in a header. What follows the word in a challenge (`realm="…"`) is none. */
const quotedLogin = /\b(basic|bearer)\s+(?![a-z_]+\s*=\s*")[\w+/=.~-]+/gi;

/** A text of somebody else with every login in it masked: a host may repeat what it was shown. */
export function maskLogins(text: string): string {
  return text.replace(quotedLogin, `$1 ${secretMask}`);
}
