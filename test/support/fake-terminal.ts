import type { Output, TerminalSize } from "../../src/cli/world.ts";
import { textWidth } from "../../src/cli/text-width.ts";

const letters = new Intl.Segmenter("en", { granularity: "grapheme" });

/** What a terminal is told: a line end, a way back, "up", "clear below", colours, or text. */
const instruction = /\n|\r|\x1b\[(\d*)([A-Za-z])|[^\n\r\x1b]+|\x1b/gu; // oxlint-disable-line no-control-regex -- terminals speak in these

/** A terminal of a few lines that understands what the program says to it, and nothing else. */
export class FakeTerminal implements Output {
  readonly #size: TerminalSize;
  /** Cell by cell: a wide letter has an empty cell behind it, and what has no width stands with the letter before. */
  #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  /** Everything as it was sent. */
  sent = "";

  get text(): string {
    return this.sent;
  }

  get lines(): string[] {
    return this.sent.split("\n").slice(0, -1);
  }

  /** How often something was sent. */
  writes = 0;

  constructor(size: TerminalSize = { columns: 80, rows: 24 }) {
    this.#size = size;
  }

  size(): TerminalSize {
    return this.#size;
  }

  /** What is to be seen, scrolled lines included, without blanks at line ends and empty lines below. */
  get screen(): string[] {
    return this.#rows
      .map((row) => row.join("").trimEnd())
      .join("\n")
      .trimEnd()
      .split("\n");
  }

  write(text: string): void {
    this.sent += text;
    this.writes += 1;
    for (const [said, count = "", command] of text.matchAll(instruction)) {
      if (said === "\n") this.#down();
      else if (said === "\r") this.#column = 0;
      else if (command === "A") this.#row = Math.max(0, this.#row - Number(count || 1));
      else if (command === "J") this.#clearBelow();
      else if (command === undefined) for (const { segment } of letters.segment(said)) this.#put(segment);
      else if (command !== "m") throw new Error(`a terminal is told ${JSON.stringify(said)}`);
    }
  }

  #put(letter: string): void {
    const cells = textWidth(letter);
    if (this.#column + cells > this.#size.columns) this.#down();
    const row = this.#rows[this.#row] ?? [];
    while (row.length < this.#column) row.push(" ");
    if (cells === 0) row[Math.max(0, this.#column - 1)] = (row[Math.max(0, this.#column - 1)] ?? "") + letter;
    else row.splice(this.#column, cells, letter, ...Array.from({ length: cells - 1 }, () => ""));
    this.#column += cells;
  }

  #down(): void {
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push([]);
  }

  #clearBelow(): void {
    const row = this.#rows[this.#row] ?? [];
    this.#rows = [...this.#rows.slice(0, this.#row), row.slice(0, this.#column)];
  }
}
