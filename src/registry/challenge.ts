/** One way to log in that a host offers. */
export interface Challenge {
  /** `basic`, `bearer`: in lower case. */
  readonly scheme: string;
  /** By lower-case name; of a repeated one the last. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** Blanks between the parts of a challenge. A header line that was folded brings line ends with it. */
const blank = /[ \t\r\n]/;
/** What scheme, names and unquoted values consist of. */
const wordCharacter = /[A-Za-z0-9!#$%&'*+\-./?^_`{|}~]/;

/**
 * Reads the lines of a `WWW-Authenticate` header, each of which may offer several ways to log in.
 *
 * `undefined` when any line is malformed: what a broken line means is not guessed at. A parameter with an empty value
 * at the very end of a line counts as absent. Spec: regsync.md §7.3, registry-protocol.md §4.2.
 */
export function parseChallenges(lines: readonly string[]): readonly Challenge[] | undefined {
  const challenges: Challenge[] = [];
  for (const line of lines) {
    const read = new ChallengeReader(line).readAll();
    if (read === undefined) return undefined;
    challenges.push(...read);
  }
  return challenges;
}

/** A place in one header line. Its methods give `undefined` where the line is malformed. */
class ChallengeReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): readonly Challenge[] | undefined {
    const challenges: Challenge[] = [];
    this.#skipBlanks();
    let scheme = this.#readWord();
    while (scheme !== undefined) {
      const parameters = new Map<string, string>();
      challenges.push({ scheme: scheme.toLowerCase(), parameters });
      const hasBlank = this.#skipBlanks();
      if (this.#atEnd) return challenges;
      if (this.#take(",")) {
        this.#skipBlanks();
        if (this.#atEnd) return challenges;
        scheme = this.#readWord();
      } else {
        const next = hasBlank ? this.#readParameters(parameters) : undefined;
        if (next === "end") return challenges;
        scheme = next?.scheme;
      }
    }
    return undefined;
  }

  /** Reads parameters up to the end of the line, or to the scheme of the challenge that follows. */
  #readParameters(parameters: Map<string, string>): "end" | { readonly scheme: string } | undefined {
    let name = this.#readWord();
    if (name === undefined || this.#peek() !== "=") return undefined;
    while (this.#take("=")) {
      const value = this.#readValue();
      if (value === undefined) return undefined;
      if (value !== "" || !this.#atEnd) parameters.set(name.toLowerCase(), value);
      if (this.#atEnd) return "end";
      if (!this.#take(",")) return undefined;
      this.#skipBlanks();
      if (this.#atEnd) return "end";
      name = this.#readWord();
      if (name === undefined) return undefined;
    }
    // Between commas a lone word might be a scheme as well as a parameter that lost its value.
    return this.#peek() === "," ? undefined : { scheme: name };
  }

  #readValue(): string | undefined {
    if (/^(?:[ \t\r\n]*|")$/.test(this.#text.slice(this.#at))) this.#at = this.#text.length;
    return this.#atEnd || this.#peek() === "," ? "" : this.#readWord();
  }

  /** A quoted text, or word characters; in both a backslash stands before what is to be taken as it is. */
  #readWord(): string | undefined {
    const quoted = this.#take('"');
    let word = "";
    while (!this.#atEnd) {
      const character = this.#peek();
      if (character === '"' && quoted) {
        this.#at += 1;
        return word;
      }
      if (character === "\\") this.#at += 1;
      else if (!quoted && !wordCharacter.test(character)) break;
      if (this.#atEnd) return undefined;
      word += this.#peek();
      this.#at += 1;
    }
    return quoted || word === "" ? undefined : word;
  }

  /** Whether there were any. */
  #skipBlanks(): boolean {
    const start = this.#at;
    while (blank.test(this.#peek())) this.#at += 1;
    return this.#at > start;
  }

  #take(character: string): boolean {
    if (this.#peek() !== character) return false;
    this.#at += 1;
    return true;
  }

  /** The character that comes next; `""` at the end. */
  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  get #atEnd(): boolean {
    return this.#at >= this.#text.length;
  }
}
