import type { HostSettings } from "./settings.ts";

/**
 * The hosts to ask for something, in order: mirrors with the highest priority first, equal ones as they are listed,
 * then the registry itself; those in trouble after all others.
 *
 * Spec: regsync.md row 0.3 and §7.6, as the README decides them.
 */
export function readOrder(
  mirrors: readonly HostSettings[],
  registry: HostSettings,
  isTroubled: (host: HostSettings) => boolean,
): HostSettings[] {
  const byPriority = mirrors.toSorted((one, other) => other.priority - one.priority);
  const all = [...byPriority, registry];
  return [...all.filter((host) => !isTroubled(host)), ...all.filter(isTroubled)];
}
