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
    const starts = this.#all;
    let [line, after] = [0, starts.length];
    while (after - line > 1) {
      const middle = (line + after) >> 1;
      if ((starts[middle] ?? 0) <= offset) line = middle;
      else after = middle;
    }
    return { line: line + 1, column: offset - (starts[line] ?? 0) + 1 };
  }

  /** A line by its number, from 1, without what ends it; `""` when there is none. */
  at(line: number): string {
    const [start, next = this.#text.length + 1] = this.#all.slice(line - 1, line + 1);
    return start === undefined ? "" : this.#text.slice(start, next - 1).replace(/\r$/, "");
  }

  get #all(): readonly number[] {
    return (this.#starts ??= startsOf(this.#text));
  }
}

/** Where each line of a text begins. */
function startsOf(text: string): number[] {
  const starts = [0];
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) starts.push(end + 1);
  return starts;
}
