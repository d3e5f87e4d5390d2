const quotation = /\\Q[^]*?(?:\\E|$)/;
const property = /\\[pP](?:\{[^}]*(?:\}|$)|[^])/;
const escape = /\\[^]?/;
const bracket = /\[\^?\]?(?:\\[^]?|\[:\^?[a-z]+:\]|[^\]\\])*(?:\]|$)/;
const group = /\((?:\?P?<[^>]*(?:>|$))?/;
const other = /[)|]|[^\\[()|]+/;

const token = new RegExp(
  [quotation, property, escape, bracket, group, other].map((part) => part.source).join("|"),
  "gu",
);

/**
 * Cuts a pattern in Go's dialect where its structure shows: quotations, escapes, whole character classes, the
 * openings of groups (with a name if there is one), `)`, `|`, and runs of anything else. Joined they are the pattern.
 * What is opened and never closed is one token up to the end. Takes time linear in the text.
 */
export function patternTokens(text: string): readonly string[] {
  return text.match(token) ?? [];
}
