/** A platform as it is asked for, normalised. Texts are `""` when not said. Spec: regsync.md §5.6. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
  readonly features: readonly string[];
}
