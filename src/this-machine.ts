import type { Machine } from "./cli/world.ts";

/** What this process runs on. */
export const thisMachine: Machine = {
  system: process.platform,
  architecture: process.arch,
  nodeVersion: process.versions.node,
  v8Version: process.versions.v8,
  timeZone: () => Intl.DateTimeFormat().resolvedOptions().timeZone,
};
