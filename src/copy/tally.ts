import type { Digest } from "../oci/digest.ts";
import type { Manifest } from "../oci/manifest.ts";
import type { ManifestName } from "../oci/store.ts";
import type { BlobArrival } from "./ledger.ts";

/** What a copy moved. */
export interface CopyTotals {
  /** Blobs and manifests sent, in bytes. One whose upload was gone on with counts whole. */
  readonly bytes: number;
  readonly blobsSent: number;
  readonly blobsMounted: number;
  /** Blobs the target had already. */
  readonly blobsPresent: number;
  readonly manifestsSent: number;
}

/** What became of a copy. */
export interface CopyResult extends CopyTotals {
  /** What the name on the target stands for now: a tag of the source may move while it is copied. */
  readonly digest: Digest;
}

/** Counts what the copy of one image moves. */
export class Tally {
  readonly #name: ManifestName;
  #digest: Digest;
  #bytes = 0;
  #manifestsSent = 0;
  readonly #blobs: Record<BlobArrival, number> = { present: 0, mounted: 0, uploaded: 0, resumed: 0 };

  /** `name` is that of the image on the target, and `digest` what it is to stand for. */
  constructor(name: ManifestName, digest: Digest) {
    this.#name = name;
    this.#digest = digest;
  }

  blobArrived(how: BlobArrival, sizeBytes: number | undefined): void {
    this.#blobs[how] += 1;
    if (how === "uploaded" || how === "resumed") this.#bytes += sizeBytes ?? 0;
  }

  manifestSent(name: ManifestName, { digest, bytes }: Manifest): void {
    this.#manifestsSent += 1;
    this.#bytes += bytes.byteLength;
    if (name === this.#name) this.#digest = digest;
  }

  result(): CopyResult {
    return {
      digest: this.#digest,
      bytes: this.#bytes,
      blobsSent: this.#blobs.uploaded + this.#blobs.resumed,
      blobsMounted: this.#blobs.mounted,
      blobsPresent: this.#blobs.present,
      manifestsSent: this.#manifestsSent,
    };
  }
}
