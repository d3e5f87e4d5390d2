import type { Digest } from "../oci/digest.ts";
import { formatPlatform } from "../oci/platform.ts";
import { commonName } from "../oci/reference.ts";
import type { SyncContext } from "./context.ts";
import type { ImageJob } from "./image.ts";
import { looksBeyondDigest } from "./looks-beyond-digest.ts";
import type { Outcome } from "./outcome.ts";
import type { AgreedTag } from "./tag-memory.ts";

/**
 * What may stand in for asking both sides about a tag: for one that never changes, that they agreed before; for one that
 * a list of the source tells the digest of, that list. Neither for longer than the entry's interval since both sides
 * were asked, and neither where an image is gone through although it is the same.
 */
export class Agreement {
  readonly #context: SyncContext;
  /** What was chosen of the source belongs to it: another platform is another agreement. */
  readonly #source: string;
  readonly #target: string;
  readonly #isImmutable: boolean;
  readonly #listed: Digest | undefined;
  readonly #before: AgreedTag | undefined;
  readonly #isDue: boolean;
  /** Then nobody asked both sides. */
  #wasBelieved = false;

  constructor({ entry, source, target, immutable, listed, missingMs }: ImageJob, context: SyncContext) {
    const platform = entry.platform === undefined ? "" : ` ${formatPlatform(entry.platform)}`;
    const applies = !looksBeyondDigest(entry);
    this.#context = context;
    this.#source = `${commonName(source)}${platform}`;
    this.#target = commonName(target);
    this.#isImmutable = applies && immutable;
    this.#listed = applies ? listed : undefined;
    this.#before = this.#isKept ? context.tags.find(this.#source, this.#target) : undefined;
    // A clock that was put back says nothing about how old something is.
    const ageMs = context.clock.now() - (this.#before?.verifiedMs ?? context.clock.now());
    // A target that has just listed its tags without this one does not agree, whatever it did before.
    const isMissing = missingMs !== undefined;
    this.#isDue = context.full || isMissing || ageMs < 0 || ageMs >= entry.verifyIntervalMs;
  }

  /** What both sides have, known well enough not to ask either; `undefined` when they are to be asked. */
  get digest(): Digest | undefined {
    return this.#isImmutable && !this.#isDue ? this.#before?.digest : undefined;
  }

  /** What the source has, known well enough to ask only the target; `undefined` when it is to be asked. */
  get listed(): Digest | undefined {
    return this.#isDue ? undefined : this.#listed;
  }

  /**
   * Notes that the list was believed. That does not put off when both sides are asked, but begins the time until then.
   */
  believed(): void {
    this.#wasBelieved = true;
    if (this.#before === undefined && this.#listed !== undefined) this.#note(this.#listed);
  }

  /**
   * Notes what came of asking both sides. A copy is no agreement yet: a target may say that it has stored a tag when it
   * has not, and would not be asked again. The next pass asks, and notes what it finds.
   */
  learn(outcome: Outcome): void {
    if (this.#wasBelieved || !this.#isKept || (outcome.kind !== "unchanged" && outcome.kind !== "copied")) return;
    if (this.#isImmutable && this.#before !== undefined && this.#before.digest !== outcome.digest) {
      const facts = { digest: outcome.digest, replaces: this.#before.digest };
      const names = { source: this.#source, target: this.#target };
      this.#context.log.warn("A tag that is called immutable has changed", { ...names, ...facts });
    }
    if (outcome.kind === "unchanged") this.#note(outcome.digest);
    else this.#context.tags.forget(this.#source, this.#target);
  }

  get #isKept(): boolean {
    return this.#isImmutable || this.#listed !== undefined;
  }

  /** A pass that only looks leaves nothing behind. */
  #note(digest: Digest): void {
    const { action, tags, clock } = this.#context;
    if (action !== "check") tags.note(this.#source, this.#target, digest, clock.now());
  }
}
