/** Made when the first text is measured: it takes longer than most of what happens before. */
let letters: Intl.Segmenter | undefined;

/** Ideographs, kana, Hangul, full-width forms, pictures: everything terminals give two cells. */
const wide =
  /[\u1100-\u115f\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{17000}-\u{18d08}\u{1b000}-\u{1b2fb}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|\ufe0f/u;

const ellipsis = "...";

/** How many cells of a terminal a text without control characters takes. */
export function textWidth(text: string): number {
  return widthsOf(text).reduce((sum, { cells }) => sum + cells, 0);
}

/** The text, or its beginning when it needs more cells than there are. */
export function keepStart(text: string, cells: number): string {
  return keep(widthsOf(text), cells).join("");
}

/** The text, or `...` and its end when it needs more cells than there are: the end of a reference tells most. */
export function keepEnd(text: string, cells: number): string {
  if (textWidth(text) <= cells) return text;
  if (cells <= ellipsis.length) return ".".repeat(Math.max(0, cells));
  return (
    ellipsis +
    keep(widthsOf(text).reverse(), cells - ellipsis.length)
      .reverse()
      .join("")
  );
}

interface Letter {
  readonly text: string;
  readonly cells: number;
}

function widthsOf(text: string): Letter[] {
  letters ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  return [...letters.segment(text)].map(({ segment }) => ({ text: segment, cells: cellsOf(segment) }));
}

function cellsOf(letter: string): number {
  if (/^[\p{M}\p{Cf}]+$/u.test(letter)) return 0;
  return wide.test(letter) ? 2 : 1;
}

function keep(widths: readonly Letter[], cells: number): string[] {
  const kept: string[] = [];
  let left = cells;
  for (const letter of widths) {
    left -= letter.cells;
    if (left < 0) break;
    kept.push(letter.text);
  }
  return kept;
}
