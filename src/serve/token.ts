import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../base/secret.ts";

/** What a request shows of the token. */
export type Shown = "nothing" | "right" | "wrong";

/** Looks at `Authorization` headers for one token. */
export class TokenCheck {
  readonly #token: Secret | undefined;

  /** `undefined` when none is configured: nothing is right then, and an empty one is never right either. */
  constructor(token: Secret | undefined) {
    this.#token = token;
  }

  get isConfigured(): boolean {
    return this.#token !== undefined;
  }

  /** Compares in a time that says nothing about the token. */
  shown(authorization: string | undefined): Shown {
    const presented = /^bearer +([^\s]+)$/i.exec(authorization ?? "")?.[1];
    if (presented === undefined) return authorization === undefined ? "nothing" : "wrong";
    if (this.#token === undefined) return "wrong";
    return timingSafeEqual(fingerprint(presented), fingerprint(this.#token.reveal())) ? "right" : "wrong";
  }
}

/** Of equal length whatever the text. */
function fingerprint(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
