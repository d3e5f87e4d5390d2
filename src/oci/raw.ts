/** A JSON object from outside, nothing of it checked. */
export type RawObject = Readonly<Record<string, unknown>>;

/** A document that is not shaped as it should be. Caught by whoever reads the document, and told in its words. */
export class Misshapen extends Error {}

/** The value as an object. Throws `Misshapen`. */
export function asObject(value: unknown, what: string): RawObject {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Misshapen(`${what} is not an object`);
  return value as RawObject; // checked just above
}

/** A field that may be absent or null; `undefined` for both. Never looks at inherited properties. */
export function fieldOf(object: RawObject, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? undefined) : undefined;
}

/** A text, `""` when absent. Throws `Misshapen`. */
export function textField(object: RawObject, name: string): string {
  const value = fieldOf(object, name);
  if (value === undefined) return "";
  if (typeof value !== "string") throw new Misshapen(`${name} is not a text`);
  return value;
}

/** A list, empty when absent. Throws `Misshapen`. */
export function listField(object: RawObject, name: string): readonly unknown[] {
  const value = fieldOf(object, name);
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw new Misshapen(`${name} is not a list`);
  return value;
}

/** A list of texts, empty when absent. Throws `Misshapen`. */
export function textsField(object: RawObject, name: string): readonly string[] {
  return listField(object, name).map((item) => {
    if (typeof item !== "string") throw new Misshapen(`${name} holds something that is not a text`);
    return item;
  });
}

/** Names with texts, empty when absent. Throws `Misshapen`. */
export function textMapField(object: RawObject, name: string): Readonly<Record<string, string>> {
  const value = fieldOf(object, name);
  if (value === undefined) return {};
  const entries = Object.entries(asObject(value, name)).map(([key, text]) => {
    if (typeof text !== "string") throw new Misshapen(`${name} holds something that is not a text`);
    return [key, text] as const;
  });
  return Object.fromEntries(entries);
}

/** Deeper than any manifest or list nests, and shallow enough to be harmless. */
const deepestNesting = 64;
/**
 * Members, and objects and lists twice, of any document; and one more for each so many bytes. Lists of images have one
 * for 22.
 */
const fewParts = 10_000;
const bytesOfPart = 16;

/**
 * JSON from outside: UTF-8, not nested deeper than 64, and not made of brackets and names alone. Throws `Misshapen`.
 *
 * This is looked at before the parser makes objects of it: of 32 MiB of `{},` it makes eleven million, which take more
 * than a gigabyte, and nothing else is done for ten seconds or more.
 */
export function parseJson(bytes: Uint8Array): unknown {
  refuseExcess(bytes);
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new Misshapen("it is not JSON");
  }
}

function refuseExcess(bytes: Uint8Array): void {
  let depth = 0;
  let parts = 0;
  let inText = false;
  for (let at = 0; at < bytes.byteLength; at++) {
    const byte = bytes[at];
    if (inText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) inText = false;
    } else if (byte === 0x22) {
      inText = true;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      parts += 2;
      if (depth > deepestNesting) throw new Misshapen(`it is nested more than ${deepestNesting} levels deep`);
    } else if (byte === 0x7d || byte === 0x5d) {
      depth -= 1;
    } else if (byte === 0x3a) {
      parts += 1;
    }
  }
  if (parts > fewParts + bytes.byteLength / bytesOfPart) {
    throw new Misshapen("it has more objects, lists and members than any document of its length");
  }
}
