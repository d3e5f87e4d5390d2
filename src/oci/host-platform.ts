import type { Platform } from "./platform.ts";
import { normalise } from "./platform-match.ts";

/** What the running process knows of the machine. */
export interface HostFacts {
  /** As Node names it: `linux`, `darwin`, `win32`. */
  readonly system: string;
  /** As Node names it: `x64`, `arm64`, `ia32`. */
  readonly architecture: string;
  /** The text of `/proc/cpuinfo`, or `""` where there is none. */
  readonly cpuInfo: string;
}

const systems: ReadonlyMap<string, string> = new Map([
  ["win32", "windows"],
  ["sunos", "solaris"],
]);

const architectures: ReadonlyMap<string, string> = new Map([
  ["x64", "amd64"],
  ["ia32", "386"],
  ["mipsel", "mipsle"],
]);

/** Processor flags that each level of amd64 adds, under Linux's names. Spec: x86-64 psABI "micro-architecture levels". */
const amd64Levels: readonly (readonly [variant: string, flags: string])[] = [
  ["v2", "cx16 lahf_lm popcnt pni ssse3 sse4_1 sse4_2"],
  ["v3", "avx avx2 bmi1 bmi2 f16c fma abm movbe xsave"],
  ["v4", "avx512f avx512bw avx512cd avx512dq avx512vl"],
];

/** The platform of the machine this runs on: what `local` and a lone `linux` or `amd64` mean. Spec: regsync.md §5.6. */
export function hostPlatform({ system, architecture, cpuInfo }: HostFacts): Platform {
  const os = systems.get(system) ?? system;
  const go = architecture === "ppc64" && os === "linux" ? "ppc64le" : (architectures.get(architecture) ?? architecture);
  return normalise({
    os,
    architecture: go,
    variant: variantOf(go, cpuInfo),
    osVersion: "",
    osFeatures: [],
    features: [],
  });
}

function variantOf(architecture: string, cpuInfo: string): string {
  if (architecture === "arm") return /^CPU architecture\s*: ([5-8])$/m.exec(cpuInfo)?.[1] ?? "";
  if (architecture !== "amd64") return "";
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo)?.[1]?.split(" "));
  let variant = "";
  for (const [level, needed] of amd64Levels) {
    if (!needed.split(" ").every((flag) => flags.has(flag))) break;
    variant = level;
  }
  return variant;
}
