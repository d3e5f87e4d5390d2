import { stringify } from "yaml";
import type { RegistryAccess } from "./real-registry.ts";

/** The parts of a configuration that tests write. Keys and values as in the file; anything else is allowed too. */
export interface ConfigParts {
  readonly creds?: readonly RegistryAccess[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  readonly sync: readonly Readonly<Record<string, unknown>>[];
}

/** The text of a `regsync.yml`. */
export function configText({ creds, defaults, sync }: ConfigParts): string {
  return stringify({ version: 1, creds: creds ?? [], ...(defaults === undefined ? {} : { defaults }), sync });
}
