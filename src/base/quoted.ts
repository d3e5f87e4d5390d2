/** Characters of a foreign text that a message shows. */
const shownLength = 200;

/** What would not show in a terminal, or would move its cursor: control and format characters, odd spaces. */
const unseen = /(?! )[\p{C}\p{Z}]/gu;

/**
 * A foreign text as a message shows it: between quotation marks, what does not show written as `\u{feff}`, never long.
 */
export function quoted(text: string): string {
  const shown = text.length > shownLength ? `${text.slice(0, shownLength)}…` : text;
  return `"${shown.replace(unseen, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)}"`;
}
