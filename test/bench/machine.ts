import { execFileSync } from "node:child_process";
import { availableParallelism, cpus, release, totalmem } from "node:os";
import type { Contestant } from "./contestants.ts";

/** One line about where the figures are from. */
export function machineLine(): string {
  const model = cpus()[0]?.model ?? "unknown processor";
  const gibibytes = Math.round(totalmem() / 1024 ** 3);
  return `${availableParallelism()} cores (${model.trim()}), ${gibibytes} GiB, Linux ${release()}, Node ${process.versions.node}`;
}

/** Which version somebody is. */
export function versionOf({ family, path }: Contestant): string {
  const [program, args] =
    family === "ours"
      ? [process.execPath, [path, "version", "--format", "{{ .VCSRef }}"]]
      : family === "regsync"
        ? [path, ["version", "--format", "{{ .VCSTag }}"]]
        : [path, ["--version"]];
  return execFileSync(program, args, { encoding: "utf8", timeout: 20_000 }).trim();
}
