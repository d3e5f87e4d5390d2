import { TimeZones } from "../dialect/time-zone.ts";
import { cronTiming, intervalTiming, type Timing } from "./timing.ts";

/** When something is wanted to run, as its file says it. */
export interface Wish {
  readonly name: string;
  /** A cron text that was checked; `""` when there is none. It goes before an interval. */
  readonly schedule: string;
  /** Milliseconds; 0 when there is none. */
  readonly intervalMs: number;
}

/** Makes timings; those in the same time zone share what is heavy about it. */
export class Timings {
  readonly #localZone: string;
  readonly #zones = new TimeZones();

  constructor(localZone: string) {
    this.#localZone = localZone;
  }

  /** The times that are wanted; `undefined` when none are. `jitterMs` as `intervalTiming` takes it. */
  timingOf({ name, schedule, intervalMs }: Wish, jitterMs: number | undefined): Timing | undefined {
    if (schedule !== "") return cronTiming(schedule, this.#localZone, this.#zones);
    return intervalMs === 0 ? undefined : intervalTiming(intervalMs, name, jitterMs);
  }
}
