const farthest = 2;

/** The candidate that somebody most likely meant by a misspelt word; `undefined` when none is close. */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = distanceBetween(lower, candidate.toLowerCase());
    const limit = Math.min(farthest, Math.floor(candidate.length / 3));
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { candidate, distance };
  }
  return best?.candidate ?? longerForm(lower, candidates);
}

/** `semver` for `semverRange`, `platformss` for `platforms`: one word begins with the other. */
function longerForm(lower: string, candidates: Iterable<string>): string | undefined {
  if (lower.length < 4) return undefined;
  return [...candidates].find((candidate) => {
    const other = candidate.toLowerCase();
    return other.length >= 4 && (other.startsWith(lower) || lower.startsWith(other));
  });
}

/** How many letters must be added, removed, replaced or swapped with their neighbour; words of 100 letters at most. */
function distanceBetween(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > farthest) return Number.POSITIVE_INFINITY;
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
        swapped ? (beforePrevious[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    [beforePrevious, previous] = [previous, current];
  }
  return previous[b.length] ?? 0;
}
