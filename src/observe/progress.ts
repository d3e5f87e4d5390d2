/** Who wants to know what is being copied right now: the live view of `once`, later the status of the server. */
export interface Progress {
  /** An image's copy begins. The answer is told what happens to it, and disposed when it ends. */
  image(source: string, target: string): ImageProgress;
}

/** What happens to one image. */
export interface ImageProgress extends Disposable {
  /** A blob's transfer begins; `sizeBytes` is `undefined` when the manifest does not say. */
  blob(digest: string, sizeBytes: number | undefined): BlobProgress;
}

/** What happens to one blob. Disposed when its transfer ended, well or not. */
export interface BlobProgress extends Disposable {
  moved(bytes: number): void;
}

const noBlobProgress: BlobProgress = { moved: () => undefined, [Symbol.dispose]: () => undefined };

/** Tells nobody about an image. */
export const noImageProgress: ImageProgress = { blob: () => noBlobProgress, [Symbol.dispose]: () => undefined };

/** Tells nobody. */
export const noProgress: Progress = { image: () => noImageProgress };
