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

/** What registries are started with. */
export interface RegistryOptions extends SideOptions {
  readonly recipe: Recipe;
  readonly tls?: KeyPair | undefined;
}

/** What the process of one registry is started with. */
export interface ProcessOptions extends RegistryOptions {
  readonly side: SideName;
}

/** What a source holds. */
interface Contents {
  /** Bytes of all distinct blobs. */
  readonly uniqueBytes: number;
  readonly repositories: readonly string[];
  /** Of all repositories. */
  readonly tags: number;
}

/** What the process of a registry says when it is ready. */
export interface Ready extends Contents {
  readonly host: string;
}

/** Where registries answer that are ready, and what the source holds. */
export interface Place extends Contents {
  readonly hosts: Readonly<Record<SideName, string>>;
}

/**
 * What a registry can be told: to have everything or nothing, to forget what was counted, to tell it, and how many of
 * its tags name what they should.
 */
export type Command = "fill" | "empty" | "forget" | "counts" | "matching";

/** What it answers. */
export interface Reply {
  readonly counts?: SideCounts;
  /** What the registry needed of the processor itself, in seconds, in the time that was counted. */
  readonly cpuSeconds?: number;
  readonly matching?: number;
}

/** What a repository of the source is called on a target. */
export function targetName(repository: string): string {
  return `mirror/${repository}`;
}
