import type { ResidentSample } from "./measure.ts";
import type { SideName } from "./registry/protocol.ts";
import type { SideCounts } from "./registry/counts.ts";

/** What somebody needed for some work, the middle of several times. */
export interface Result {
  readonly kind: string;
  readonly work: string;
  readonly contestant: string;
  readonly wallMs: number;
  readonly cpuSeconds: number;
  /** The most of all times, in bytes. */
  readonly peakBytes: number;
  /** How often it was done. */
  readonly times: number;
  readonly wallMsOfEach: readonly number[];
  /** `undefined` for work without registries. The last time's. */
  readonly traffic: Traffic | undefined;
  /** Memory over the last time. */
  readonly resident: readonly ResidentSample[];
}

/** What went over the wire. */
export interface Traffic {
  readonly sides: Readonly<Record<SideName, SideCounts>>;
  /** Bytes of all distinct blobs there are. */
  readonly uniqueBytes: number;
  readonly tags: number;
}

/** The one in the middle; of an even number the smaller of the two. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
