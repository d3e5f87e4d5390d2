import { realpathSync } from "node:fs";
import type { Machine } from "./cli/world.ts";
import { localZone } from "./local-zone.ts";

/** What this process runs on. */
export const thisMachine: Machine = {
  system: process.platform,
  architecture: process.arch,
  nodeVersion: process.versions.node,
  v8Version: process.versions.v8,
  timeZone: (variable) =>
    localZone(variable, () => Intl.DateTimeFormat().resolvedOptions().timeZone, realpathSync.native),
};
