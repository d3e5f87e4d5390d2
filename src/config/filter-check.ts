import { compilePattern } from "../dialect/pattern.ts";
import { topLevelAlternatives } from "../dialect/pattern-alternatives.ts";
import { parseVersionRange } from "../dialect/version-range.ts";
import type { EffectiveEntry } from "./effective.ts";
import { type EntryReport, readOr } from "./entry-report.ts";
import { hasActions } from "./expand.ts";
import { explainForeignNotation } from "./foreign-notation.ts";
import type { Path } from "./path.ts";
import type { RawTagSet } from "./raw.ts";

/** What there is to say about one text; nothing of both for most. */
interface Verdict {
  readonly fault: string | undefined;
  readonly warning: string | undefined;
}

const fine: Verdict = { fault: undefined, warning: undefined };

/** Checks the filters of entries, every distinct text once. Spec: regsync.md §5.5. */
export class FilterCheck {
  readonly #patterns = new Map<string, Verdict>();
  readonly #ranges = new Map<string, Verdict>();

  /** Looks at those that the entry's type uses; the others never run, whatever they say. */
  check(entry: EffectiveEntry, report: EntryReport): void {
    this.#checkImmutable(entry.tags, ["tags"], report);
    for (const [position, set] of (entry.tagSets ?? []).entries())
      this.#checkImmutable(set, ["tagSets", position], report);
    if (entry.type === "image") return;
    this.#checkTagSet(entry.tags, ["tags"], report);
    for (const [position, set] of (entry.tagSets ?? []).entries())
      this.#checkTagSet(set, ["tagSets", position], report);
    if (entry.type === "repository") return;
    this.#checkPatterns(entry.repos.allow, ["repos"], "allow", report);
    this.#checkPatterns(entry.repos.deny, ["repos"], "deny", report);
  }

  #checkImmutable({ immutable }: RawTagSet, path: Path, report: EntryReport): void {
    this.#checkPatterns(immutable, path, "immutable", report);
  }

  #checkTagSet({ allow, deny, semverRange }: RawTagSet, path: Path, report: EntryReport): void {
    this.#checkPatterns(allow, path, "allow", report);
    this.#checkPatterns(deny, path, "deny", report);
    checkEach(semverRange, path, "semverRange", this.#ranges, judgeRange, report);
  }

  #checkPatterns(texts: readonly string[] | undefined, path: Path, key: string, report: EntryReport): void {
    checkEach(texts, path, key, this.#patterns, judgePattern, report);
  }
}

/** Checks the texts under one key of what stands at `path`. Those that are known were judged before. */
function checkEach(
  texts: readonly string[] | undefined,
  path: Path,
  key: string,
  known: Map<string, Verdict>,
  judge: (text: string) => Verdict,
  report: EntryReport,
): void {
  if (texts === undefined) return;
  for (const [position, text] of texts.entries()) {
    let verdict = known.get(text);
    if (verdict === undefined) {
      verdict = judge(text);
      known.set(text, verdict);
    }
    if (verdict.fault !== undefined) report.fault([...path, key, position], verdict.fault);
    if (verdict.warning !== undefined) report.warn([...path, key, position], verdict.warning);
  }
}

function judgePattern(text: string): Verdict {
  let fault: string | undefined;
  const pattern = readOr(
    () => compilePattern(text),
    (message) => (fault = message),
  );
  const unexpanded = hasActions(text) ? "templates are not expanded in this list; write the pattern itself" : undefined;
  const foreign = unexpanded ?? explainForeignNotation(text);
  if (pattern === undefined) return { fault: foreign ?? fault, warning: undefined };
  return { fault: undefined, warning: foreign ?? topLevelAlternatives(text) };
}

/** Empty texts do not count. */
function judgeRange(text: string): Verdict {
  if (text === "") return fine;
  let fault: string | undefined;
  readOr(
    () => parseVersionRange(text),
    (message) => (fault = message),
  );
  return { fault, warning: undefined };
}
