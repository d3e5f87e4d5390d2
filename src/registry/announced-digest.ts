import { algorithmOf, asDigest, type Digest } from "../oci/digest.ts";
import type { RegistryAnswer } from "./send.ts";

/** The digest that an answer names; `undefined` when it names none that can be used. */
export function announcedDigest(answer: RegistryAnswer): Digest | undefined {
  return asDigest(answer.header("docker-content-digest") ?? "");
}

/**
 * Whether two digests cannot be of the same content. Of two algorithms nobody can tell: some registries answer with
 * another one than they were asked in. Spec: registry-protocol.md §1.4.
 */
export function contradicts(announced: Digest, expected: Digest): boolean {
  return announced !== expected && algorithmOf(announced) === algorithmOf(expected);
}
