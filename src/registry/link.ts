/** One item of a `Link` header: an address and what is said about it. */
export interface Link {
  /** As it stands in the header: absolute, or relative to the address that was asked. */
  readonly address: string;
  /** By name, whose case is kept; of a repeated one the first. */
  readonly parameters: ReadonlyMap<string, string>;
}

const bracketedAddress = /<([^>]*)>/y;
const bareAddress = /(?!<)[!#-+\--:<-[\]-~]+/y;
/** A star behind the name says that the value is encoded. Nobody encodes the ones that count here. */
const parameterName = /([A-Za-z0-9]+)\*?=/y;
const quotedValue = /"([^"]*)"/y;
/** Printable ASCII up to what separates: `;`, `,`, a quote, a backslash, a blank. */
const bareValue = /[!#-+\--:<-[\]-~]+/y;
const blanks = /[ \t\r\n]*/y;
const separators = /[ \t\r\n,]*/y;

/**
 * Reads the lines of a `Link` header.
 *
 * `undefined` when any line is malformed. Spec: regsync.md §7.10, RFC 8288 as far as registries follow it: addresses
 * may come without brackets, values without quotes, and a backslash means nothing.
 */
export function parseLinks(lines: readonly string[]): readonly Link[] | undefined {
  const links: Link[] = [];
  for (const line of lines) {
    const read = new LinkReader(line).readAll();
    if (read === undefined) return undefined;
    links.push(...read);
  }
  return links;
}

/** The address of the next page, as the header has it; `undefined` when there is none. */
export function nextAddress(links: readonly Link[]): string | undefined {
  return links.find((link) => link.parameters.get("rel") === "next")?.address;
}

/** A place in one header line. Its methods give `undefined` where the line is malformed. */
class LinkReader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readAll(): readonly Link[] | undefined {
    const links: Link[] = [];
    this.#take(separators);
    while (!this.#atEnd) {
      const link = this.#readLink();
      if (link === undefined) return undefined;
      links.push(link);
      if (!this.#atEnd && this.#peek() !== ",") return undefined;
      this.#take(separators);
    }
    return links;
  }

  #readLink(): Link | undefined {
    const address = (this.#take(bracketedAddress) ?? this.#take(bareAddress))?.at(-1);
    if (address === undefined) return undefined;
    const parameters = new Map<string, string>();
    this.#take(blanks);
    while (this.#peek() === ";") {
      this.#at += 1;
      this.#take(blanks);
      const name = this.#take(parameterName)?.[1];
      const value = this.#readValue();
      if (name === undefined || value === undefined) return undefined;
      if (!parameters.has(name)) parameters.set(name, value);
      this.#take(blanks);
    }
    return { address, parameters };
  }

  #readValue(): string | undefined {
    return this.#atEnd ? "" : (this.#take(quotedValue) ?? this.#take(bareValue))?.at(-1);
  }

  /** What the expression matches right here, and steps behind it. */
  #take(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text);
    if (match === null) return undefined;
    this.#at += match[0].length;
    return match;
  }

  /** The character that comes next; `""` at the end. */
  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  get #atEnd(): boolean {
    return this.#at >= this.#text.length;
  }
}
