import { mebibyte, repeatsOf, type Selection, usualWork, type Work } from "./work.ts";

/** The target has nothing. */
export function cold(selection: Selection): readonly Work[] {
  const usual = { ...usualWork, ...repeatsOf(selection), before: "nothing" as const };
  const tags = selection.tags ?? (selection.quick ? 200 : 1_000);
  return [
    {
      ...usual,
      kind: "cold-small",
      name: `${tags} tags of small images`,
      recipe: { kind: "small", repositories: 1, tags },
      repeats: 1,
      peerRepeats: 1,
    },
    {
      ...usual,
      kind: "cold-shared",
      name: "10 repositories that share 64 MiB, 4 MiB each of their own",
      recipe: { kind: "shared", repositories: 10, sharedBytes: 64 * mebibyte, ownBytes: 4 * mebibyte },
    },
    {
      ...usual,
      kind: "cold-single",
      name: "one image of 10 layers into a new repository",
      job: { tag: "t0" },
      recipe: { kind: "layers", layers: 10, layerBytes: mebibyte },
    },
  ];
}

/** Much to move, from memory to a target that counts: what is left is the program's own work. */
export function large(selection: Selection): readonly Work[] {
  return [false, true].map((tls) => ({
    ...usualWork,
    ...repeatsOf(selection),
    kind: tls ? "large-tls" : "large",
    name: `4 layers of 512 MiB, ${tls ? "TLS" : "plain"}`,
    recipe: { kind: "layers", layers: 4, layerBytes: 512 * mebibyte },
    tls,
    countsOnly: true,
    before: "nothing",
  }));
}

/** One source, one target or two: as fast as this machine goes, and as fast as their lines let them. */
export function twoTargets(selection: Selection): readonly Work[] {
  const lines = [
    { line: "", bytesPerSecond: undefined },
    { line: " at 1 Gbit/s", bytesPerSecond: 125_000_000 },
  ];
  return lines.flatMap(({ line, bytesPerSecond }) =>
    [false, true].map(
      (bothTargets): Work => ({
        ...usualWork,
        ...repeatsOf(selection),
        kind: "two-targets",
        name: `${bothTargets ? "two targets" : "one target"}${line}, 4 layers of 64 MiB, 20 ms`,
        recipe: { kind: "layers", layers: 4, layerBytes: 64 * mebibyte },
        delayMs: 20,
        countsOnly: true,
        bytesPerSecond,
        before: "nothing",
        job: { bothTargets },
        without: bothTargets ? ["regsync", "skopeo"] : [],
      }),
    ),
  );
}

/** What each kind of run leaves behind is enough: a run after it moves nothing. */
export function secondRun(selection: Selection): readonly Work[] {
  const usual = { ...usualWork, ...repeatsOf(selection), kind: "second", before: "a run" as const };
  return [
    { ...usual, name: "after small images", recipe: { kind: "small", repositories: 10, tags: 10 } },
    { ...usual, name: "after images of several platforms", recipe: { kind: "platforms", tags: 20, platforms: 5 } },
    {
      ...usual,
      name: "after signed images",
      recipe: { kind: "signed", tags: 50 },
      job: { entry: { referrers: true } },
      without: ["skopeo"],
    },
    {
      ...usual,
      name: "after shared layers",
      recipe: { kind: "shared", repositories: 10, sharedBytes: mebibyte, ownBytes: mebibyte },
    },
  ];
}
