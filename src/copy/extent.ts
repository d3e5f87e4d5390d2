import { ManifestsTooLarge, TooManyManifests } from "./failures.ts";

/** Manifests of one image, referrers included: a registry that makes up ever more of them must come to an end. */
const mostManifests = 10_000;
/** All of them together, in bytes. Many are in memory at once; those of real images take a few kilobytes each. */
const mostBytes = 64 * 1024 * 1024;

/** How much there is of one image, as far as it was looked at. */
export class Extent {
  #manifests = 0;
  #bytes = 0;

  /** Counts a manifest of this repository. Throws `MANIFEST_INVALID` for more than an image has. */
  begin(repository: string): void {
    this.#manifests += 1;
    if (this.#manifests > mostManifests) throw new TooManyManifests(repository, mostManifests);
  }

  /** Counts the bytes of one that was read. Throws `MANIFEST_TOO_LARGE` for more than those of an image take. */
  read(repository: string, bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > mostBytes) throw new ManifestsTooLarge(repository, mostBytes);
  }
}
