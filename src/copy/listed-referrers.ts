import { Failure, Interrupted, messageOf } from "../base/failure.ts";
import { orAborted } from "../base/together.ts";
import type { Log } from "../observe/log.ts";
import type { Digest } from "../oci/digest.ts";
import type { Repository } from "../oci/store.ts";

/** What the targets of one image's copy list as referrers, as it was when that was asked first. */
export class ListedReferrers {
  /** By target and subject. */
  readonly #lists = new Map<string, Promise<ReadonlySet<Digest> | undefined>>();
  readonly #log: Log;
  readonly #signal: AbortSignal;

  /** `signal` is the one of the image: its parts share what is asked. */
  constructor(log: Log, signal: AbortSignal) {
    this.#log = log;
    this.#signal = signal;
  }

  /**
   * Whether a referrer that a target has is in its list of what refers to the subject, where the target keeps such a
   * list. One that was written just before a copy ended is not, and nobody would ever find it. A target that does not
   * tell is left as it is.
   */
  async has(target: Repository, subject: Digest, referrer: Digest, signal: AbortSignal): Promise<boolean> {
    const key = `${target.name}@${subject}`;
    const asked = this.#lists.get(key) ?? this.#ask(target, subject);
    this.#lists.set(key, asked);
    const listed = await orAborted(asked, signal);
    return listed === undefined || listed.has(referrer);
  }

  async #ask(target: Repository, subject: Digest): Promise<ReadonlySet<Digest> | undefined> {
    try {
      return await target.listedReferrers(subject, this.#signal);
    } catch (failure) {
      if (!(failure instanceof Failure) || failure instanceof Interrupted) throw failure;
      this.#log.debug("Target does not tell which referrers it lists, taken to list all it has", {
        target: target.name,
        digest: subject,
        err: messageOf(failure),
      });
      return undefined;
    }
  }
}
