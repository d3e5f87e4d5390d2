import { Failure } from "../base/failure.ts";
import { orAborted } from "../base/together.ts";

/** Waiting for this manifest would never end: it waits, through others, for the one that asks. */
export class Loop extends Failure {
  readonly code = "LOOP";
  /** The manifest that was asked for, and that waits for whoever asked. */
  readonly asked: Step;

  constructor(what: string, asked: Step) {
    super(`${what} refers to itself through its own content`);
    this.asked = asked;
  }
}

/** A manifest whose copy has begun in this image, and what it is waiting for. */
export class Step {
  readonly #waitsFor = new Set<Step>();
  ended = false;
  /** How many manifests led here from the image itself. */
  readonly depth: number;

  constructor(depth: number) {
    this.depth = depth;
  }

  /** Whether this step cannot end before the other one does. */
  waitsOn(other: Step): boolean {
    const seen = new Set<Step>();
    const open: Step[] = [this];
    for (let step = open.pop(); step !== undefined; step = open.pop()) {
      if (step === other) return true;
      if (seen.has(step)) continue;
      seen.add(step);
      open.push(...step.#waitsFor);
    }
    return false;
  }

  /** Waits for another step's work, and is known to wait while it does. */
  async waitFor(other: Step, work: Promise<void>, signal: AbortSignal): Promise<void> {
    this.#waitsFor.add(other);
    try {
      await orAborted(work, signal);
    } finally {
      this.#waitsFor.delete(other);
    }
  }
}

/**
 * Every manifest of one image's copy, done once: whoever needs one that has begun waits for it, unless that would
 * close a circle of waiting. A failed one is forgotten, so that it can be tried again. Spec: regsync.md §6.2 (1), §6.5.
 *
 * The work of a step belongs to the image, not to whoever asked first: it must stop with the image's signal alone.
 */
export class InProgress {
  readonly #steps = new Map<string, { readonly step: Step; readonly work: Promise<void> }>();
  readonly #running = new Set<Promise<void>>();

  /** Throws `LOOP`, or what the work threw. `parent` is `undefined` for the image itself. */
  async once(
    key: string,
    parent: Step | undefined,
    work: (step: Step) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const { step, work: begun } = this.#steps.get(key) ?? this.#begin(key, parent, work);
    if (step.ended) return;
    if (parent === undefined) {
      await begun;
      return;
    }
    if (step.waitsOn(parent)) throw new Loop(key, step);
    try {
      await parent.waitFor(step, begun, signal);
    } catch (failure) {
      // A circle of others: whoever closed it does that later, and there is nothing in the way any more.
      if (!(failure instanceof Loop) || failure.asked.waitsOn(parent)) throw failure;
      await this.once(key, parent, work, signal);
    }
  }

  /** Lets what was done be done again, by whoever needs it next. What is still under way is left alone. */
  forget(key: string): void {
    if (this.#steps.get(key)?.step.ended === true) this.#steps.delete(key);
  }

  /** Resolves when nothing is at work any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  #begin(
    key: string,
    parent: Step | undefined,
    work: (step: Step) => Promise<void>,
  ): { readonly step: Step; readonly work: Promise<void> } {
    const step = new Step((parent?.depth ?? -1) + 1);
    const carriedOut = this.#carryOut(key, step, work);
    const begun = { step, work: carriedOut };
    this.#steps.set(key, begun);
    this.#running.add(carriedOut);
    const forget = (): void => {
      this.#running.delete(carriedOut);
    };
    carriedOut.then(forget, forget);
    return begun;
  }

  async #carryOut(key: string, step: Step, work: (step: Step) => Promise<void>): Promise<void> {
    // The entry is in the map before the work can look for it.
    await Promise.resolve();
    try {
      await work(step);
      step.ended = true;
    } catch (failure) {
      this.#steps.delete(key);
      throw failure;
    }
  }
}
