import type { Entry } from "../config/plan.ts";

/** Names the hosts that an entry is between: entries between the same ones wait for the same slots. */
export function hostsOf({ route }: Entry): string {
  if (route.kind === "registry") return [route.source, ...route.targets].map(hostOf).join(" ");
  return [route.source, ...route.targets].map(({ registry }) => registry).join(" ");
}

function hostOf(registry: string): string {
  return registry.split("/", 1)[0] ?? registry;
}
