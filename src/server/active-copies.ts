import type { Clock } from "../base/clock.ts";
import { RateWindow } from "../base/rate-window.ts";
import type { BlobProgress, ImageProgress, Progress } from "../observe/progress.ts";
import type { ActiveImage } from "../observe/server-status.ts";

/** Between two notes of how far an image has come, in milliseconds: pieces pass by the thousand. */
const sampleMs = 500;

/** The images that one entry copies right now: how far they are, how fast, and since when they stand still. */
export class ActiveCopies implements Progress {
  readonly #clock: Clock;
  readonly #images = new Set<ActiveCopy>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  image(source: string, target: string): ImageProgress {
    const image = new ActiveCopy(source, target, this.#clock);
    this.#images.add(image);
    return {
      blob: (_digest, sizeBytes) => image.blob(sizeBytes),
      [Symbol.dispose]: () => void this.#images.delete(image),
    };
  }

  /** Whether nothing is being copied. */
  get isIdle(): boolean {
    return this.#images.size === 0;
  }

  list(): ActiveImage[] {
    return Array.from(this.#images, (image) => image.status());
  }

  /** Those of which no byte moved for so long. */
  stalledFor(limitMs: number): ActiveImage[] {
    const oldestMs = this.#clock.monotonic() - limitMs;
    return [...this.#images].filter((image) => image.movedAt < oldestMs).map((image) => image.status());
  }
}

class ActiveCopy {
  readonly #source: string;
  readonly #target: string;
  readonly #clock: Clock;
  readonly #startedMs: number;
  readonly #rate = new RateWindow();
  #bytes = 0;
  #totalBytes = 0;
  #movedMs: number;
  #sampledAt = Number.NEGATIVE_INFINITY;
  /** When a byte moved last, on the monotonic clock. */
  movedAt: number;

  constructor(source: string, target: string, clock: Clock) {
    this.#source = source;
    this.#target = target;
    this.#clock = clock;
    this.#startedMs = clock.now();
    this.#movedMs = this.#startedMs;
    this.movedAt = clock.monotonic();
    this.#sample();
  }

  blob(sizeBytes: number | undefined): BlobProgress {
    this.#totalBytes += sizeBytes ?? 0;
    return { moved: (bytes) => this.#moved(bytes), [Symbol.dispose]: () => undefined };
  }

  status(): ActiveImage {
    return {
      source: this.#source,
      target: this.#target,
      startedMs: this.#startedMs,
      bytes: this.#bytes,
      totalBytes: Math.max(this.#totalBytes, this.#bytes),
      bytesPerSecond: Math.round(this.#sample()),
      movedMs: this.#movedMs,
      movedAt: this.movedAt,
    };
  }

  #moved(bytes: number): void {
    this.#bytes += bytes;
    this.#movedMs = this.#clock.now();
    this.movedAt = this.#clock.monotonic();
    if (this.movedAt - this.#sampledAt >= sampleMs) this.#sample();
  }

  #sample(): number {
    this.#sampledAt = this.#clock.monotonic();
    return this.#rate.perSecond(this.#sampledAt, this.#bytes);
  }
}
