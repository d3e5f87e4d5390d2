import { createHash, type Hash } from "node:crypto";
import { Failure } from "../base/failure.ts";

/** `algorithm:hex`, e.g. `sha256:9f86…`. Made only by `parseDigest`, so holding one means it is well formed. */
export type Digest = string & { readonly __brand: "Digest" };

/** Algorithms whose content can be verified here, with the length of their hex form. */
const hexLengths: ReadonlyMap<string, number> = new Map([
  ["sha256", 64],
  ["sha384", 96],
  ["sha512", 128],
]);

/** The algorithms whose content can be verified here: `sha256`, … */
export const digestAlgorithms: readonly string[] = [...hexLengths.keys()];

/** A text that should be a digest is none, or names an algorithm whose content could not be verified. */
class DigestInvalid extends Failure {
  readonly code = "DIGEST_INVALID";
  readonly text: string;

  constructor(text: string) {
    super(`not a digest that can be verified: ${JSON.stringify(text.slice(0, 200))}`);
    this.text = text;
  }
}

/** The digest a text is, or `undefined`. Lower-case hex of the right length; sha256, sha384 or sha512. */
export function asDigest(text: string): Digest | undefined {
  const colon = text.indexOf(":");
  const length = hexLengths.get(text.slice(0, colon));
  const hex = text.slice(colon + 1);
  if (length === undefined || hex.length !== length || !/^[0-9a-f]+$/.test(hex)) return undefined;
  return text as Digest; // checked just above
}

/** The digest a text is. Throws `DIGEST_INVALID`. */
export function parseDigest(text: string): Digest {
  const digest = asDigest(text);
  if (digest === undefined) throw new DigestInvalid(text);
  return digest;
}

/** The part before the colon: `sha256`. */
export function algorithmOf(digest: Digest): string {
  return digest.slice(0, digest.indexOf(":"));
}

/** The part behind the colon. */
export function hexOf(digest: Digest): string {
  return digest.slice(digest.indexOf(":") + 1);
}

/** A running hash of the digest's own algorithm. */
export function hashFor(digest: Digest): Hash {
  return createHash(algorithmOf(digest));
}

/** The digest of some bytes. */
export function digestOf(bytes: Uint8Array, algorithm = "sha256"): Digest {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest("hex")}` as Digest; // well formed by construction
}
