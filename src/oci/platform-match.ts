import type { DescriptorPlatform } from "./descriptor.ts";

/** Systems whose images are told apart by architecture and variant alone. */
const plainSystems: ReadonlySet<string> = new Set(["linux", "darwin", "freebsd"]);

/** Systems that can run the images of linux as well, in a virtual machine of their own. */
const hostsOfLinux: ReadonlySet<string> = new Set(["windows", "darwin"]);

/** A platform with one spelling for each system, architecture and variant. Spec: regsync.md §5.6 "Normalise". */
export function normalise<P extends DescriptorPlatform>(platform: P): P {
  const os = platform.os === "macos" ? "darwin" : platform.os;
  const [architecture, variant] = normalArchitecture(platform.architecture, platform.variant);
  return { ...platform, os, architecture, variant };
}

function normalArchitecture(architecture: string, variant: string): readonly [string, string] {
  switch (architecture) {
    case "i386":
      return ["386", ""];
    case "x86_64":
    case "x86-64":
    case "amd64":
      return ["amd64", variant === "v1" ? "" : variant];
    case "aarch64":
    case "arm64":
      return ["arm64", variant === "v8" || variant === "8" ? "" : variant];
    case "armhf":
      return ["arm", "v7"];
    case "armel":
      return ["arm", "v6"];
    case "arm":
      return ["arm", variant === "" ? "v7" : /^[5-8]$/.test(variant) ? `v${variant}` : variant];
    default:
      return [architecture, variant];
  }
}

/**
 * Whether a machine of the wanted platform could run the offered one. Both normalised. Spec: regsync.md §5.6 "Select".
 */
export function isCompatible(want: DescriptorPlatform, offer: DescriptorPlatform): boolean {
  if (want.os !== offer.os && !(offer.os === "linux" && hostsOfLinux.has(want.os))) return false;
  if (want.architecture !== offer.architecture || !variantFits(want.variant, offer.variant)) return false;
  if (plainSystems.has(offer.os)) return true;
  if (want.os === "windows") return sameWindows(want.osVersion, offer.osVersion);
  return sameExtras(want, offer);
}

/** Whether an offer suits the wanted platform better than the best one so far; both are compatible with it. */
export function isBetter(want: DescriptorPlatform, offer: DescriptorPlatform, best: DescriptorPlatform): boolean {
  if (offer.os !== best.os) return offer.os === want.os;
  if (offer.variant !== best.variant) {
    if (offer.variant === want.variant || best.variant === want.variant) return offer.variant === want.variant;
    const higher = variantLevel(offer.variant) - variantLevel(best.variant);
    if (higher !== 0) return higher > 0;
  }
  if (offer.osVersion === best.osVersion) return false;
  if (offer.osVersion === want.osVersion || best.osVersion === want.osVersion)
    return offer.osVersion === want.osVersion;
  return isHigherVersion(offer.osVersion, best.osVersion);
}

/**
 * Whether two platforms are the same for the list `platforms`. Both normalised. Spec: regsync.md §5.6, last sentence.
 */
export function isSame(one: DescriptorPlatform, other: DescriptorPlatform): boolean {
  if (one.os !== other.os || one.architecture !== other.architecture || one.variant !== other.variant) return false;
  if (plainSystems.has(one.os)) return true;
  return one.os === "windows" ? sameWindows(one.osVersion, other.osVersion) : sameExtras(one, other);
}

/** A machine runs what was built for its variant or a lower one; the first level goes without a name as well. */
function variantFits(want: string, offer: string): boolean {
  return variantLevel(want) >= variantLevel(offer) || (want === "" && offer === "v1");
}

/** The number of a variant: `v8` is 8, and what has none is 0. */
function variantLevel(variant: string): number {
  const digits = /^v?([0-9]{1,9})$/.exec(variant)?.[1];
  return digits === undefined ? 0 : Number(digits);
}

/** Windows runs images of its own build: the first three components, whatever the fourth. */
function sameWindows(want: string, offer: string): boolean {
  if (want === "") return true;
  const build = (version: string): string => version.split(".").slice(0, 3).join(".");
  return build(want) === build(offer);
}

function sameExtras(one: DescriptorPlatform, other: DescriptorPlatform): boolean {
  return (
    one.osVersion === other.osVersion &&
    sameList(one.osFeatures, other.osFeatures) &&
    sameList(one.features, other.features)
  );
}

function sameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, position) => text === other[position]);
}

/** Compares as many components as the best one so far has; one that is no number is below every number. */
function isHigherVersion(offer: string, best: string): boolean {
  const offered = offer.split(".");
  for (const [position, component] of best.split(".").entries()) {
    const difference = componentOf(offered[position] ?? "") - componentOf(component);
    if (difference !== 0) return difference > 0;
  }
  return false;
}

function componentOf(text: string): number {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : -1;
}
