import type { Measured, ResidentSample } from "./measure.ts";
import type { SideName } from "./registry/protocol.ts";
import type { SideCounts } from "./registry/counts.ts";

/** Whose result it is. */
export interface ResultName {
  readonly kind: string;
  readonly work: string;
  readonly contestant: string;
}

/** What somebody needed for some work, the middle of several times. */
export interface Result extends ResultName {
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
  /** What the registries themselves needed of the processor. */
  readonly registryCpuSeconds: number;
  /** Bytes of all distinct blobs there are. */
  readonly uniqueBytes: number;
  readonly tags: number;
}

/** What several times come to. */
export function resultOf(name: ResultName, times: readonly Measured[], traffic: Traffic | undefined): Result {
  return {
    ...name,
    wallMs: median(times.map(({ wallMs }) => wallMs)),
    cpuSeconds: median(times.map(({ cpuSeconds }) => cpuSeconds)),
    peakBytes: Math.max(...times.map(({ peakBytes }) => peakBytes)),
    times: times.length,
    wallMsOfEach: times.map(({ wallMs }) => wallMs),
    traffic,
    resident: times.at(-1)?.resident ?? [],
  };
}

/** The one in the middle; of an even number the smaller of the two. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? Number.NaN;
}
