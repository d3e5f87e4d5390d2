import { readFileSync } from "node:fs";
import type { TemplateWorld } from "../template/world.ts";
import type { World } from "./world.ts";

/**
 * What templates may see of the world: variables, files, the time. `onFile` is told of every file that is asked for.
 * Spec: regsync.md §3.2.
 */
export function templateWorldOf(
  { env, clock, machine }: World,
  onFile: (path: string) => void = () => undefined,
): TemplateWorld {
  return {
    // Not `env[name]` alone, which knows `constructor` and its like.
    env: (name) => (Object.hasOwn(env, name) ? (env[name] ?? "") : ""),
    file: (path) => {
      onFile(path);
      return readTextFile(path);
    },
    now: () => clock.now(),
    get timeZone() {
      return machine.timeZone(env["TZ"]);
    },
  };
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // what is not there is empty in a template, whatever the reason
  }
}
