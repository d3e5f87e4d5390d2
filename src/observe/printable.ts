/** Everything but letters, marks, numbers, punctuation, symbols and the plain space: what a terminal might obey. */
const unprintable = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu;

/** Go's short forms. */
const shortEscapes: ReadonlyMap<string, string> = new Map([
  ["\x07", "\\a"],
  ["\b", "\\b"],
  ["\f", "\\f"],
  ["\n", "\\n"],
  ["\r", "\\r"],
  ["\t", "\\t"],
  ["\v", "\\v"],
]);

/**
 * The text with everything that is not printable written as an escape (`\x1b`, `\u202e`): what a registry sends can
 * neither colour nor clear a terminal, nor start a line of its own.
 */
export function escapeUnprintable(text: string): string {
  return text.replace(unprintable, (character) => shortEscapes.get(character) ?? numericEscape(character));
}

/** The text as Go's `strconv.Quote` writes it. */
export function quote(text: string): string {
  return `"${escapeUnprintable(text.replace(/["\\]/g, "\\$&"))}"`;
}

/**
 * The value as JSON in which what is not printable is escaped: it means the same, and a terminal obeys none of it. With
 * an indentation it stands on several lines; newlines inside texts are escaped anyway.
 */
export function printableJson(value: object, indentation = 0): string {
  return JSON.stringify(value, undefined, indentation).replace(/[[\p{C}\u2028\u2029]--\n]/gv, utf16Escape);
}

function utf16Escape(character: string): string {
  return Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
    .map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`)
    .join("");
}

function numericEscape(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code < 0x1_00_00) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
}
