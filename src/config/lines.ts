/** A place in the text: line and column, both from 1. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** The lines of a text, looked for only when somebody asks. */
export class Lines {
  readonly #text: string;
  #starts: readonly number[] | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  /** The line and the column of a character, by its offset. */
  positionOf(offset: number): Position {
    this.#starts ??= startsOf(this.#text);
    let [line, after] = [0, this.#starts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((this.#starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: offset - (this.#starts[line] ?? 0) + 1 };
  }
}

/** Where each line of a text begins. */
function startsOf(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}
