import type { Clock } from "../base/clock.ts";
import type { Log } from "../observe/log.ts";
import { AgreedTags } from "./agreed-tags.ts";
import { BlobHomes } from "./blob-homes.ts";
import { StateFile } from "./state-file.ts";
import { UnfinishedUploads } from "./unfinished-uploads.ts";

/** What is remembered from one start to the next, in a directory that belongs to this process while it runs. */
export class State implements Disposable {
  readonly tags: AgreedTags;
  readonly homes: BlobHomes;
  readonly uploads: UnfinishedUploads;
  readonly #file: StateFile;

  private constructor(file: StateFile) {
    this.#file = file;
    this.tags = new AgreedTags(file);
    this.homes = new BlobHomes(file);
    this.uploads = new UnfinishedUploads(file);
  }

  /** Throws `STATE_LOCKED`, `STATE_INVALID`, `DISK_REFUSED`, `DISK_FULL`. */
  static open(folder: string, clock: Clock, log: Log): State {
    return new State(StateFile.open(folder, clock, log));
  }

  /** Makes everything lasting. */
  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
