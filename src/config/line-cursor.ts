const space = 0x20;
const hash = 0x23;

/** A place in a text of lines that are indented by spaces. Lines of nothing but a comment do not count. */
export class LineCursor {
  /** In characters from the start of the text. */
  at = 0;
  /** How far from the left what is read next begins; -1 behind the last line. */
  column = -1;
  readonly #text: string;
  #lineStart = 0;
  #lineEnd = -1;

  /** Begins at the content of the first line. */
  constructor(text: string) {
    this.#text = text;
    this.enterNextLine();
  }

  /** The character here; `""` at the end of the text. */
  get character(): string {
    return this.#text.charAt(this.at);
  }

  /** What is left of the line. */
  get rest(): string {
    return this.#text.slice(this.at, this.#lineEnd);
  }

  /** Whether nothing but a comment is left of the line. */
  get isLineOver(): boolean {
    return this.at === this.#lineEnd || this.#text.charCodeAt(this.at) === hash;
  }

  /** Goes on if this character is here. Tells whether it is. */
  skip(character: string): boolean {
    const isHere = this.character === character;
    if (isHere) this.at += 1;
    return isHere;
  }

  skipSpaces(): void {
    while (this.#text.charCodeAt(this.at) === space) this.at += 1;
  }

  /** Says that something begins here that what is below it is aligned with. */
  align(): void {
    this.column = this.at - this.#lineStart;
  }

  /** Goes to the content of the next line with content. */
  enterNextLine(): void {
    for (;;) {
      this.#lineStart = this.#lineEnd + 1;
      if (this.#lineStart >= this.#text.length) break;
      const end = this.#text.indexOf("\n", this.#lineStart);
      this.#lineEnd = end < 0 ? this.#text.length : end;
      this.at = this.#lineStart;
      this.skipSpaces();
      this.align();
      if (!this.isLineOver) return;
    }
    this.column = -1;
  }
}
