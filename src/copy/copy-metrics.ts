import type { Counter, Metrics } from "../observe/metrics.ts";
import type { BlobArrival } from "./ledger.ts";

/** Bytes that pass before they are counted: pieces are small, and counting each would take its time. */
const countedAtOnceBytes = 1024 * 1024;

const results = ["exists", "mounted", "uploaded", "resumed", "failed"] as const;

type BlobResult = (typeof results)[number];

const resultOf: Readonly<Record<BlobArrival, BlobResult>> = {
  present: "exists",
  mounted: "mounted",
  uploaded: "uploaded",
  resumed: "resumed",
};

/** Counts the bytes of one transfer. Disposed when it ended, well or not. */
export interface ByteCount extends Disposable {
  add(bytes: number): void;
}

/** What is counted of blobs. Spec: operations.md §3. */
export class CopyMetrics {
  readonly #bytes: Counter<"direction" | "host">;
  readonly #blobs: Counter<"host" | "result">;
  readonly #hosts = new Set<string>();

  constructor(metrics: Metrics) {
    this.#bytes = metrics.counter({
      name: "regsync_bytes_total",
      help: "Bytes of blobs that were read from sources and written to targets, repetitions included",
      labels: ["direction", "host"],
    });
    this.#blobs = metrics.counter({
      name: "regsync_blobs_total",
      help: "Blobs that images needed on a target, by how they came there; `resumed` went on where an earlier upload had stopped",
      labels: ["host", "result"],
    });
  }

  /** Shows everything about a host at zero, so that its first failure is a rise. */
  show(host: string): void {
    if (this.#hosts.has(host)) return;
    this.#hosts.add(host);
    for (const direction of ["read", "written"]) this.#bytes.add(0, { direction, host });
    for (const result of results) this.#blobs.add(0, { host, result });
  }

  arrived(host: string, how: BlobArrival): void {
    this.#blobs.add(1, { host, result: resultOf[how] });
  }

  failed(host: string): void {
    this.#blobs.add(1, { host, result: "failed" });
  }

  /** Bytes on their way from a host, or to one. */
  passage(direction: "read" | "written", host: string): ByteCount {
    let bytes = 0;
    const count = (): void => {
      if (bytes > 0) this.#bytes.add(bytes, { direction, host });
      bytes = 0;
    };
    return {
      add: (more) => {
        bytes += more;
        if (bytes >= countedAtOnceBytes) count();
      },
      [Symbol.dispose]: count,
    };
  }
}
