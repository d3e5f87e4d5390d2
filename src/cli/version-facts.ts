import { hostPlatform } from "../oci/host-platform.ts";
import type { BuildInfo } from "./build-info.ts";
import type { Machine } from "./world.ts";

/** One fact about this program. */
export interface VersionFact {
  /** What lines and templates call it. */
  readonly name: string;
  /** What JSON calls it. */
  readonly json: string;
  readonly value: string;
}

const lineOrder = ["VCSTag", "VCSRef", "VCSCommit", "VCSState", "VCSDate", "Platform", "GoVer", "GoCompiler"];

/**
 * What this program is, in the order of the JSON form. `GoVer` and `GoCompiler` keep their names for the sake of
 * scripts, and tell of Node and V8, which do here what Go does there. Spec: regsync.md §1.6.
 */
export function versionFacts(build: BuildInfo, machine: Machine): VersionFact[] {
  const { os, architecture } = hostPlatform({ ...machine, cpuInfo: "" });
  return [
    { name: "GoVer", json: "goVersion", value: `node${machine.nodeVersion}` },
    { name: "GoCompiler", json: "goCompiler", value: `v8-${machine.v8Version}` },
    { name: "Platform", json: "platform", value: `${os}/${architecture}` },
    { name: "VCSCommit", json: "vcsCommit", value: build.vcsCommit },
    { name: "VCSDate", json: "vcsDate", value: build.vcsDate },
    { name: "VCSRef", json: "vcsRef", value: build.vcsRef },
    { name: "VCSState", json: "vcsState", value: build.vcsState },
    { name: "VCSTag", json: "vcsTag", value: build.vcsTag },
  ];
}

/** The facts as aligned lines, each with its end. */
export function versionLines(facts: readonly VersionFact[]): string {
  return lineOrder
    .map((name) => `${`${name}:`.padEnd(12)}${facts.find((fact) => fact.name === name)?.value ?? ""}\n`)
    .join("");
}
