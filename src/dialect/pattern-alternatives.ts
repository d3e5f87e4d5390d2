import { quoted } from "../base/quoted.ts";
import { patternTokens } from "./pattern-tokens.ts";

/** Alternatives that the sentence spells out. */
const shownAlternatives = 5;

const boundAtStart = /^(?:\^|\\A|\.\*)/;
const boundAtEnd = /(?:^|[^\\])(?:\\\\)*(?:\$|\\z|\.\*)$/;

/**
 * What a valid pattern matches beyond what its writer may have meant, as one sentence with what to write instead.
 * `undefined` when it has no `|` outside a group, or when each alternative is bound on both sides all the same.
 *
 * A pattern is wrapped as `^` + text + `$` without a group, so that `a|b` means "starts with a, or ends with b".
 * Spec: regsync.md §0.6, §5.5.
 */
export function topLevelAlternatives(text: string): string | undefined {
  const alternatives = splitAlternatives(text);
  const last = alternatives.length - 1;
  const claims = alternatives.map((alternative, position) =>
    claimOf(position === 0 || boundAtStart.test(alternative), position === last || boundAtEnd.test(alternative)),
  );
  if (claims.every((claim) => claim === "is")) return undefined;
  const meanings = alternatives.map((alternative, position) => `${claims[position]} ${quoted(alternative)}`);
  const meaning = [...meanings.slice(0, shownAlternatives), ...(last < shownAlternatives ? [] : ["…"])].join(" or ");
  const advice = `write ${quoted(`(${text})`)} to match whole names only`;
  return `${quoted(text)} has a | outside a group and matches what ${meaning}; ${advice}`;
}

function claimOf(atStart: boolean, atEnd: boolean): string {
  if (atStart) return atEnd ? "is" : "begins with";
  return atEnd ? "ends with" : "contains";
}

function splitAlternatives(text: string): readonly string[] {
  const alternatives: string[] = [];
  let current = "";
  let depth = 0;
  for (const token of patternTokens(text)) {
    if (token === "|" && depth === 0) {
      alternatives.push(current);
      current = "";
      continue;
    }
    if (token.startsWith("(")) depth += 1;
    if (token === ")") depth -= 1;
    current += token;
  }
  return [...alternatives, current];
}
