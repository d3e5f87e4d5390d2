import type { PlanWorld } from "../../src/config/entry-check.ts";

/** A world for loading configuration files: a Linux machine in UTC, without files, and with these variables. */
export function planWorld(
  env: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = {},
): PlanWorld {
  return {
    env: (name) => (Object.hasOwn(env, name) ? (env[name] ?? "") : ""),
    file: (path) => (Object.hasOwn(files, path) ? files[path] : undefined),
    now: () => Date.UTC(2025, 0, 2, 3, 4, 5),
    timeZone: "UTC",
    hostPlatform: { os: "linux", architecture: "amd64", variant: "", osVersion: "", osFeatures: [], features: [] },
  };
}
