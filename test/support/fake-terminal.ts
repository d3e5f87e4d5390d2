import type { Output, TerminalSize } from "../../src/cli/world.ts";
import { textWidth } from "../../src/cli/text-width.ts";

/** What a terminal is told: a line end, a way back, "up", "clear below", colours, or a letter. */
const instruction = /\n|\r|\x1b\[(\d*)([A-Za-z])|[\s\S]/gu; // oxlint-disable-line no-control-regex -- terminals speak in these

/** A terminal of a few lines that understands what the program says to it, and nothing else. */
export class FakeTerminal implements Output {
  readonly #size: TerminalSize;
  #rows: string[] = [""];
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
      .map((row) => row.trimEnd())
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
      else if (command === undefined) this.#put(said);
      else if (command !== "m") throw new Error(`a terminal is told ${JSON.stringify(said)}`);
    }
  }

  #put(letter: string): void {
    if (this.#column + textWidth(letter) > this.#size.columns) this.#down();
    const row = this.#rows[this.#row] ?? "";
    this.#rows[this.#row] = row.slice(0, this.#column) + letter + row.slice(this.#column + letter.length);
    this.#column += textWidth(letter);
  }

  #down(): void {
    this.#row += 1;
    this.#column = 0;
    if (this.#row === this.#rows.length) this.#rows.push("");
  }

  #clearBelow(): void {
    const row = this.#rows[this.#row] ?? "";
    this.#rows = [...this.#rows.slice(0, this.#row), row.slice(0, this.#column)];
  }
}
