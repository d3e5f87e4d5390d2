import type { Entry } from "../config/plan.ts";

/** Names the two hosts that an entry is between: entries between the same ones wait for the same slots. */
export function hostsOf({ route }: Entry): string {
  if (route.kind === "registry") return `${hostOf(route.source)} ${hostOf(route.target)}`;
  return `${route.source.registry} ${route.target.registry}`;
}

function hostOf(registry: string): string {
  return registry.split("/", 1)[0] ?? registry;
}
