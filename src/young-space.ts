import v8 from "node:v8";
import type { Clock } from "./base/clock.ts";

/** By how much V8 lets its space for young objects grow, unless told otherwise. */
const usualFactor = 2;
/** Both halves. */
const wantedBytes = 2 * 3 * 1024 * 1024;

/**
 * V8's space for young objects. Its largest size can only be set when Node starts; by which factor it grows also
 * later.
 */
export class YoungSpace {
  readonly #clock: Clock;
  #factor = usualFactor;
  #holders = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Lets it grow to 3 MiB a half, and no further. What lives briefly must fit into it: what does not is taken for old,
   * and then a pass over thousands of tags spends a third of its time on that, and 60 MB. Blobs in turn pass through in
   * pieces that are garbage at once and wait for the next collection of young objects: in a large space, 2 GiB take
   * 200 MB resident: with 4 MiB a half 5 MB more than with 3, and with 2 a pass over 3,000 tags takes 30 MB more. That it
   * has grown shows only when one looks.
   */
  growOnce(): void {
    const untilMs = this.#clock.monotonic() + 5_000;
    const look = (): void => {
      const young = v8.getHeapSpaceStatistics().find(({ space_name: name }) => name === "new_space");
      const bytes = young?.space_size ?? wantedBytes;
      const isDone = bytes >= wantedBytes || this.#clock.monotonic() > untilMs;
      // How far it has come by now depends on how quickly everything was loaded.
      this.#factor = isDone ? 1 : 2 * bytes >= wantedBytes ? 2 : 3;
      if (!isDone) this.#clock.after(20, look);
      this.#apply();
    };
    look();
  }

  /**
   * Keeps it as it is until disposed, for work in one piece whose objects stay: where it could, it would grow to 32 MB
   * within half a second, and the rest of the heap after it. A file of 7,500 entries takes 30 MB less to read like that,
   * and no more time.
   */
  hold(): Disposable {
    this.#holders += 1;
    this.#apply();
    return {
      [Symbol.dispose]: () => {
        this.#holders -= 1;
        this.#apply();
      },
    };
  }

  #apply(): void {
    v8.setFlagsFromString(`--semi-space-growth-factor=${this.#holders > 0 ? 1 : this.#factor}`);
  }
}
