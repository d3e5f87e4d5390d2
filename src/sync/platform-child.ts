import { LRUCache } from "lru-cache";
import { atMost } from "../base/at-most.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { formatPlatform, type Platform, selectPlatform } from "../oci/platform.ts";
import type { ManifestSource } from "../oci/store.ts";
import { PlatformAbsent, SourceMissing } from "./failures.ts";

/** Which child of an index was chosen, by index and platform: a digest never changes what it lists. */
export class PlatformMemory {
  readonly #chosen = new LRUCache<string, Digest>(atMost(10_000));

  get(index: Digest, platform: string): Digest | undefined {
    return this.#chosen.get(`${index} ${platform}`);
  }

  set(index: Digest, platform: string, child: Digest): void {
    this.#chosen.set(`${index} ${platform}`, child);
  }
}

/**
 * The digest of the child of an index that suits a platform best. The index is read once per digest and process.
 *
 * Throws `PLATFORM_NOT_FOUND` with the platforms there are. Spec: regsync.md §5.6.
 */
export async function findPlatformChild(
  source: ManifestSource,
  index: Digest,
  platform: Platform,
  sourceName: string,
  memory: PlatformMemory,
  signal: AbortSignal,
): Promise<Digest> {
  const wanted = formatPlatform(platform);
  const key = `${wanted} ${platform.osVersion}`;
  const known = memory.get(index, key);
  if (known !== undefined) return known;
  const manifest = await source.getManifest(index, signal);
  if (manifest === undefined) throw new SourceMissing(`${sourceName}@${index}`);
  const children: readonly Descriptor[] = manifest.body.kind === "index" ? manifest.body.manifests : [];
  const position = selectPlatform(
    platform,
    children.map((child) => child.platform),
  );
  const child = position === undefined ? undefined : children[position];
  if (child === undefined) {
    const available = children.flatMap((each) => (each.platform === undefined ? [] : [formatPlatform(each.platform)]));
    throw new PlatformAbsent(sourceName, wanted, available);
  }
  memory.set(index, key, child.digest);
  return child.digest;
}
