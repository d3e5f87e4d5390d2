/**
 * A text of the template language: one character per byte, so that length, index, order and slices are those of Go.
 *
 * Nothing but `toBytes` and `fromBytes` crosses between this and the text of the rest of the program.
 */
export type Bytes = string;

/** What stands for a byte sequence that is not UTF-8. */
export const replacementRune = 0xfffd;

const beyondAscii = /[^\0-\x7f]/; // oxlint-disable-line no-control-regex -- all of ASCII is meant

/** The UTF-8 bytes of a text. */
export function toBytes(text: string): Bytes {
  return !beyondAscii.test(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text that bytes stand for; what is not UTF-8 becomes U+FFFD. */
export function fromBytes(bytes: Bytes): string {
  return !beyondAscii.test(bytes) ? bytes : Buffer.from(bytes, "latin1").toString("utf8");
}

/** One character as it stands in bytes: its code point, and how many bytes it takes. */
export interface Rune {
  readonly code: number;
  readonly size: number;
}

/** The character that starts at a place; a byte that starts none is U+FFFD of size 1. */
export function runeAt(bytes: Bytes, at: number): Rune {
  const lead = bytes.charCodeAt(at);
  if (lead < 0x80) return { code: lead, size: 1 };
  const size = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1;
  let code = lead & (0x7f >> size);
  for (let i = 1; i < size; i += 1) {
    const continuation = bytes.charCodeAt(at + i);
    if (!(continuation >= 0x80 && continuation < 0xc0)) return { code: replacementRune, size: 1 };
    code = (code << 6) | (continuation & 0x3f);
  }
  const smallest = [0, Number.POSITIVE_INFINITY, 0x80, 0x800, 0x10000][size] ?? 0;
  return code >= smallest && isScalar(code) ? { code, size } : { code: replacementRune, size: 1 };
}

/** Every character of a text, in order. */
export function* runesOf(bytes: Bytes): Generator<Rune> {
  for (let at = 0; at < bytes.length; ) {
    const rune = runeAt(bytes, at);
    yield rune;
    at += rune.size;
  }
}

/** How many characters a text has. */
export function runeCount(bytes: Bytes): number {
  if (!beyondAscii.test(bytes)) return bytes.length;
  let count = 0;
  for (const _ of runesOf(bytes)) count += 1;
  return count;
}

/** The bytes of one character; a number that is none gives U+FFFD. */
export function runeToBytes(code: number): Bytes {
  return toBytes(String.fromCodePoint(isScalar(code) ? code : replacementRune));
}

function isScalar(code: number): boolean {
  return code >= 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
}
