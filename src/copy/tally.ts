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

/** Counts what the copy of one image moves. */
export class Tally {
  #bytes = 0;
  #manifestsSent = 0;
  readonly #blobs: Record<BlobArrival, number> = { present: 0, mounted: 0, uploaded: 0, resumed: 0 };

  blobArrived(how: BlobArrival, sizeBytes: number | undefined): void {
    this.#blobs[how] += 1;
    if (how === "uploaded" || how === "resumed") this.#bytes += sizeBytes ?? 0;
  }

  manifestSent(sizeBytes: number): void {
    this.#manifestsSent += 1;
    this.#bytes += sizeBytes;
  }

  totals(): CopyTotals {
    return {
      bytes: this.#bytes,
      blobsSent: this.#blobs.uploaded + this.#blobs.resumed,
      blobsMounted: this.#blobs.mounted,
      blobsPresent: this.#blobs.present,
      manifestsSent: this.#manifestsSent,
    };
  }
}
