import { Failure } from "../base/failure.ts";
import { quoted } from "../base/quoted.ts";
import type { DescriptorPlatform } from "./descriptor.ts";
import { isBetter, isCompatible, isSame, normalise } from "./platform-match.ts";

/** A platform as it is asked for, normalised. Texts are `""` when not said. Spec: regsync.md §5.6. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant: string;
  readonly osVersion: string;
  readonly osFeatures: readonly string[];
  readonly features: readonly string[];
}

/** Architectures that may stand alone; the system is then the host's. */
const architectures: ReadonlySet<string> = new Set(
  (
    "386 amd64 i386 x86_64 x86-64 arm armhf armel arm64 aarch64 mips mips64 mips64le ppc ppc64 ppc64le " +
    "loong64 riscv riscv64 s390 s390x sparc sparc64 wasm"
  ).split(" "),
);

/** A text that should name a platform does not. The message says what to write instead. */
export class PlatformInvalid extends Failure {
  readonly code = "PLATFORM_INVALID";
  readonly text: string;

  constructor(text: string, fault: string) {
    super(`${quoted(text)} is no platform: ${fault}; write os/arch[/variant][,osver=version]`);
    this.text = text;
  }
}

/**
 * Reads `os[/arch[/variant]][,osver=version]`, an architecture alone, or `local`. What a lone word leaves out is
 * taken from the host. Throws `PLATFORM_INVALID`. Spec: regsync.md §5.6 "Parse".
 */
export function parsePlatform(text: string, host: Platform): Platform {
  const comma = text.indexOf(",");
  const words = (comma < 0 ? text : text.slice(0, comma)).split("/").map((word) => word.toLowerCase());
  if (!words.every((word) => /^[a-z0-9_-]+$/.test(word))) {
    throw new PlatformInvalid(text, "between the slashes go letters, digits, _ and - only");
  }
  return { ...fromWords(words, host), osVersion: comma < 0 ? "" : readOsVersion(text, comma + 1) };
}

function fromWords(words: readonly string[], host: Platform): Platform {
  const [first = "", architecture = "", variant = ""] = words;
  const bare = { osVersion: "", osFeatures: [], features: [] };
  if (words.length > 1) {
    return normalise({ ...bare, os: first === "local" ? host.os : first, architecture, variant });
  }
  if (architectures.has(first)) {
    const platform = normalise({ ...bare, os: host.os, architecture: first, variant: "" });
    return platform.architecture === host.architecture ? { ...platform, variant: host.variant } : platform;
  }
  const platform = normalise({ ...bare, os: first, architecture: "", variant: "" });
  if (first !== "local" && platform.os !== host.os) return platform;
  return { ...bare, os: host.os, architecture: host.architecture, variant: host.variant };
}

/** The value of the one option there is, under either of its names; the last one written counts. */
function readOsVersion(text: string, start: number): string {
  let osVersion = "";
  for (const { key, value } of readOptions(text, start)) {
    if (key === "") continue;
    if (key !== "osver" && key !== "osversion") throw new PlatformInvalid(text, `${quoted(key)} is no option`);
    osVersion = value;
  }
  return osVersion;
}

/** Comma-separated `key=value`; quotes and backslashes protect a comma, blanks around either side do not count. */
function readOptions(text: string, start: number): { readonly key: string; readonly value: string }[] {
  const options: { key: string; value: string }[] = [];
  let key: string | undefined;
  let current = "";
  let quoted = false;
  const finish = (): void => {
    const name = (key ?? current).trim().toLowerCase();
    options.push({ key: name, value: key === undefined ? "" : current.trim() });
    key = undefined;
    current = "";
  };
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === "\\") {
      at += 1;
      if (at === text.length) throw new PlatformInvalid(text, "it ends in a backslash");
      current += text.charAt(at);
    } else if (character === '"') quoted = !quoted;
    else if (quoted) current += character;
    else if (character === ",") finish();
    else if (character === "=" && key === undefined) {
      key = current;
      current = "";
    } else current += character;
  }
  if (quoted) throw new PlatformInvalid(text, "a quotation mark is not closed");
  finish();
  return options;
}

/** `os[/arch[/variant]]`, without the version. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalise(platform);
  if (architecture === "") return os;
  return variant === "" ? `${os}/${architecture}` : `${os}/${architecture}/${variant}`;
}

/**
 * The position of the offer that suits a platform best, the first of equals; `undefined` when none does. Offers are
 * the platforms of an index's children, `undefined` for a child without one. Spec: regsync.md §5.6 "Select".
 */
export function selectPlatform(
  want: Platform,
  offers: readonly (DescriptorPlatform | undefined)[],
): number | undefined {
  const wanted = normalise(want);
  let best: { readonly position: number; readonly platform: DescriptorPlatform } | undefined;
  for (const [position, offer] of offers.entries()) {
    if (offer === undefined) continue;
    const platform = normalise(offer);
    if (!isCompatible(wanted, platform)) continue;
    if (best === undefined || isBetter(wanted, platform, best.platform)) best = { position, platform };
  }
  return best?.position;
}

/** Whether an item of the list `platforms` means this child of an index. Spec: regsync.md §5.6, last sentence. */
export function samePlatform(wanted: Platform, offer: DescriptorPlatform): boolean {
  return isSame(normalise(wanted), normalise(offer));
}
