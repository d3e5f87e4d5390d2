import { spawnSync } from "node:child_process";

/** A disk with room for so many bytes on an existing folder; `undefined` where this user may not mount one. */
export function mountSmallDisk(path: string, sizeBytes: number, access: "rw" | "ro" = "rw"): Disposable | undefined {
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${sizeBytes},${access}`, "tmpfs", path]);
  if (mounted.status !== 0) return undefined;
  return { [Symbol.dispose]: () => void spawnSync("umount", ["--lazy", path]) };
}
