import type { KeyPair } from "../../support/certificates.ts";
import type { SideCounts } from "./counts.ts";
import type { Recipe } from "./recipe.ts";
import type { SideOptions } from "./side.ts";

/** The registries of a measurement: where images are read, and where they are written. */
export type SideName =
  | "source"
  | "target"
  /** The second target. */
  | "second";

/** What the process with the registries is started with. */
export interface RegistryOptions extends SideOptions {
  readonly recipe: Recipe;
  readonly tls?: KeyPair | undefined;
}

/** What it says when it is ready. */
export interface Ready {
  readonly hosts: Readonly<Record<SideName, string>>;
  /** Bytes of all distinct blobs. */
  readonly uniqueBytes: number;
  readonly repositories: readonly string[];
  /** Of all repositories. */
  readonly tags: number;
}

/**
 * What it can be told: to give the targets everything or nothing, to forget what was counted, to tell it, and how
 * many tags of each side name what they should.
 */
export type Command = "fill" | "empty" | "forget" | "counts" | "matching";

/** What it answers. */
export interface Reply {
  readonly counts?: Readonly<Record<SideName, SideCounts>>;
  /** What the registries needed of the processor themselves, in seconds, in the time that was counted. */
  readonly cpuSeconds?: number;
  readonly matching?: Readonly<Record<SideName, number>>;
}

/** What a repository of the source is called on a target. */
export function targetName(repository: string): string {
  return `mirror/${repository}`;
}
