/** White space as Go's `unicode.IsSpace` has it: unlike JavaScript's, with U+0085 and without U+FEFF. */
const whiteSpace = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/u;

const whiteSpaces = new RegExp(`${whiteSpace.source}+`, "u");

/** The words of a text, as Go's `strings.Fields` cuts it. */
export function splitWords(text: string): readonly string[] {
  return text.split(whiteSpaces).filter((word) => word !== "");
}

/** The text without white space at its ends, as Go's `strings.TrimSpace` leaves it. */
export function trimSpace(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && whiteSpace.test(text.charAt(start))) start += 1;
  while (start < end && whiteSpace.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}
