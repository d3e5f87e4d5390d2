import { type Bytes, replacementRune, runesOf, runeToBytes } from "./bytes.ts";

const namedEscapes = new Map([
  ["a", 0x07],
  ["b", 0x08],
  ["f", 0x0c],
  ["n", 0x0a],
  ["r", 0x0d],
  ["t", 0x09],
  ["v", 0x0b],
  ["\\", 0x5c],
]);

const nameOfEscape = new Map([...namedEscapes].map(([name, code]) => [code, name]));

const numericEscape = /\\(?:x([0-9a-fA-F]{2})|([0-7]{3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;
/** What may need an escape between double quotes. */
const special = /["\\\0-\x1f\x7f-\xff]+/g; // oxlint-disable-line no-control-regex -- these bytes are meant
const printable = /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u;

interface Character {
  readonly bytes: Bytes;
  readonly code: number;
  readonly end: number;
}

/** What a string constant stands for, with its quotes given; `undefined` when an escape in it is wrong. */
export function unquote(source: Bytes): Bytes | undefined {
  const quote = source[0];
  const content = source.slice(1, -1);
  if (quote === "`") return content.replaceAll("\r", "");
  if (!content.includes("\\")) return content;
  const parts: Bytes[] = [];
  for (let at = 0; at < content.length; ) {
    const escape = content.indexOf("\\", at);
    parts.push(content.slice(at, escape < 0 ? content.length : escape));
    if (escape < 0) break;
    const character = readEscape(content, escape, '"');
    if (character === undefined) return undefined;
    parts.push(character.bytes);
    at = character.end;
  }
  return parts.join("");
}

/** The code of a character constant, with its quotes given; `undefined` when it is not exactly one character. */
export function unquoteCharacter(source: Bytes): number | undefined {
  const content = source.slice(1, -1);
  if (content.startsWith("\\")) {
    const character = readEscape(content, 0, "'");
    return character?.end === content.length ? character.code : undefined;
  }
  const [first, second] = runesOf(content.slice(0, 8));
  return second === undefined ? first?.code : undefined;
}

/** A text in double quotes with what cannot be printed escaped, as Go writes it. */
export function quote(bytes: Bytes, asciiOnly = false): Bytes {
  return `"${bytes.replaceAll(special, (run) => quoteRunes(run, asciiOnly))}"`;
}

function quoteRunes(run: Bytes, asciiOnly: boolean): Bytes {
  const parts: Bytes[] = [];
  let at = 0;
  for (const { code, size } of runesOf(run)) {
    const isBadByte = code === replacementRune && size === 1;
    parts.push(isBadByte ? `\\x${hexadecimal(run.charCodeAt(at), 2)}` : escapeRune(code, '"', asciiOnly));
    at += size;
  }
  return parts.join("");
}

/** A character in single quotes, escaped like a text. */
export function quoteRune(code: number, asciiOnly = false): Bytes {
  return `'${escapeRune(code, "'", asciiOnly)}'`;
}

/** Whether a character has a shape or is the ASCII blank. */
export function isPrintable(code: number): boolean {
  if (code < 0x7f) return code >= 0x20;
  return printable.test(String.fromCodePoint(code));
}

function escapeRune(code: number, quoteMark: string, asciiOnly: boolean): Bytes {
  if (code === quoteMark.charCodeAt(0) || code === 0x5c) return `\\${String.fromCharCode(code)}`;
  if (code < 0x80 || !asciiOnly) {
    if (isPrintable(code)) return runeToBytes(code);
  }
  const name = nameOfEscape.get(code);
  if (name !== undefined) return `\\${name}`;
  if (code < 0x80) return `\\x${hexadecimal(code, 2)}`;
  return code < 0x10000 ? `\\u${hexadecimal(code, 4)}` : `\\U${hexadecimal(code, 8)}`;
}

function readEscape(content: Bytes, at: number, quoteMark: string): Character | undefined {
  const name = content[at + 1] ?? "";
  const named = namedEscapes.get(name) ?? (name === quoteMark ? quoteMark.charCodeAt(0) : undefined);
  if (named !== undefined) return { bytes: String.fromCharCode(named), code: named, end: at + 2 };
  numericEscape.lastIndex = at;
  const [, byte, octal, short, long] = numericEscape.exec(content) ?? [];
  const end = numericEscape.lastIndex;
  if (byte !== undefined) return byteEscape(Number.parseInt(byte, 16), end);
  if (octal !== undefined) return byteEscape(Number.parseInt(octal, 8), end);
  const code = Number.parseInt(short ?? long ?? "", 16);
  const isRune = code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);
  return isRune ? { bytes: runeToBytes(code), code, end } : undefined;
}

function byteEscape(code: number, end: number): Character | undefined {
  return code <= 0xff ? { bytes: String.fromCharCode(code), code, end } : undefined;
}

function hexadecimal(code: number, digits: number): string {
  return code.toString(16).padStart(digits, "0");
}
