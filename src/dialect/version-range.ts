import { Failure } from "../base/failure.ts";
import { quoted } from "../base/quoted.ts";
import { compareVersions, parseVersion, type Version, type VersionNumber } from "./version.ts";
import { splitWords } from "./white-space.ts";

/** Which versions are wanted. Made by `parseVersionRange`. */
export interface VersionRange {
  /** As it stands in the file. */
  readonly text: string;
  includes(version: Version): boolean;
}

/** A text that should be a range of versions is none. The message says what to write instead. */
export class VersionRangeInvalid extends Failure {
  readonly code = "VERSION_RANGE_INVALID";
  readonly text: string;

  constructor(text: string, fault: string) {
    super(`${quoted(text)} is no version range: ${fault}`);
    this.text = text;
  }
}

type Bound = (version: Version) => boolean;

/**
 * Reads terms such as `>=1.2 <2` that must all hold: an operator (`=` or none, `>`, `>=`, `<`, `<=`, `~`, `^`)
 * directly followed by a version. Prereleases are versions like all others.
 *
 * Throws `VERSION_RANGE_INVALID`. Spec: regsync.md §5.5 "Range expressions".
 */
export function parseVersionRange(text: string): VersionRange {
  const bounds = splitWords(text).flatMap((term) => boundsOf(term, text));
  if (bounds.length === 0) throw new VersionRangeInvalid(text, "it is blank; write a range such as >=1.2 <2");
  return { text, includes: (version) => bounds.every((bound) => bound(version)) };
}

function boundsOf(term: string, text: string): readonly Bound[] {
  const operator = /^[=<>~^!|,]*/.exec(term)?.[0] ?? "";
  const version = parseVersion(term.slice(operator.length));
  if (version === undefined) throw new VersionRangeInvalid(text, faultOf(term, operator));
  switch (operator) {
    case "":
    case "=":
      return [(other) => compareVersions(other, version) === 0];
    case ">":
      return [(other) => compareVersions(other, version) > 0];
    case ">=":
      return [atLeast(version)];
    case "<":
      return [below(version)];
    case "<=":
      return [(other) => compareVersions(other, version) <= 0];
    case "~":
      return [atLeast(version), below(release(partOf(version, 0), next(partOf(version, 1)), 0))];
    case "^":
      return [atLeast(version), below(nextBreaking(version))];
    default:
      throw new VersionRangeInvalid(text, `${quoted(operator)} is none of = > >= < <= ~ ^`);
  }
}

function atLeast(version: Version): Bound {
  return (other) => compareVersions(other, version) >= 0;
}

function below(version: Version): Bound {
  return (other) => compareVersions(other, version) < 0;
}

/** The first release that may break what was built on a version: the leftmost number that is not 0, plus one. */
function nextBreaking(version: Version): Version {
  const [major, minor, patch] = [partOf(version, 0), partOf(version, 1), partOf(version, 2)];
  if (major > 0) return release(next(major), 0, 0);
  return minor > 0 ? release(0, next(minor), 0) : release(0, 0, next(patch));
}

function release(...numbers: readonly VersionNumber[]): Version {
  return { numbers, prerelease: undefined };
}

function partOf(version: Version, position: number): VersionNumber {
  return version.numbers[position] ?? 0;
}

/** One more, in 64 bits: behind the largest number comes the smallest, and such a range holds nothing. */
function next(number: VersionNumber): VersionNumber {
  return BigInt.asIntN(64, BigInt(number) + 1n);
}

function faultOf(term: string, operator: string): string {
  if (term.includes("||")) return "|| is not known; write one item of semverRange for each alternative";
  if (term === operator) return `write the version directly behind ${quoted(operator)}, without a space`;
  if (term.includes(",")) return "separate the terms by spaces, not by commas";
  if (/[xX*]/.test(term)) return "wildcards are not known; write >=1.2 <1.3 instead of 1.2.x";
  return `${quoted(term.slice(operator.length))} is no version, such as 1.2.3 or v1.2`;
}
