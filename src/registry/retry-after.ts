/** No host is left alone longer than this for one answer, in milliseconds. */
const longestMs = 60 * 60_000;

/**
 * How long a host asks to be left alone, in milliseconds, at most an hour; `undefined` when it does not say.
 *
 * `retryAfter` is a number of seconds, also a fractional one, or an HTTP date, which is compared with the answer's own
 * `Date` if there is one: the two clocks may differ. Spec: registry-protocol.md §7.6.
 */
export function retryAfterMs(
  retryAfter: string | undefined,
  date: string | undefined,
  nowMs: number,
): number | undefined {
  const text = retryAfter?.trim() ?? "";
  if (/^\d{1,12}(\.\d*)?$/.test(text)) return Math.min(Number(text) * 1_000, longestMs);
  const untilMs = parseHttpDate(text);
  if (untilMs === undefined) return undefined;
  const theirNowMs = parseHttpDate(date?.trim() ?? "") ?? nowMs;
  return Math.min(Math.max(untilMs - theirNowMs, 0), longestMs);
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The three forms: `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov  6 08:49:37 1994`. */
const forms = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

/** Epoch milliseconds of an HTTP date, or `undefined`. Spec: RFC 9110 §5.6.7. */
export function parseHttpDate(text: string): number | undefined {
  for (const form of forms) {
    const { day, month, year, time } = form.exec(text)?.groups ?? {};
    if (day === undefined || month === undefined || year === undefined || time === undefined) continue;
    const [hours = 0, minutes = 0, seconds = 0] = time.split(":").map(Number);
    const position = months.indexOf(month);
    if (position < 0) return undefined;
    return Date.UTC(fullYear(year), position, Number(day), hours, minutes, seconds);
  }
  return undefined;
}

/** Two digits are of this century, as no host of ours is older. */
function fullYear(year: string): number {
  return year.length === 2 ? 2000 + Number(year) : Number(year);
}
