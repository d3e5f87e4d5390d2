import { expect, test } from "vitest";
import { hostPlatform } from "../../src/oci/host-platform.ts";
import { formatPlatform } from "../../src/oci/platform.ts";

const level2 = "fpu cx16 lahf_lm popcnt pni ssse3 sse4_1 sse4_2";
const level3 = `${level2} avx avx2 bmi1 bmi2 f16c fma abm movbe xsave`;
const level4 = `${level3} avx512f avx512bw avx512cd avx512dq avx512vl`;

function cpuInfo(flags: string): string {
  return `processor\t: 0\nflags\t\t: ${flags}\n\nprocessor\t: 1\nflags\t\t: fpu\n`;
}

test.each([
  ["linux", "x64", "", "linux/amd64"],
  ["linux", "x64", cpuInfo("fpu"), "linux/amd64"],
  ["linux", "x64", cpuInfo(level2), "linux/amd64/v2"],
  ["linux", "x64", cpuInfo(level3), "linux/amd64/v3"],
  ["linux", "x64", cpuInfo(level4), "linux/amd64/v4"],
  ["linux", "x64", cpuInfo(level4.replace("avx2 ", "")), "linux/amd64/v2"],
  ["linux", "x64", cpuInfo(level4.replace("pni", "")), "linux/amd64"],
  ["linux", "arm64", "CPU architecture: 8\n", "linux/arm64"],
  ["linux", "arm", "CPU architecture: 6\n", "linux/arm/v6"],
  ["linux", "arm", "", "linux/arm/v7"],
  ["linux", "ia32", cpuInfo(level4), "linux/386"],
  ["linux", "ppc64", "", "linux/ppc64le"],
  ["linux", "s390x", "", "linux/s390x"],
  ["linux", "riscv64", "", "linux/riscv64"],
  ["linux", "mipsel", "", "linux/mipsle"],
  ["aix", "ppc64", "", "aix/ppc64"],
  ["darwin", "arm64", "", "darwin/arm64"],
  ["win32", "x64", "", "windows/amd64"],
])("Node's %s on %s with %j is %s", (system, architecture, text, platform) => {
  expect(formatPlatform(hostPlatform({ system, architecture, cpuInfo: text }))).toBe(platform);
});
