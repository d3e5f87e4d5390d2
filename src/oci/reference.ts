/** Where an image is, as people write it. Spec: regsync.md §4. */
export interface Reference {
  readonly scheme: "reg" | "ocidir" | "ocifile";
  /** The text it was parsed from. */
  readonly text: string;
  /** Registry name (`docker.io`), or `""` for a path. */
  readonly registry: string;
  readonly repository: string;
  /** `""` when there is none. */
  readonly tag: string;
  /** Any `algorithm:hex` text, not verified here; `""` when there is none. */
  readonly digest: string;
  /** The folder of an OCI layout, or `""`. */
  readonly path: string;
}
