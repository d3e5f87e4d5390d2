import { repeatsOf, type Selection, usualWork, type Work } from "./work.ts";

/** Peers ask one thing after another: what would take them longer than this they are spared. */
const peerLimitMs = 75_000;
/** What takes them longer than this they do once. */
const onceAboveMs = 5_000;

/** Requests a tag of those who go one after another. Spec: skopeo.md §11, regsync.md §5. */
const requestsPerTag = { regsync: 2, skopeo: 5 } as const;

/** Nothing has changed: what is asked to find that out. */
export function noop(selection: Selection): readonly Work[] {
  const { quick, tags, delayMs } = selection;
  const all = [
    [300, 0],
    [300, 20],
    [300, 80],
    [3_000, 0],
    [3_000, 20],
    [3_000, 80],
  ] as const;
  const short = all.filter(([count, delay]) => (count === 300 && delay <= 20) || delay === 0);
  const chosen =
    tags === undefined && delayMs === undefined ? (quick ? short : all) : [[tags ?? 300, delayMs ?? 20] as const];
  return chosen.map(([count, delay]) => ({
    ...unchanged(selection, count, delay),
    kind: "noop",
    name: `${count} tags, ${delay} ms`,
    recipe: { kind: "small", repositories: 1, tags: count },
  }));
}

/** The same tags in a hundred repositories, each an entry of its own. */
export function manyRepositories(selection: Selection): readonly Work[] {
  const { quick, tags = 300, delayMs } = selection;
  const delays = delayMs === undefined ? (quick ? [0] : [0, 20]) : [delayMs];
  return delays.map((delay) => ({
    ...unchanged(selection, tags, delay),
    kind: "noop-repositories",
    name: `${tags} tags of 100 repositories, ${delay} ms`,
    recipe: { kind: "small", repositories: 100, tags: tags / 100 },
  }));
}

/** Images of several platforms. */
export function platforms(selection: Selection): readonly Work[] {
  const { tags = 100, delayMs = 0 } = selection;
  return [
    {
      ...unchanged(selection, tags, delayMs),
      kind: "noop-platforms",
      name: `${tags} tags of 5 platforms each, ${delayMs} ms`,
      recipe: { kind: "platforms", tags, platforms: 5 },
    },
  ];
}

/** Images with a signature, and an entry that wants them. */
export function referrers(selection: Selection): readonly Work[] {
  const { tags = 300, delayMs = 0 } = selection;
  return [
    {
      ...unchanged(selection, tags, delayMs),
      kind: "noop-referrers",
      name: `${tags} signed tags, ${delayMs} ms`,
      recipe: { kind: "signed", tags },
      job: { entry: { referrers: true } },
      without: ["skopeo"],
    },
  ];
}

/** So many tags that whatever is kept of each of them shows. */
export function manyTags(selection: Selection): readonly Work[] {
  const tags = selection.tags ?? (selection.quick ? 10_000 : 100_000);
  return [
    {
      ...unchanged(selection, tags, 0),
      kind: "many-tags",
      name: `${tags} tags, 0 ms`,
      recipe: { kind: "names", tags, images: 1_000 },
      repeats: 1,
      peerRepeats: 1,
      without: ["skopeo"],
    },
  ];
}

function unchanged(selection: Selection, tags: number, delayMs: number) {
  const { repeats } = repeatsOf(selection);
  const estimate = (family: "regsync" | "skopeo"): number => tags * requestsPerTag[family] * delayMs;
  return {
    ...usualWork,
    delayMs,
    before: "everything" as const,
    repeats: tags * delayMs >= 60_000 ? 1 : repeats,
    peerRepeats: estimate("regsync") > onceAboveMs ? 1 : repeats,
    without: (["regsync", "skopeo"] as const).filter((family) => estimate(family) > peerLimitMs),
  };
}
