import type { Descriptor } from "../oci/descriptor.ts";
import { formatPlatform, type Platform, samePlatform } from "../oci/platform.ts";
import { PlatformsAbsent } from "./failures.ts";

/**
 * The children of an index that are wanted; all when nothing is asked for. Compared by equality, not by which suits
 * best. Throws `PLATFORM_NOT_FOUND` when none is left of the image itself; what belongs to it may be for no platform at
 * all. Spec: regsync.md §2.4 `platforms`, §5.6.
 */
export function selectChildren(
  children: readonly Descriptor[],
  platforms: readonly (Platform | "none")[],
  isImage: boolean,
): readonly Descriptor[] {
  if (platforms.length === 0) return children;
  const wanted = children.filter(({ platform }) =>
    platforms.some((each) =>
      each === "none" || platform === undefined
        ? each === "none" && platform === undefined
        : samePlatform(each, platform),
    ),
  );
  if (wanted.length > 0 || !isImage) return wanted;
  throw new PlatformsAbsent(platforms.map(nameOf), [
    ...new Set(children.map(({ platform }) => nameOf(platform ?? "none"))),
  ]);
}

function nameOf(platform: Platform | "none"): string {
  return platform === "none" ? "no platform" : formatPlatform(platform);
}
