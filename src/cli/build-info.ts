/** Where the sources of this program came from. */
export interface BuildInfo {
  /** `git describe` of the commit, `v1.2.3` when it is tagged. */
  readonly vcsTag: string;
  /** The commit, with `-dirty` behind it when the sources were changed since. */
  readonly vcsRef: string;
  readonly vcsCommit: string;
  readonly vcsState: "clean" | "dirty" | "unknown";
  /** Of the commit, RFC 3339. */
  readonly vcsDate: string;
}

/** Put in by `.ci/build.mjs`, and only there: the sources know nothing of their own version. */
declare const REGSYNC_BUILD: BuildInfo | undefined;

/** What this program was built from; every text is `unknown` when it was not built from a checkout. */
export const buildInfo: BuildInfo =
  typeof REGSYNC_BUILD === "undefined"
    ? { vcsTag: "unknown", vcsRef: "unknown", vcsCommit: "unknown", vcsState: "unknown", vcsDate: "unknown" }
    : REGSYNC_BUILD;
