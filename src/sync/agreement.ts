import type { Digest } from "../oci/digest.ts";
import { formatPlatform } from "../oci/platform.ts";
import { commonName } from "../oci/reference.ts";
import type { SyncContext } from "./context.ts";
import type { ImageJob } from "./image.ts";
import { looksBeyondDigest } from "./looks-beyond-digest.ts";
import type { Outcome } from "./outcome.ts";
import type { AgreedTag } from "./tag-memory.ts";

/** What earlier passes learned of a tag that never changes, and what this one adds to it. */
export class Agreement {
  readonly #context: SyncContext;
  /** What was chosen of the source belongs to it: another platform is another agreement. */
  readonly #source: string;
  readonly #target: string;
  readonly #applies: boolean;
  readonly #before: AgreedTag | undefined;
  readonly #lastsMs: number;

  constructor({ entry, source, target, immutable }: ImageJob, context: SyncContext) {
    const platform = entry.platform === undefined ? "" : ` ${formatPlatform(entry.platform)}`;
    this.#context = context;
    this.#source = `${commonName(source)}${platform}`;
    this.#target = commonName(target);
    this.#applies = immutable && !looksBeyondDigest(entry);
    this.#before = this.#applies ? context.tags.find(this.#source, this.#target) : undefined;
    this.#lastsMs = entry.verifyIntervalMs;
  }

  /** What both sides have, known well enough not to ask either; `undefined` when they are to be asked. */
  get digest(): Digest | undefined {
    if (this.#before === undefined || this.#context.full) return undefined;
    const ageMs = this.#context.clock.now() - this.#before.verifiedMs;
    // A clock that was put back says nothing about how old it is.
    return ageMs >= 0 && ageMs < this.#lastsMs ? this.#before.digest : undefined;
  }

  /** Notes what came of asking. A pass that only looks leaves nothing behind. */
  learn(outcome: Outcome): void {
    if (!this.#applies || this.#context.action === "check") return;
    if (outcome.kind !== "unchanged" && outcome.kind !== "copied") return;
    const { tags, log, clock } = this.#context;
    if (this.#before !== undefined && this.#before.digest !== outcome.digest) {
      const facts = { digest: outcome.digest, replaces: this.#before.digest };
      log.warn("A tag that is called immutable has changed", { source: this.#source, target: this.#target, ...facts });
    }
    tags.note(this.#source, this.#target, outcome.digest, clock.now());
  }
}
