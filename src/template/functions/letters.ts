import { type Bytes, runesOf, runeToBytes } from "../bytes.ts";

const beyondAscii = /[\x80-\xff]/;

/** How far a Greek letter with iota below may be from its capital. */
const capitalDistances = [8, 9];

const capitalDottedI = 0x130;

/** A text in capitals, letter by letter, as Go's `strings.ToUpper` does it. */
export function toUpper(bytes: Bytes): Bytes {
  return beyondAscii.test(bytes) ? mapRunes(bytes, upperOf) : bytes.toUpperCase();
}

/** A text in small letters, letter by letter, as Go's `strings.ToLower` does it. */
export function toLower(bytes: Bytes): Bytes {
  return beyondAscii.test(bytes) ? mapRunes(bytes, lowerOf) : bytes.toLowerCase();
}

/** Bytes that are no character become U+FFFD. */
function mapRunes(bytes: Bytes, map: (code: number) => number): Bytes {
  const parts: Bytes[] = [];
  for (const { code } of runesOf(bytes)) parts.push(runeToBytes(map(code)));
  return parts.join("");
}

/** JavaScript turns some letters into several; Go keeps them, unless Unicode has a single capital too. */
function upperOf(code: number): number {
  const letter = String.fromCodePoint(code);
  const single = singleRune(letter.toUpperCase());
  if (single !== undefined) return single;
  const capitals = capitalDistances.map((distance) => code + distance);
  return capitals.find((capital) => String.fromCodePoint(capital).toLowerCase() === letter) ?? code;
}

function lowerOf(code: number): number {
  if (code === capitalDottedI) return "i".charCodeAt(0);
  return singleRune(String.fromCodePoint(code).toLowerCase()) ?? code;
}

function singleRune(text: string): number | undefined {
  const code = text.codePointAt(0);
  return code !== undefined && text.length === (code > 0xffff ? 2 : 1) ? code : undefined;
}
