import { type Digest, digestOf } from "./digest.ts";
import { asObject, fieldOf, listField, Misshapen, parseJson, type RawObject, textField } from "./raw.ts";

/**
 * The digest of a signed schema 1 manifest: of what was signed, which is the document without its signatures.
 *
 * Throws `Misshapen` when the signatures do not agree on where the signed part ends. Spec: registry-protocol.md §2.6.
 */
export function signedDigest(bytes: Uint8Array, document: RawObject, algorithm: string): Digest {
  const ends = listField(document, "signatures").map((signature) => signedEnd(asObject(signature, "a signature")));
  const [end] = ends;
  if (end === undefined) throw new Misshapen("it has no signatures");
  const agreed = ends.every((other) => other.length === end.length && other.tail === end.tail);
  if (!agreed || end.length > bytes.byteLength) throw new Misshapen("its signatures do not fit the document");
  const payload = Buffer.concat([bytes.subarray(0, end.length), Buffer.from(end.tail, "base64url")]);
  return digestOf(payload, algorithm);
}

function signedEnd(signature: RawObject): { readonly length: number; readonly tail: string } {
  const header = asObject(
    parseJson(Buffer.from(textField(signature, "protected"), "base64url")),
    "a signature's header",
  );
  const length = fieldOf(header, "formatLength");
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
    throw new Misshapen("a signature does not say how long the signed part is");
  }
  return { length, tail: textField(header, "formatTail") };
}
