import { Interrupted } from "../base/failure.ts";
import { RegistryStalled } from "./failures.ts";
import { refusalOf, RegistryDenied } from "./status.ts";
import type { UploadSession } from "./upload-session.ts";

/** Times an upload finds its place again, beyond one for every part that went well. Spec: regsync.md §6.4. */
const mostRecoveries = 10;

/** A part of a blob, in bytes from its beginning. */
interface Part {
  /** Where the part that is sent begins. */
  readonly at: number;
  /** The first byte that could be sent once more. */
  readonly start: number;
  /** The byte behind the part. */
  readonly end: number;
}

/** Where an upload stands after each part of it, also after one that failed. */
export class Recovery {
  readonly #session: UploadSession;
  readonly #isOfContent: (failure: unknown) => boolean;
  #recoveries = 0;
  /** Where a part began that the host never answered; `undefined` when it answered the last one. */
  #silentAt: number | undefined;

  /** `isOfContent` tells failures of the content itself, which no other place of the upload would mend. */
  constructor(session: UploadSession, isOfContent: (failure: unknown) => boolean = () => false) {
    this.#session = session;
    this.#isOfContent = isOfContent;
  }

  /**
   * Sends one part; answers where the host stands then. After a failure the host is asked; when it does not know any
   * more, or what it says cannot be, the failure is thrown: the upload is lost. So it is when the host is silent twice
   * about the same part: each time takes minutes. Spec: registry-protocol.md §7.5.
   */
  async advance(
    send: () => Promise<number | undefined>,
    { at, start, end }: Part,
    signal: AbortSignal,
  ): Promise<number> {
    try {
      const confirmed = await send();
      this.#recoveries = Math.max(0, this.#recoveries - 1);
      this.#silentAt = undefined;
      // A host may take less than it was sent. A place before what it just took means that it does not count.
      return confirmed !== undefined && confirmed > at && confirmed < end ? confirmed : end;
    } catch (failure) {
      if (this.#isOfContent(failure) || !isRecoverable(failure) || this.#recoveries === mostRecoveries) throw failure;
      const isSilent = failure instanceof RegistryStalled;
      if (isSilent && at === this.#silentAt) throw failure;
      this.#silentAt = isSilent ? at : undefined;
      this.#recoveries += 1;
      const place = await this.#session.progress(signal).catch(() => undefined);
      if (place === undefined || place < start || place > end) throw failure;
      return place;
    }
  }
}

/** Whether the host may still know the upload. */
function isRecoverable(failure: unknown): boolean {
  if (failure instanceof Interrupted || failure instanceof RegistryDenied) return false;
  return refusalOf(failure)?.status !== 404;
}
