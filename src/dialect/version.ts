/** A part of a version: exact to 64 bits, a plain number where one can hold it. */
export type VersionNumber = number | bigint;

/** A tag read as a version. Made by `parseVersion`, once; comparing looks at no text again but prerelease heads. */
export interface Version {
  /** One or more, most significant first; missing ones are 0. */
  readonly numbers: readonly VersionNumber[];
  /** The identifiers behind the first hyphen; `undefined` for a release. */
  readonly prerelease: readonly Identifier[] | undefined;
}

/** A prerelease identifier cut before and behind each of its runs of digits: `rc10b` is `rc`, 10, `b`. */
type Identifier = readonly Piece[];

interface Piece {
  readonly head: string;
  /** `undefined` when no digits follow, or more than 64 bits hold. */
  readonly number: VersionNumber | undefined;
}

const shape = /^v?([0-9]+(?:\.[0-9]+)*)(?:-([^+]*))?(?:\+[^]*)?$/;
const largest = (1n << 63n) - 1n;

/**
 * Reads a tag as a version: `1`, `v1.2.3`, `3.21-alpine`, `2024-01-01`. `undefined` when it is none.
 *
 * Spec: regsync.md §5.5 "Version parsing".
 */
export function parseVersion(text: string): Version | undefined {
  const parts = shape.exec(text);
  if (parts === null) return undefined;
  const numbers: VersionNumber[] = [];
  for (const digits of (parts[1] ?? "").split(".")) {
    const number = parseNumber(digits);
    if (number === undefined) return undefined;
    numbers.push(number);
  }
  const prerelease = parts[2] ?? "";
  return { numbers, prerelease: prerelease === "" ? undefined : prerelease.split(".").map(cutIdentifier) };
}

/** Negative, 0 or positive as `one` comes before, together with or after `other`. Spec: regsync.md §5.5 "Ordering". */
export function compareVersions(one: Version, other: Version): number {
  const length = Math.max(one.numbers.length, other.numbers.length);
  for (let at = 0; at < length; at++) {
    const order = compareNumbers(one.numbers[at] ?? 0, other.numbers[at] ?? 0);
    if (order !== 0) return order;
  }
  if (one.prerelease === undefined) return other.prerelease === undefined ? 0 : 1;
  return other.prerelease === undefined ? -1 : comparePrereleases(one.prerelease, other.prerelease);
}

/** Where letters meet letters without a number behind them, the comparison ends as equal: an upstream habit, kept. */
function comparePrereleases(one: readonly Identifier[], other: readonly Identifier[]): number {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at++) {
    const order = compareIdentifiers(one[at] ?? [], other[at] ?? []);
    if (order === "end") return 0;
    if (order !== 0) return order;
  }
  return Math.sign(one.length - other.length);
}

function compareIdentifiers(one: Identifier, other: Identifier): number | "end" {
  const shared = Math.min(one.length, other.length);
  for (let at = 0; at < shared; at++) {
    const left = one[at];
    const right = other[at];
    if (left === undefined || right === undefined) break;
    const order = compareBytes(left.head, right.head);
    if (order !== 0) return order;
    if (left.number === undefined) return right.number === undefined ? "end" : -1;
    if (right.number === undefined) return 1;
    const numeric = compareNumbers(left.number, right.number);
    if (numeric !== 0) return numeric;
  }
  return Math.sign(one.length - other.length);
}

function compareNumbers(one: VersionNumber, other: VersionNumber): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/** The order of two texts by their UTF-8 bytes, which is that of their code points. */
function compareBytes(one: string, other: string): number {
  if (one === other) return 0;
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

function cutIdentifier(text: string): Identifier {
  const pieces: Piece[] = [];
  let at = 0;
  while (at < text.length) {
    const start = at;
    while (at < text.length && !isDigit(text, at)) at += 1;
    const behindHead = at;
    while (at < text.length && isDigit(text, at)) at += 1;
    const digits = text.slice(behindHead, at);
    pieces.push({ head: text.slice(start, behindHead), number: digits === "" ? undefined : parseNumber(digits) });
  }
  return pieces;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** The number that decimal digits stand for; `undefined` above 64 bits. */
function parseNumber(digits: string): VersionNumber | undefined {
  if (digits.length <= 15) return Number(digits);
  const significant = digits.replace(/^0+/, "");
  if (significant.length > 19) return undefined;
  const number = BigInt(significant);
  return number > largest ? undefined : number;
}
