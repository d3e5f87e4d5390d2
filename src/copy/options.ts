import type { Platform } from "../oci/platform.ts";
import type { ReferrerFilter } from "../oci/referrer-filter.ts";
import type { Repository } from "../oci/store.ts";

/** How one image is copied. Spec: regsync.md §6. */
export interface CopyOptions {
  readonly digestTags: boolean;
  /** Copy what refers to the image, as far as a filter wants it; all of it when there is no filter. */
  readonly referrers: boolean;
  readonly referrerFilters: readonly ReferrerFilter[];
  /** Where referrers are looked up and read; `undefined` is the image's own repository. */
  readonly referrerSource: Repository | undefined;
  /** Where referrers are written; `undefined` is the target's own repository. */
  readonly referrerTarget: Repository | undefined;
  /** Content whose digest is equal counts as complete, whatever was asked of referrers. */
  readonly fastCheck: boolean;
  readonly forceRecursive: boolean;
  /** Copy layers that name other places to get them. */
  readonly includeExternal: boolean;
  /** Children of an index that are copied; empty means all, `"none"` means those without a platform. */
  readonly platforms: readonly (Platform | "none")[];
}

/** A plain copy: the image and nothing beside it. */
export const plainCopy: CopyOptions = {
  digestTags: false,
  referrers: false,
  referrerFilters: [],
  referrerSource: undefined,
  referrerTarget: undefined,
  fastCheck: false,
  forceRecursive: false,
  includeExternal: false,
  platforms: [],
};
